/**
 * Source lock-in: from which address and port a leg's RTP is accepted, and where its own sound is sent
 * (symmetric RTP, RFC 4961). The rules are in SPEC.md, LOCK-01 … LOCK-08. They trust, in this order, the address
 * that the signalling announced, then whoever came first from there or from where the signalling comes; another source takes over only after silence.
 */

/** What to do with a packet. */
export const LockVerdict = {
  /** From the locked source. */
  accept: 0,
  /** The source is locked (or locked anew) and the packet is to be used. */
  locked: 1,
  /** From somewhere else: not to be used. */
  refuse: 2,
} as const;
export type LockVerdict = (typeof LockVerdict)[keyof typeof LockVerdict];

/** Silence after which the same stream may come from another address (a NAT gave it a new port). */
export const rebindSilenceMs = 500;
/** Silence after which a new stream from the same address may take over. */
export const takeOverSilenceMs = 3_000;
/** Packets in sequence that a new stream must show before it takes over. */
export const takeOverPackets = 5;
/** A source other than the announced one is settled when it has kept the lock for so long. */
export const settleMs = 3_000;
/** A settled source is let go before the silence that lets others in, with time for a slow caller. */
const settledSilenceMs = rebindSilenceMs - 150;
/** Sequence numbers that a rebound stream may have advanced beyond real time's share. */
const rebindSequenceMax = 3_000;

/** Everything the rules look at in one packet; the caller reuses one object. */
export interface LockPacket {
  /** Names an address; an IPv4 address is its own number. Equal numbers are equal addresses. */
  address: number;
  port: number;
  ssrc: number;
  sequence: number;
  nowMs: number;
}

/** Lock-in of many legs, one per index, in typed arrays. */
export class SourceLockTable {
  readonly lockedAddress: Uint32Array;
  readonly lockedPort: Uint16Array;
  readonly #expectedAddress: Uint32Array;
  readonly #expectedPort: Uint16Array;
  /** Where else the first packet may come from; 0: from anywhere. */
  readonly #alternative: Uint32Array;
  readonly #ssrc: Uint32Array;
  readonly #sequence: Uint16Array;
  readonly #heardAtMs: Float64Array;
  readonly #lockedAtMs: Float64Array;
  readonly #candidateAddress: Uint32Array;
  readonly #candidatePort: Uint16Array;
  readonly #candidateSsrc: Uint32Array;
  readonly #candidateSequence: Uint16Array;
  readonly #candidatePackets: Uint8Array;

  /** @param capacity number of legs, at least 1 */
  constructor(capacity: number) {
    this.lockedAddress = new Uint32Array(capacity);
    this.lockedPort = new Uint16Array(capacity);
    this.#expectedAddress = new Uint32Array(capacity);
    this.#expectedPort = new Uint16Array(capacity);
    this.#alternative = new Uint32Array(capacity);
    this.#ssrc = new Uint32Array(capacity);
    this.#sequence = new Uint16Array(capacity);
    this.#heardAtMs = new Float64Array(capacity);
    this.#lockedAtMs = new Float64Array(capacity);
    this.#candidateAddress = new Uint32Array(capacity);
    this.#candidatePort = new Uint16Array(capacity);
    this.#candidateSsrc = new Uint32Array(capacity);
    this.#candidateSequence = new Uint16Array(capacity);
    this.#candidatePackets = new Uint8Array(capacity);
  }

  /** Forgets a leg: nothing is accepted until `expect`. */
  clear(index: number): void {
    this.#expectedPort[index] = 0;
    this.#expectedAddress[index] = 0;
    this.#alternative[index] = 0;
    this.#unlock(index);
  }

  /**
   * The signalling named an address. The same one again (a session refresh) changes nothing; another one opens
   * the lock (LOCK-01, LOCK-07). Returns true when the lock was opened.
   *
   * @param alternative where sound may come from besides, since behind a NAT the named address is wrong: that of the
   *   signalling; 0 for anywhere (LOCK-02)
   */
  expect(index: number, address: number, port: number, alternative = 0): boolean {
    this.#alternative[index] = alternative;
    if (this.#expectedAddress[index] === address && this.#expectedPort[index] === port) return false;
    this.#expectedAddress[index] = address;
    this.#expectedPort[index] = port;
    this.#unlock(index);
    return true;
  }

  /** Every address that the rules of a leg refer to; 0 where there is none. */
  addressesOf(index: number): [announced: number, alternative: number, locked: number, candidate: number] {
    return [
      this.#expectedAddress[index] as number,
      this.#alternative[index] as number,
      this.lockedAddress[index] as number,
      this.#candidateAddress[index] as number,
    ];
  }

  isLocked(index: number): boolean {
    return this.lockedPort[index] !== 0;
  }

  /**
   * True while nobody else may take the lock, so that the kernel may be told to drop everything from elsewhere
   * (a connected socket). To be asked every 100 ms or so (LOCK-08).
   */
  isSettled(index: number, nowMs: number): boolean {
    if (this.lockedPort[index] === 0 || nowMs - (this.#heardAtMs[index] as number) >= settledSilenceMs)
      return false;
    const isAnnounced =
      this.lockedPort[index] === this.#expectedPort[index] &&
      this.lockedAddress[index] === this.#expectedAddress[index];
    return isAnnounced || nowMs - (this.#lockedAtMs[index] as number) >= settleMs;
  }

  /** Judges one packet that is valid RTP with a negotiated payload type. */
  judge(index: number, packet: LockPacket): LockVerdict {
    if (this.lockedPort[index] === packet.port && this.lockedAddress[index] === packet.address) {
      this.#ssrc[index] = packet.ssrc;
      this.#sequence[index] = packet.sequence;
      this.#heardAtMs[index] = packet.nowMs;
      return LockVerdict.accept;
    }
    if (this.#expectedPort[index] === 0) return LockVerdict.refuse;
    if (this.#mayLock(index, packet)) {
      this.#lock(index, packet);
      return LockVerdict.locked;
    }
    return LockVerdict.refuse;
  }

  #mayLock(index: number, packet: LockPacket): boolean {
    if (this.lockedPort[index] === 0) return this.#mayBeFirst(index, packet.address); // LOCK-02
    if (packet.port === this.#expectedPort[index] && packet.address === this.#expectedAddress[index])
      return true; // LOCK-03
    const silentMs = packet.nowMs - (this.#heardAtMs[index] as number);
    if (silentMs >= rebindSilenceMs && packet.ssrc === this.#ssrc[index]) {
      const step = (packet.sequence - (this.#sequence[index] as number)) & 0xffff;
      if (step > 0 && step < rebindSequenceMax) return true; // LOCK-05
    }
    if (silentMs < takeOverSilenceMs || packet.address !== this.lockedAddress[index]) return false; // LOCK-04
    return this.#countCandidate(index, packet); // LOCK-06
  }

  #mayBeFirst(index: number, address: number): boolean {
    const alternative = this.#alternative[index];
    return alternative === 0 || address === alternative || address === this.#expectedAddress[index];
  }

  #countCandidate(index: number, packet: LockPacket): boolean {
    const isNext =
      this.#candidateAddress[index] === packet.address &&
      this.#candidatePort[index] === packet.port &&
      this.#candidateSsrc[index] === packet.ssrc &&
      (((this.#candidateSequence[index] as number) + 1) & 0xffff) === packet.sequence;
    this.#candidateAddress[index] = packet.address;
    this.#candidatePort[index] = packet.port;
    this.#candidateSsrc[index] = packet.ssrc;
    this.#candidateSequence[index] = packet.sequence;
    const packets = isNext ? (this.#candidatePackets[index] as number) + 1 : 1;
    this.#candidatePackets[index] = packets;
    return packets >= takeOverPackets;
  }

  #lock(index: number, packet: LockPacket): void {
    this.lockedAddress[index] = packet.address;
    this.lockedPort[index] = packet.port;
    this.#ssrc[index] = packet.ssrc;
    this.#sequence[index] = packet.sequence;
    this.#heardAtMs[index] = packet.nowMs;
    this.#lockedAtMs[index] = packet.nowMs;
    this.#candidatePackets[index] = 0;
  }

  #unlock(index: number): void {
    this.lockedAddress[index] = 0;
    this.lockedPort[index] = 0;
    this.#ssrc[index] = 0;
    this.#candidatePackets[index] = 0;
  }
}
