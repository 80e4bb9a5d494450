import type { Flow } from '@crosspoint/sip';

/** What a transport hands up: bytes of a known flow, and the end of a flow. */
export interface TransportEvents {
  received(bytes: Uint8Array, flow: Flow): void;
  closed(flow: Flow, reason: string): void;
  fault(what: string, detail: string): void;
}

/** One way of carrying SIP. Whatever fails is told by `closed` or `fault`, never thrown. */
export interface Transport {
  /** Sends on the connection of the flow; a flow without a connection gets one, where the protocol can open it. */
  send(bytes: Uint8Array, flow: Flow): void;
  /** Ends the connection after what was written; a datagram flow has none. */
  closeFlow(flow: Flow): void;
  close(): Promise<void>;
}

/** What may wait in one connection for a peer that does not read. */
export const unsentBytesMax = 1 << 20;
/** A new connection that says nothing for this long has no business here. */
export const firstByteTimeoutMs = 30_000;
/** How long a peer may take to close in turn. */
export const closeTimeoutMs = 5_000;

/** IPv4 as such: a socket for both families writes it as `::ffff:192.0.2.1` (RFC 4291 §2.5.5.2). */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** Counts connections of every stream transport, so that neither all together nor one address take too many. */
export class ConnectionBudget {
  readonly #max: number;
  readonly #perAddressMax: number;
  readonly #byAddress = new Map<string, number>();
  #count = 0;

  constructor(max: number, perAddressMax: number) {
    this.#max = max;
    this.#perAddressMax = perAddressMax;
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

  release(address: string): void {
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    this.#count--;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
  }
}
