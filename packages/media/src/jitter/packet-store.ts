/** Longest payload that is kept: what fits an Ethernet frame. */
export const payloadBytesMax = 1_500;
/** Packets that are kept at most; 640 ms of the shortest ones. A power of two. */
export const packetsMax = 64;
const mask = packetsMax - 1;
const slotBytesStep = 32;

/**
 * The packets of a jitter buffer, one place per sequence number modulo 64. Payloads lie in one block whose places grow to
 * the longest payload seen (160 bytes for 20 ms of G.711), so that a stream takes the memory it needs and no more.
 */
export class PacketStore {
  bytes = new Uint8Array(0);
  #slotBytes = 0;
  readonly #sequence = new Int32Array(packetsMax).fill(-1);
  readonly #present = new Uint8Array(packetsMax);
  readonly #timestamp = new Uint32Array(packetsMax);
  readonly #duration = new Uint16Array(packetsMax);
  readonly #soundless = new Uint8Array(packetsMax);
  readonly #pausesAfter = new Uint8Array(packetsMax);
  readonly #length = new Uint16Array(packetsMax);
  /** Instant at which the packet would have come without any delay on the way. */
  readonly #idealMs = new Float64Array(packetsMax);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#sequence.fill(-1);
    this.#present.fill(0);
    this.#count = 0;
  }

  has(sequence: number): boolean {
    return this.#present[sequence & mask] === 1;
  }

  /** True when this very packet is or was here lately. */
  knows(sequence: number): boolean {
    return this.#sequence[sequence & mask] === sequence;
  }

  /** Notes that a packet without sound has come; its place must be free. */
  addSoundless(sequence: number): void {
    const slot = sequence & mask;
    this.#sequence[slot] = sequence;
    this.#soundless[slot] = 1;
    this.#present[slot] = 1;
    this.#count++;
  }

  isSoundless(sequence: number): boolean {
    return this.#soundless[sequence & mask] === 1;
  }

  /** Copies a payload in; its place must be free. */
  add(
    sequence: number,
    timestamp: number,
    duration: number,
    idealMs: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    pausesAfter: boolean,
  ): void {
    const slot = sequence & mask;
    const length = end - start;
    if (length > this.#slotBytes) this.#grow(length);
    const at = slot * this.#slotBytes;
    for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[start + i] as number;
    this.#sequence[slot] = sequence;
    this.#timestamp[slot] = timestamp;
    this.#duration[slot] = duration;
    this.#length[slot] = length;
    this.#idealMs[slot] = idealMs;
    this.#soundless[slot] = 0;
    this.#pausesAfter[slot] = pausesAfter ? 1 : 0;
    this.#present[slot] = 1;
    this.#count++;
  }

  /** Frees the place; the payload stays readable until the next `add`. */
  remove(sequence: number): void {
    this.#present[sequence & mask] = 0;
    this.#count--;
  }

  /** Packets missing before the first one present, counted from `next`. There must be one. */
  missingFrom(next: number): number {
    let missing = 0;
    while (!this.has(next + missing)) missing++;
    return missing;
  }

  timestamp(sequence: number): number {
    return this.#timestamp[sequence & mask] as number;
  }

  duration(sequence: number): number {
    return this.#duration[sequence & mask] as number;
  }

  idealMs(sequence: number): number {
    return this.#idealMs[sequence & mask] as number;
  }

  pausesAfter(sequence: number): boolean {
    return this.#pausesAfter[sequence & mask] === 1;
  }

  start(sequence: number): number {
    return (sequence & mask) * this.#slotBytes;
  }

  end(sequence: number): number {
    return this.start(sequence) + (this.#length[sequence & mask] as number);
  }

  #grow(length: number): void {
    const slotBytes = Math.min(
      payloadBytesMax,
      Math.max(slotBytesStep, Math.ceil(length / slotBytesStep) * slotBytesStep),
    );
    const bytes = new Uint8Array(slotBytes * packetsMax);
    for (let slot = 0; slot < packetsMax; slot++) {
      const at = slot * this.#slotBytes;
      bytes.set(this.bytes.subarray(at, at + this.#slotBytes), slot * slotBytes);
    }
    this.bytes = bytes;
    this.#slotBytes = slotBytes;
  }
}
