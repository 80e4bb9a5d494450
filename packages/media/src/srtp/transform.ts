import { writeUint32 } from '../rtp.ts';
import type { AesBlocks } from './crypto-port.ts';
import { Ghash } from './ghash.ts';
import { counterModeLayout, gcmLayout, Keystream, xorKeystream } from './keystream.ts';
import { HmacSha1 } from './sha1.ts';

/**
 * Encryption and authentication of one packet in place. Lengths have been checked, there is room for tag and
 * trailer, and the index is the right one: all that is left is arithmetic.
 */
export interface SrtpTransform {
  readonly tagBytes: number;
  /** SRTCP: the tag stands behind the index (RFC 3711 §3.4) or before it (RFC 7714 §9.3). */
  readonly isTagLast: boolean;
  /** Returns the length of the protected packet. */
  protectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): number;
  /** @param end where the tag begins; returns false when it is wrong */
  unprotectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): boolean;
  /** @param trailer E flag (bit 31) and index */
  protectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): number;
  unprotectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): boolean;
}

const blockBytes = 16;
/** Bytes of an RTCP packet that stay readable: header and SSRC. */
const rtcpClearBytes = 8;
const trailerBytes = 4;
const indexMask = 0x7fff_ffff;
/** A tag that was received, while its place is needed for the rollover counter or the computed one. */
const received = new Uint8Array(blockBytes);
const computed = new Uint8Array(blockBytes);
/** Additional data of an SRTCP packet under GCM; only this one is not in one piece. */
const additional = new Uint8Array(rtcpClearBytes + trailerBytes);

/** Compares in a time that does not depend on where the difference is. */
function isSame(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= (a[aAt + i] as number) ^ (b[bAt + i] as number);
  return difference === 0;
}

/** AES in counter mode with HMAC-SHA1 (RFC 3711 §4.1.1, §4.2.1). */
export class CounterModeTransform implements SrtpTransform {
  readonly tagBytes: number;
  readonly isTagLast = true;
  readonly #keystream: Keystream;
  readonly #hmac: HmacSha1;

  /** @param tagBytes 4 or 10 */
  constructor(
    aes: AesBlocks,
    salt: Uint8Array,
    authenticationKey: Uint8Array,
    tagBytes: number,
    ahead: boolean,
  ) {
    this.tagBytes = tagBytes;
    this.#keystream = new Keystream(aes, salt, counterModeLayout, ahead);
    this.#hmac = new HmacSha1(authenticationKey);
  }

  protectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): number {
    this.#crypt(bytes, payloadStart, end, ssrc, index);
    // The rollover counter is authenticated, not sent (RFC 3711 §4.2); it stands for a moment where the tag will.
    writeUint32(bytes, end, Math.floor(index / 0x1_0000));
    this.#hmac.compute(bytes, 0, end + 4);
    return this.#writeTag(bytes, end);
  }

  unprotectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): boolean {
    for (let i = 0; i < this.tagBytes; i++) received[i] = bytes[end + i] as number;
    writeUint32(bytes, end, Math.floor(index / 0x1_0000));
    this.#hmac.compute(bytes, 0, end + 4);
    if (!isSame(this.#hmac.digest, 0, received, 0, this.tagBytes)) return false;
    this.#crypt(bytes, payloadStart, end, ssrc, index);
    return true;
  }

  protectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): number {
    this.#crypt(bytes, rtcpClearBytes, end, ssrc, trailer & indexMask);
    writeUint32(bytes, end, trailer);
    this.#hmac.compute(bytes, 0, end + trailerBytes);
    return this.#writeTag(bytes, end + trailerBytes);
  }

  unprotectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): boolean {
    const tagAt = end + trailerBytes;
    this.#hmac.compute(bytes, 0, tagAt);
    if (!isSame(this.#hmac.digest, 0, bytes, tagAt, this.tagBytes)) return false;
    if (trailer > indexMask) this.#crypt(bytes, rtcpClearBytes, end, ssrc, trailer & indexMask);
    return true;
  }

  #crypt(bytes: Uint8Array, start: number, end: number, ssrc: number, index: number): void {
    const blocks = Math.ceil((end - start) / blockBytes);
    if (blocks === 0) return;
    const at = this.#keystream.prepare(ssrc, index, blocks);
    xorKeystream(bytes, start, end, this.#keystream.bytes, at);
  }

  #writeTag(bytes: Uint8Array, at: number): number {
    const { digest } = this.#hmac;
    for (let i = 0; i < this.tagBytes; i++) bytes[at + i] = digest[i] as number;
    return at + this.tagBytes;
  }
}

/** AES-GCM with a tag of 16 bytes (RFC 7714 §8, §9). */
export class AeadTransform implements SrtpTransform {
  readonly tagBytes = 16;
  readonly isTagLast = false;
  readonly #keystream: Keystream;
  readonly #ghash: Ghash;

  constructor(aes: AesBlocks, salt: Uint8Array, ahead: boolean) {
    this.#keystream = new Keystream(aes, salt, gcmLayout, ahead);
    this.#ghash = new Ghash(aes(new Uint8Array(blockBytes)));
  }

  protectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): number {
    const at = this.#prepare(payloadStart, end, ssrc, index);
    xorKeystream(bytes, payloadStart, end, this.#keystream.bytes, at + blockBytes);
    this.#writeTag(bytes, payloadStart, bytes, payloadStart, end, at, bytes, end);
    return end + this.tagBytes;
  }

  unprotectRtp(bytes: Uint8Array, payloadStart: number, end: number, ssrc: number, index: number): boolean {
    const at = this.#prepare(payloadStart, end, ssrc, index);
    this.#writeTag(bytes, payloadStart, bytes, payloadStart, end, at, computed, 0);
    if (!isSame(computed, 0, bytes, end, this.tagBytes)) return false;
    xorKeystream(bytes, payloadStart, end, this.#keystream.bytes, at + blockBytes);
    return true;
  }

  protectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): number {
    const at = this.#prepare(rtcpClearBytes, end, ssrc, trailer & indexMask);
    xorKeystream(bytes, rtcpClearBytes, end, this.#keystream.bytes, at + blockBytes);
    this.#gatherAdditional(bytes, trailer);
    this.#writeTag(additional, additional.length, bytes, rtcpClearBytes, end, at, bytes, end);
    writeUint32(bytes, end + this.tagBytes, trailer);
    return end + this.tagBytes + trailerBytes;
  }

  unprotectRtcp(bytes: Uint8Array, end: number, ssrc: number, trailer: number): boolean {
    const at = this.#prepare(rtcpClearBytes, end, ssrc, trailer & indexMask);
    if (trailer > indexMask) {
      this.#gatherAdditional(bytes, trailer);
      this.#writeTag(additional, additional.length, bytes, rtcpClearBytes, end, at, computed, 0);
    } else {
      // Unencrypted: the whole packet and the trailer are additional data (RFC 7714 §9.3).
      const whole = new Uint8Array(end + trailerBytes);
      whole.set(bytes.subarray(0, end));
      writeUint32(whole, end, trailer);
      this.#writeTag(whole, whole.length, bytes, end, end, at, computed, 0);
    }
    if (!isSame(computed, 0, bytes, end, this.tagBytes)) return false;
    if (trailer > indexMask) {
      xorKeystream(bytes, rtcpClearBytes, end, this.#keystream.bytes, at + blockBytes);
    }
    return true;
  }

  /** The first block masks the tag, the text follows. */
  #prepare(start: number, end: number, ssrc: number, index: number): number {
    return this.#keystream.prepare(ssrc, index, 1 + Math.ceil((end - start) / blockBytes));
  }

  #gatherAdditional(bytes: Uint8Array, trailer: number): void {
    for (let i = 0; i < rtcpClearBytes; i++) additional[i] = bytes[i] as number;
    writeUint32(additional, rtcpClearBytes, trailer);
  }

  #writeTag(
    clear: Uint8Array,
    clearBytes: number,
    cipher: Uint8Array,
    start: number,
    end: number,
    maskAt: number,
    target: Uint8Array,
    targetAt: number,
  ): void {
    const ghash = this.#ghash;
    ghash.reset();
    ghash.update(clear, 0, clearBytes);
    ghash.update(cipher, start, end);
    ghash.updateLengths(clearBytes, end - start);
    ghash.writeMasked(target, targetAt, this.#keystream.bytes, maskAt);
  }
}
