/**
 * Packet index estimation and the replay list of one stream (RFC 3711 §3.3.1, §3.3.2). A bit per packet in a ring;
 * an index is a 48-bit number (rollover counter · 65,536 + sequence number), exact in a double.
 */

/** Highest index of an RTP stream: a key must be replaced before (RFC 3711 §9.2). */
export const rtpIndexMax = 2 ** 48 - 1;

export class ReplayWindow {
  /** −1 before the first packet. */
  highest = -1;
  readonly #seen: Uint32Array;
  readonly #packets: number;

  /** @param packets length of the window, 64–1,024, a multiple of 32 (RFC 3711 §3.3.2: at least 64) */
  constructor(packets: number) {
    this.#packets = packets;
    this.#seen = new Uint32Array(packets / 32);
  }

  /** The index that a sequence number most likely has (RFC 3711 §3.3.1, Appendix A); below 0 for one from before the first. */
  estimate(sequence: number): number {
    if (this.highest < 0) return sequence;
    const last = this.highest % 0x1_0000;
    const step = sequence - last;
    const base = this.highest - last + sequence;
    if (last < 0x8000) return step > 0x8000 ? base - 0x1_0000 : base;
    return last - 0x8000 > sequence ? base + 0x1_0000 : base;
  }

  /** True when the index is new and not older than the window. */
  accepts(index: number): boolean {
    if (index > this.highest) return true;
    if (index < 0 || this.highest - index >= this.#packets) return false;
    const place = index % this.#packets;
    return ((this.#seen[place >>> 5] as number) & (1 << (place & 31))) === 0;
  }

  /** Notes an accepted packet; only after it was authenticated. */
  add(index: number): void {
    const packets = this.#packets;
    if (index > this.highest) {
      if (index - this.highest >= packets) this.#seen.fill(0);
      else for (let i = this.highest + 1; i < index; i++) this.#clear(i % packets);
      this.highest = index;
    }
    const place = index % packets;
    this.#seen[place >>> 5]! |= 1 << (place & 31);
  }

  #clear(place: number): void {
    this.#seen[place >>> 5]! &= ~(1 << (place & 31));
  }
}
