import { decodeUtf8, readDigits } from '../message/index.ts';

const LF = 10;
const CR = 13;

/** What was found in a stream, in order. `message` is a private copy that may be kept. */
export type StreamFrame =
  | { type: 'message'; bytes: Uint8Array }
  /** CRLF CRLF: answer with CRLF (RFC 5626 §4.4.1). */
  | { type: 'ping' }
  | { type: 'pong' }
  /** The stream cannot be followed any further: answer what the head asks, if there is one, and close. */
  | { type: 'broken'; reason: BrokenReason; head?: Uint8Array };

export type BrokenReason =
  | 'head-too-long'
  | 'message-too-long'
  | 'bad-content-length'
  | 'missing-content-length';

/**
 * Cuts the bytes of a stream connection into messages by Content-Length (RFC 3261 §18.3) and recognizes the
 * keep-alives of RFC 5626 between them. Holds at most one message and never more than `messageBytesMax` bytes.
 */
export class StreamFramer {
  private readonly messageBytesMax: number;
  private pending = new Uint8Array(0);
  private length = 0;
  /** Where the search for the end of the headers goes on, so that dripping bytes cost no repeated scans. */
  private scanned = 0;
  /** Length of head and body once the head is known, else 0. */
  private wanted = 0;
  private broken = false;

  constructor(messageBytesMax: number) {
    this.messageBytesMax = messageBytesMax;
  }

  /** Whether a message has begun and is not complete; the first half of a keep-alive is none. */
  get isPartial(): boolean {
    return this.length > 0 && this.pending[0] !== CR;
  }

  /** Takes a chunk; nothing of it is referenced afterwards. */
  push(chunk: Uint8Array): StreamFrame[] {
    const frames: StreamFrame[] = [];
    let offset = 0;
    while (!this.broken && offset < chunk.length) {
      // A started message takes at most what fits below the limit; the rest waits until it has been cut off.
      const room = this.messageBytesMax + 4 - this.length;
      const part = chunk.subarray(offset, offset + room);
      this.append(part);
      offset += part.length;
      this.cut(frames);
    }
    return frames;
  }

  private append(chunk: Uint8Array): void {
    const needed = this.length + chunk.length;
    if (needed > this.pending.length) {
      const grown = new Uint8Array(
        Math.max(needed, Math.min(2 * this.pending.length, this.messageBytesMax + 4)),
      );
      grown.set(this.pending.subarray(0, this.length));
      this.pending = grown;
    }
    this.pending.set(chunk, this.length);
    this.length = needed;
  }

  private cut(frames: StreamFrame[]): void {
    for (;;) {
      if (this.wanted === 0) {
        this.takeKeepAlives(frames);
        if (this.length === 0) break;
        const headEnd = this.findHeadEnd();
        if (headEnd < 0) {
          if (this.length > this.messageBytesMax) this.giveUp('head-too-long', frames);
          return;
        }
        const bodyLength = contentLength(this.pending.subarray(0, headEnd));
        if (typeof bodyLength === 'string') return this.giveUp(bodyLength, frames, headEnd);
        this.wanted = headEnd + bodyLength;
        if (this.wanted > this.messageBytesMax) return this.giveUp('message-too-long', frames, headEnd);
      }
      if (this.length < this.wanted) return;
      frames.push({ type: 'message', bytes: this.pending.slice(0, this.wanted) });
      this.drop(this.wanted);
      this.wanted = 0;
    }
    // An idle connection keeps no buffer.
    this.pending = new Uint8Array(0);
  }

  private takeKeepAlives(frames: StreamFrame[]): void {
    let used = 0;
    while (used < this.length) {
      const byte = this.pending[used];
      if (byte === LF) {
        used++;
        continue;
      }
      if (byte !== CR) break;
      const left = this.length - used;
      if (left === 1) break;
      if (this.pending[used + 1] !== LF) {
        used++;
        continue;
      }
      const isPing = left >= 4 && this.pending[used + 2] === CR && this.pending[used + 3] === LF;
      // One CRLF may be the first half of a ping that is still on its way: wait for what follows.
      if (!isPing && (left === 2 || (left === 3 && this.pending[used + 2] === CR))) break;
      frames.push({ type: isPing ? 'ping' : 'pong' });
      used += isPing ? 4 : 2;
    }
    this.drop(used);
  }

  private findHeadEnd(): number {
    let lf = this.pending.indexOf(LF, this.scanned);
    while (lf >= 0 && lf < this.length) {
      if (lf + 1 < this.length && this.pending[lf + 1] === LF) return lf + 2;
      if (lf + 2 < this.length && this.pending[lf + 1] === CR && this.pending[lf + 2] === LF) return lf + 3;
      if (lf + 2 >= this.length) break;
      lf = this.pending.indexOf(LF, lf + 1);
    }
    this.scanned = Math.max(0, this.length - 3);
    return -1;
  }

  private drop(count: number): void {
    if (count === 0) return;
    this.pending.copyWithin(0, count, this.length);
    this.length -= count;
    this.scanned = 0;
  }

  private giveUp(reason: BrokenReason, frames: StreamFrame[], headEnd = 0): void {
    frames.push({ type: 'broken', reason, ...(headEnd > 0 ? { head: this.pending.slice(0, headEnd) } : {}) });
    this.broken = true;
    this.pending = new Uint8Array(0);
    this.length = 0;
  }
}

/** The Content-Length of a head; streams must have one (RFC 3261 §20.14). */
function contentLength(head: Uint8Array): number | 'bad-content-length' | 'missing-content-length' {
  const text = decodeUtf8(head);
  let found = -1;
  let position = text.indexOf('\n') + 1;
  while (position > 0 && position < text.length) {
    let lineEnd = text.indexOf('\n', position);
    if (lineEnd < 0) lineEnd = text.length;
    const first = text.charCodeAt(position) | 32;
    // Only lines that begin with c or l can be it.
    if (first === 99 || first === 108) {
      const colon = text.indexOf(':', position);
      if (colon >= 0 && colon < lineEnd) {
        const name = text.slice(position, colon).trim().toLowerCase();
        if (name === 'content-length' || name === 'l') {
          const length = readDigits(text.slice(colon + 1, lineEnd).trim());
          if (length < 0 || (found >= 0 && found !== length)) return 'bad-content-length';
          found = length;
        }
      }
    }
    position = lineEnd + 1;
  }
  return found < 0 ? 'missing-content-length' : found;
}
