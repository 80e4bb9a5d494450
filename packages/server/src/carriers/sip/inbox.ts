import { continuesSomething, type Flow, isMessageOriented } from '@crosspoint/sip';
import { FairQueue } from './fair-queue.ts';
import type { TransportEvents } from './transport-common.ts';

interface Arrival {
  readonly flow: Flow;
  /** Undefined for the end of the flow. */
  readonly bytes: Uint8Array | undefined;
  readonly reason: string;
  readonly atMs: number;
  readonly taken: (() => void) | undefined;
  /** It goes on with something that has begun. */
  readonly isBegun: boolean;
}

export interface InboxOptions {
  events: Pick<TransportEvents, 'received' | 'closed'>;
  /** Milliseconds that never run backwards. */
  now: () => number;
  /** Whether somebody at that address is known, by a registration, as a trunk or by a rule. */
  isTrusted: (address: string) => boolean;
  /** A datagram will have to wait: whoever sent it may be told that it has come. */
  waits: (bytes: Uint8Array, flow: Flow) => void;
}

/** So long messages are worked on before the sockets are looked at again, where more may have come. */
const turnMs = 1;
/** Of a connection so many bytes are read in its turn, which is a few messages. */
const sliceBytes = 2_048;
/** Datagrams, and bytes of them, that wait at most; beyond, whoever has most of them loses an old one. */
const datagramsMax = 8_192;
const datagramBytesMax = 16 << 20;
/**
 * A caller who hears 100 repeats nothing and waits for half a minute; a person who hears nothing at all hangs up after some seconds.
 * What a burst leaves behind, or a process that has just started, is served late instead of refused, and only the excess is refused.
 */
const overloadedMs = 4_000;
const relievedMs = 3_000;
/** Behind so many messages one more waits long enough to be told so. */
const noticeableMessages = 16;

/**
 * Where messages wait for the processor. The kernel has one queue for everybody, in which a call waits behind the flood of
 * somebody else: so sockets are read as fast as they fill, and whoever has sent something waits only for one message of each of
 * the others. Without a flood nothing waits here.
 */
export class Inbox {
  readonly #options: InboxOptions;
  readonly #trusted = new FairQueue<Arrival>();
  readonly #strangers = new FairQueue<Arrival>();
  /** Sources whose messages are worked on too late. */
  readonly #late = new Set<string>();
  #datagrams = 0;
  #datagramBytes = 0;
  /** The source that had the most datagrams when it was looked at last. */
  #longest = '';
  #turns = 0;
  #turnEndsAtMs = 0;
  #immediate: NodeJS.Immediate | undefined;
  #isOverloaded = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /**
   * Whether the sender of the message that is worked on sends more than can be served: late service is worth nothing to a caller
   * and costs as much as good service, so that new calls have to be refused before all of them are late (RFC 6357 §3).
   */
  get isOverloaded(): boolean {
    return this.#isOverloaded;
  }

  /** Works on it at once, or lets it wait; resolves when all of it is taken, undefined when it is already. */
  received(bytes: Uint8Array, flow: Flow): Promise<void> | undefined {
    const atMs = this.#options.now();
    this.#beginTurn(atMs);
    if (this.#waiting === 0 && atMs < this.#turnEndsAtMs && bytes.length <= sliceBytes) {
      this.#options.events.received(bytes, flow);
      return undefined;
    }
    if (flow.protocol === 'udp') {
      if (!this.#hasRoom(bytes.length)) return undefined;
      const isBegun = continuesSomething(bytes);
      const waitsLong = !isBegun && this.#aheadOf(sourceOf(flow)) >= noticeableMessages;
      this.#push({ flow, bytes, reason: '', atMs, taken: undefined, isBegun });
      if (waitsLong) this.#options.waits(bytes, flow);
      return undefined;
    }
    // Connections are slowed down instead of losing anything, so that each has one chunk here.
    const { promise, resolve } = Promise.withResolvers<void>();
    const sliceMax = isMessageOriented(flow.protocol) ? bytes.length : sliceBytes;
    for (let start = 0; start < bytes.length; start += sliceMax) {
      const slice = bytes.subarray(start, start + sliceMax);
      const taken = start + sliceMax >= bytes.length ? resolve : undefined;
      this.#push({ flow, bytes: slice, reason: '', atMs, taken, isBegun: false });
    }
    return promise;
  }

  /** The end of a flow comes after what was received on it. */
  closed(flow: Flow, reason: string): void {
    if (this.#holding(flow) === undefined) this.#options.events.closed(flow, reason);
    else {
      const atMs = this.#options.now();
      this.#push({ flow, bytes: undefined, reason, atMs, taken: undefined, isBegun: false });
    }
  }

  close(): void {
    clearImmediate(this.#immediate);
  }

  get #waiting(): number {
    return this.#trusted.size + this.#strangers.size;
  }

  #push(arrival: Arrival): void {
    const { flow, bytes, isBegun } = arrival;
    const source = sourceOf(flow);
    const isTrusted = () => this.#options.isTrusted(flow.remoteAddress);
    const queue = this.#holding(flow) ?? (isTrusted() ? this.#trusted : this.#strangers);
    queue.push(source, pathOf(flow), arrival, isBegun);
    if (flow.protocol !== 'udp') return;
    this.#datagrams++;
    this.#datagramBytes += bytes?.length ?? 0;
    if (this.#sizeOf(source) > this.#sizeOf(this.#longest)) this.#longest = source;
  }

  /** The queue in which something of that flow waits: what comes next must not overtake it. */
  #holding(flow: Flow): FairQueue<Arrival> | undefined {
    const source = sourceOf(flow);
    return [this.#strangers, this.#trusted].find((queue) => queue.has(source, pathOf(flow)));
  }

  #sizeOf(source: string): number {
    return this.#trusted.sizeOf(source) + this.#strangers.sizeOf(source);
  }

  /** How many messages about are served before one more of that source: with each of its own, one of every other source. */
  #aheadOf(source: string): number {
    return Math.max(1, this.#sizeOf(source)) * (this.#trusted.sourceCount + this.#strangers.sourceCount);
  }

  #hasRoom(bytes: number): boolean {
    while (this.#datagrams >= datagramsMax || this.#datagramBytes + bytes > datagramBytesMax) {
      const dropped = this.#strangers.shiftOf(this.#longest) ?? this.#trusted.shiftOf(this.#longest);
      if (dropped === undefined) return false;
      this.#gone(dropped);
    }
    return true;
  }

  #gone({ flow, bytes }: Arrival): void {
    if (flow.protocol !== 'udp') return;
    this.#datagrams--;
    this.#datagramBytes -= bytes?.length ?? 0;
  }

  #beginTurn(nowMs: number): void {
    if (this.#immediate !== undefined) return;
    this.#turnEndsAtMs = nowMs + turnMs;
    this.#immediate = setImmediate(() => this.#serve());
  }

  #serve(): void {
    this.#immediate = undefined;
    let nowMs = this.#options.now();
    for (const endsAtMs = nowMs + turnMs; this.#waiting > 0 && nowMs < endsAtMs; nowMs = this.#options.now())
      this.#serveNext(nowMs);
    this.#isOverloaded = false;
    if (this.#waiting > 0) this.#beginTurn(nowMs);
  }

  #serveNext(nowMs: number): void {
    // Three of four turns, so that nobody unknown can keep the telephones waiting, nor they him for ever.
    const areTrusted = this.#strangers.size === 0 || (this.#trusted.size > 0 && this.#turns++ % 4 !== 0);
    const queue = areTrusted ? this.#trusted : this.#strangers;
    const arrival = queue.shift();
    if (arrival === undefined) return;
    const { flow, bytes, reason, atMs, taken, isBegun } = arrival;
    this.#gone(arrival);
    // What goes on with something is never refused, and says nothing of how long new calls wait.
    this.#isOverloaded = !isBegun && this.#isLate(sourceOf(flow), nowMs - atMs);
    taken?.();
    if (bytes === undefined) this.#options.events.closed(flow, reason);
    else this.#options.events.received(bytes, flow);
  }

  /** From four seconds of delay until it is under three. */
  #isLate(source: string, waitedMs: number): boolean {
    if (waitedMs >= overloadedMs) this.#late.add(source);
    const isLate = this.#late.has(source);
    if (waitedMs <= relievedMs || this.#sizeOf(source) === 0) this.#late.delete(source);
    return isLate;
  }
}

/** Datagrams apart from connections, because of them alone something can be dropped. */
function sourceOf({ protocol, remoteAddress }: Flow): string {
  return protocol === 'udp' ? remoteAddress : `${remoteAddress} connected`;
}

function pathOf({ protocol, remotePort, connectionId }: Flow): string {
  return `${protocol} ${connectionId ?? remotePort}`;
}
