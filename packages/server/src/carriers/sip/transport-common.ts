import { setTimeout } from 'node:timers/promises';
import type { Flow } from '@crosspoint/sip';

/** What a transport hands up: bytes of a known flow, and the end of a flow. */
export interface TransportEvents {
  received(bytes: Uint8Array, flow: Flow): void;
  closed(flow: Flow, reason: string): void;
  fault(what: string, detail: string): void;
}

/** What whoever serves the messages of all transports hears. */
export interface ServedEvents extends TransportEvents {
  /** That datagram has come and will have to wait: whoever sent it may be told so. */
  waits(bytes: Uint8Array, flow: Flow): void;
}

/** The same where it may have to wait. */
export interface PacedTransportEvents extends Omit<TransportEvents, 'received'> {
  /** Undefined when it is taken; otherwise resolves when it is, and a connection is not read until then. */
  received(bytes: Uint8Array, flow: Flow): Promise<void> | undefined;
}

/** One way of carrying SIP. Whatever fails is told by `closed` or `fault`, never thrown. */
export interface Transport {
  /** Sends on the connection of the flow; a flow without a connection gets one, where the protocol can open it. */
  send(bytes: Uint8Array, flow: Flow): void;
  /** Ends the connection after what was written; a datagram flow has none. */
  closeFlow(flow: Flow): void;
  close(): Promise<void>;
}

/** Who is heard and answered: asked for each datagram, chunk and connection before anything else is done with it. */
export interface TransportScreen {
  /** Whether a datagram goes to the stack. */
  datagram(bytes: Uint8Array, address: string): boolean;
  /** `close` ends the connection; a number is for how many milliseconds nothing more is read from it. */
  chunk(bytes: Uint8Array, address: string): 'close' | number;
  /** Why one more connection from there is not taken, `count` being up already; undefined takes it. */
  connection(address: string, count: number): string | undefined;
  /** Whether somebody there is known, by a registration, as a trunk or by a rule. */
  isTrusted(address: string): boolean;
  /** Whether a datagram of ours goes out. */
  mayAnswer(bytes: Uint8Array, address: string): boolean;
}

/** What may wait in one connection for a peer that does not read. */
export const unsentBytesMax = 256 << 10;
/** A peer that sends too fast is not read for so long at most, so that it finds its connection alive. */
const pauseMaxMs = 5_000;
/** A new connection that says nothing for this long has no business here. */
export const firstByteTimeoutMs = 30_000;
/** How long a peer may take to close in turn. */
export const closeTimeoutMs = 5_000;

/**
 * Reads nothing from a connection until what it has sent is taken, nor for `pauseMs`. On a connection that is over by then it does
 * nothing.
 */
export async function slowDown(
  connection: { pause(): void; resume(): void },
  taken: Promise<void> | undefined,
  pauseMs: number,
): Promise<void> {
  if (taken === undefined && pauseMs === 0) return;
  connection.pause();
  const pause =
    pauseMs === 0 ? undefined : setTimeout(Math.min(pauseMs, pauseMaxMs), undefined, { ref: false });
  await taken;
  await pause;
  connection.resume();
}

/** Counts connections of every stream transport, so that neither all together nor one address take too many. */
export class ConnectionBudget {
  readonly #max: number;
  readonly #perAddressMax: number;
  readonly #screen: TransportScreen | undefined;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(max: number, perAddressMax: number, screen?: TransportScreen) {
    this.#max = max;
    this.#perAddressMax = perAddressMax;
    this.#screen = screen;
  }

  get count(): number {
    return this.#count;
  }

  /** Undefined when the connection may live, to be given back by `release`; otherwise why not. */
  refusal(address: string): string | undefined {
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#count >= this.#max) return `there are ${this.#max} connections already`;
    if (ofAddress >= this.#perAddressMax) return `${address} has ${this.#perAddressMax} connections already`;
    this.#count++;
    this.#byAddress.set(address, ofAddress + 1);
    return undefined;
  }

  /** The same for a connection that somebody else has opened; `isToldOf` when the refusal needs no line of its own. */
  refusalOfPeer(address: string): { reason: string; isToldOf: boolean } | undefined {
    const screened = this.#screen?.connection(address, this.#byAddress.get(address) ?? 0);
    if (screened !== undefined) return { reason: screened, isToldOf: true };
    const reason = this.refusal(address);
    return reason === undefined ? undefined : { reason, isToldOf: false };
  }

  release(address: string): void {
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    this.#count--;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
