import type { Socket } from 'node:net';

/** Splits a byte stream into lines of UTF-8, each at most `bytesMax` long. Used by both ends of the protocol. */
export class LineReader {
  #bytesMax: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Calls `onLine` for every complete line; returns a problem when a line is too long, else undefined. */
  push(chunk: Buffer, onLine: (line: string) => void): string | undefined {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      if (end < 0) break;
      const tail = chunk.subarray(start, end);
      start = end + 1;
      if (this.#keptBytes === 0) {
        onLine(tail.toString('utf8'));
      } else {
        this.#kept.push(tail);
        const line = Buffer.concat(this.#kept).toString('utf8');
        this.#kept = [];
        this.#keptBytes = 0;
        onLine(line);
      }
    }
    if (start < chunk.length) {
      const rest = chunk.subarray(start);
      this.#kept.push(rest);
      this.#keptBytes += rest.length;
      if (this.#keptBytes > this.#bytesMax) return `a line is longer than ${this.#bytesMax} bytes`;
    }
    return undefined;
  }
}

/**
 * Writes lines to a socket, all lines of one turn of the event loop in one system call: a wake-up of the other process
 * costs more than everything that is in the line. Lines that have patience wait longer for others, for so many milliseconds at
 * most; the order is always kept.
 */
export class LineWriter {
  readonly #socket: Socket;
  #waiting = '';
  #soon: NodeJS.Immediate | undefined;
  #later: NodeJS.Timeout | undefined;
  #laterAtMs = Number.POSITIVE_INFINITY;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  write(line: string, patienceMs = 0): void {
    this.#waiting += `${line}\n`;
    if (patienceMs === 0) this.#soon ??= setImmediate(() => this.flush());
    else if (this.#soon === undefined) this.#waitFor(patienceMs);
  }

  /** Hands over at once what is waiting; before the socket is ended. */
  flush(): void {
    clearImmediate(this.#soon);
    clearTimeout(this.#later);
    this.#soon = undefined;
    this.#later = undefined;
    this.#laterAtMs = Number.POSITIVE_INFINITY;
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    if (!this.#socket.destroyed) this.#socket.write(text);
  }

  /** Characters that the other side has not taken yet. */
  get waitingLength(): number {
    return this.#waiting.length + this.#socket.writableLength;
  }

  #waitFor(patienceMs: number): void {
    const atMs = performance.now() + patienceMs;
    if (atMs >= this.#laterAtMs) return;
    clearTimeout(this.#later);
    this.#laterAtMs = atMs;
    this.#later = setTimeout(() => this.flush(), patienceMs);
  }
}
