import type { AesBlocks } from './crypto-port.ts';

/**
 * The key stream of AES in counter mode, computed ahead for several packets by one call into the platform's AES:
 * sequence numbers are known in advance, and the call costs more than the encryption of a few hundred blocks.
 */

const blockBytes = 16;
/** Blocks that are computed by one call: eight packets of 20 ms of G.711. */
const blocksAheadMax = 96;

/** Where the numbers stand in a counter block. */
interface Layout {
  readonly ssrcAt: number;
  readonly indexAt: number;
  readonly firstCounter: number;
}

/** RFC 3711 §4.1.1: salt XOR SSRC XOR index, 16 bits of counter from 0. */
export const counterModeLayout: Layout = { ssrcAt: 4, indexAt: 8, firstCounter: 0 };
/** RFC 7714 §8.1 and NIST SP 800-38D §7.1: 12 bytes of IV, 32 bits of counter; block 1 masks the tag. */
export const gcmLayout: Layout = { ssrcAt: 2, indexAt: 6, firstCounter: 1 };

/** Filled and encrypted in one go, so that one is enough for all. */
let counters = new Uint8Array(blocksAheadMax * blockBytes);

export class Keystream {
  /** Holds the key stream after `prepare`. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly #aes: AesBlocks;
  readonly #salt = new Uint8Array(blockBytes);
  readonly #layout: Layout;
  readonly #blocksAhead: number;
  #ahead: Uint8Array = this.bytes;
  #ssrc = 0;
  #firstIndex = -1;
  #packets = 0;
  #blocksPerPacket = 0;

  /**
   * @param salt 12 or 14 bytes
   * @param ahead false to compute each packet by itself (RTCP)
   */
  constructor(aes: AesBlocks, salt: Uint8Array, layout: Layout, ahead: boolean) {
    this.#aes = aes;
    this.#salt.set(salt);
    this.#layout = layout;
    this.#blocksAhead = ahead ? blocksAheadMax : 0;
  }

  /** Makes `blocks` blocks for one packet available in `bytes`; returns where they begin. */
  prepare(ssrc: number, index: number, blocks: number): number {
    const place = index - this.#firstIndex;
    const isStream = ssrc === this.#ssrc && this.#firstIndex >= 0;
    if (isStream && place >= 0 && place < this.#packets && blocks <= this.#blocksPerPacket) {
      this.bytes = this.#ahead;
      return place * this.#blocksPerPacket * blockBytes;
    }
    if ((isStream && place < 0) || blocks > this.#blocksAhead) {
      // A late packet, or a single one, leaves what was computed ahead as it is.
      this.bytes = this.#encrypt(ssrc, index, 1, blocks);
      return 0;
    }
    // Sizes vary with some codecs; one long packet must not make every other as long.
    const perPacket = isStream ? Math.max(blocks, Math.min(this.#blocksPerPacket, 2 * blocks)) : blocks;
    this.#blocksPerPacket = Math.min(perPacket, this.#blocksAhead);
    this.#packets = Math.floor(this.#blocksAhead / this.#blocksPerPacket);
    this.#ssrc = ssrc;
    this.#firstIndex = index;
    this.#ahead = this.#encrypt(ssrc, index, this.#packets, this.#blocksPerPacket);
    this.bytes = this.#ahead;
    return 0;
  }

  #encrypt(ssrc: number, firstIndex: number, packets: number, blocksPerPacket: number): Uint8Array {
    const total = packets * blocksPerPacket * blockBytes;
    if (counters.length < total) counters = new Uint8Array(total);
    let at = 0;
    for (let packet = 0; packet < packets; packet++) {
      const first = at;
      this.#writeFirst(first, ssrc, firstIndex + packet);
      at += blockBytes;
      for (let block = 1; block < blocksPerPacket; block++, at += blockBytes) {
        counters.copyWithin(at, first, first + 14);
        const counter = this.#layout.firstCounter + block;
        counters[at + 14] = counter >>> 8;
        counters[at + 15] = counter;
      }
    }
    return this.#aes(total === counters.length ? counters : counters.subarray(0, total));
  }

  #writeFirst(at: number, ssrc: number, index: number): void {
    const { ssrcAt, indexAt, firstCounter } = this.#layout;
    counters.set(this.#salt, at);
    counters[at + 15]! ^= firstCounter;
    xorWord(at + ssrcAt, ssrc);
    const high = Math.floor(index / 0x1_0000_0000);
    counters[at + indexAt]! ^= high >>> 8;
    counters[at + indexAt + 1]! ^= high;
    xorWord(at + indexAt + 2, index >>> 0);
  }
}

function xorWord(at: number, word: number): void {
  counters[at]! ^= word >>> 24;
  counters[at + 1]! ^= word >>> 16;
  counters[at + 2]! ^= word >>> 8;
  counters[at + 3]! ^= word;
}

/** bytes[start, end) ^= key stream from `at` on. */
export function xorKeystream(
  bytes: Uint8Array,
  start: number,
  end: number,
  stream: Uint8Array,
  at: number,
): void {
  for (let i = start, j = at; i < end; i++, j++) bytes[i] = (bytes[i] as number) ^ (stream[j] as number);
}
