import { readUint16, readUint32, rtpHeaderBytes, rtpPayloadStart } from '../rtp.ts';
import type { SrtpCrypto } from './crypto-port.ts';
import { deriveSrtpKeys, type SrtpSessionKeys } from './derivation.ts';
import { type SrtpProfileName, srtpProfiles } from './profile.ts';
import { ReplayWindow, rtpIndexMax } from './replay.ts';
import { AeadTransform, CounterModeTransform, type SrtpTransform } from './transform.ts';

/** Why a packet was not protected or not accepted; negative, because the other results are lengths. */
export const srtpRefusal = {
  /** No RTP or RTCP packet, or shorter than its tag. */
  malformed: -1,
  /** The tag is wrong: another key, or a forgery. */
  authentication: -2,
  /** Seen already, or older than the replay window. */
  replayed: -3,
  /** The key has protected as many packets as it may (RFC 3711 §9.2), or carries too many SSRCs. */
  exhausted: -4,
  /** The buffer has no room for the tag. */
  noRoom: -5,
} as const;
export type SrtpRefusal = (typeof srtpRefusal)[keyof typeof srtpRefusal];

/** Name of a refusal, for logs and counters. */
export function srtpRefusalName(refusal: number): keyof typeof srtpRefusal | undefined {
  const names = Object.keys(srtpRefusal) as (keyof typeof srtpRefusal)[];
  return names.find((name) => srtpRefusal[name] === refusal);
}

/** Packets for which replays are told apart when nothing else is said. */
const replayWindowPackets = 128;
/** SSRCs that one key may carry: each restart of a telephone's stream is one. */
const streamsMax = 64;
const rtcpHeaderBytes = 8;
/** E flag and SRTCP index (RFC 3711 §3.4). */
const rtcpTrailerBytes = 4;
const rtcpIndexMax = 0x7fff_ffff;
const encryptedFlag = 0x8000_0000;

interface Stream {
  readonly ssrc: number;
  readonly rtp: ReplayWindow;
  readonly rtcp: ReplayWindow;
}

/** Room that a buffer needs behind the longest packet, for any profile, RTP and RTCP. */
export const srtpOverheadBytesMax = 16 + rtcpTrailerBytes;

/**
 * One direction of an SRTP session (RFC 3711, RFC 6188, RFC 7714) under one master key, without MKI: either only
 * `protect…` or only `unprotect…` is called. It must live as long as its key: a second one under the same key would
 * use the same key stream twice. Everything works in place; one call into the platform's AES serves about eight
 * packets. Memory: 2–4 kB, and 0.2 kB per SSRC.
 */
export class SrtpContext {
  readonly profile: SrtpProfileName;
  readonly #rtp: SrtpTransform;
  readonly #rtcp: SrtpTransform;
  readonly #streams: Stream[] = [];
  /** The stream of the last packet. */
  #recent: Stream | undefined;

  /** @param keys from `deriveSrtpKeys`; `openSrtp` does both */
  constructor(profile: SrtpProfileName, keys: SrtpSessionKeys, crypto: SrtpCrypto) {
    const { isAead, rtpTagBytes, rtcpTagBytes } = srtpProfiles[profile];
    this.profile = profile;
    this.#rtp = isAead
      ? new AeadTransform(crypto.aesBlocks(keys.rtpKey), keys.rtpSalt, true)
      : new CounterModeTransform(
          crypto.aesBlocks(keys.rtpKey),
          keys.rtpSalt,
          keys.rtpAuthenticationKey,
          rtpTagBytes,
          true,
        );
    this.#rtcp = isAead
      ? new AeadTransform(crypto.aesBlocks(keys.rtcpKey), keys.rtcpSalt, false)
      : new CounterModeTransform(
          crypto.aesBlocks(keys.rtcpKey),
          keys.rtcpSalt,
          keys.rtcpAuthenticationKey,
          rtcpTagBytes,
          false,
        );
  }

  /**
   * Encrypts the RTP packet `bytes[0, length)` in place and puts its tag behind it.
   * Returns the new length, or an `SrtpRefusal`; a refused packet is unchanged and must not be sent.
   * A sequence number may lie up to 127 behind the highest; each index is used once.
   */
  protectRtp(bytes: Uint8Array, length: number): number {
    const start = rtpPayloadStart(bytes, length);
    if (start < 0) return srtpRefusal.malformed;
    if (bytes.length < length + this.#rtp.tagBytes) return srtpRefusal.noRoom;
    const ssrc = readUint32(bytes, 8);
    const stream = this.#find(ssrc) ?? this.#open(ssrc);
    if (stream === undefined) return srtpRefusal.exhausted;
    const index = stream.rtp.estimate(readUint16(bytes, 2));
    if (index > rtpIndexMax) return srtpRefusal.exhausted;
    if (!stream.rtp.accepts(index)) return srtpRefusal.replayed;
    stream.rtp.add(index);
    return this.#rtp.protectRtp(bytes, start, length, ssrc, index);
  }

  /**
   * Checks the SRTP packet `bytes[0, length)`, decrypts it in place and returns its length without the tag, or an
   * `SrtpRefusal`; what is refused must not be used (its tag may have been overwritten).
   */
  unprotectRtp(bytes: Uint8Array, length: number): number {
    const end = length - this.#rtp.tagBytes;
    const start = end < rtpHeaderBytes ? -1 : rtpPayloadStart(bytes, end);
    if (start < 0) return srtpRefusal.malformed;
    const ssrc = readUint32(bytes, 8);
    const known = this.#find(ssrc);
    const sequence = readUint16(bytes, 2);
    const index = known === undefined ? sequence : known.rtp.estimate(sequence);
    if (index > rtpIndexMax) return srtpRefusal.exhausted;
    if (known !== undefined && !known.rtp.accepts(index)) return srtpRefusal.replayed;
    // A stream that is not known yet is believed only when its first packet is genuine.
    if (known === undefined && this.#streams.length >= streamsMax) return srtpRefusal.exhausted;
    if (!this.#rtp.unprotectRtp(bytes, start, end, ssrc, index)) return srtpRefusal.authentication;
    (known ?? this.#open(ssrc))?.rtp.add(index);
    return end;
  }

  /**
   * Encrypts the compound RTCP packet `bytes[0, length)` in place, puts index and tag behind it and returns the new
   * length, or an `SrtpRefusal`.
   */
  protectRtcp(bytes: Uint8Array, length: number): number {
    if (!isRtcpPacket(bytes, length)) return srtpRefusal.malformed;
    if (bytes.length < length + this.#rtcp.tagBytes + rtcpTrailerBytes) return srtpRefusal.noRoom;
    const ssrc = readUint32(bytes, 4);
    const stream = this.#find(ssrc) ?? this.#open(ssrc);
    if (stream === undefined || stream.rtcp.highest >= rtcpIndexMax) return srtpRefusal.exhausted;
    const index = stream.rtcp.highest + 1;
    stream.rtcp.add(index);
    return this.#rtcp.protectRtcp(bytes, length, ssrc, (index | encryptedFlag) >>> 0);
  }

  /**
   * Checks the SRTCP packet `bytes[0, length)`, decrypts it in place when its E flag says so, and returns its length
   * without index and tag, or an `SrtpRefusal`.
   */
  unprotectRtcp(bytes: Uint8Array, length: number): number {
    const { tagBytes, isTagLast } = this.#rtcp;
    const end = length - tagBytes - rtcpTrailerBytes;
    if (!isRtcpPacket(bytes, end)) return srtpRefusal.malformed;
    const ssrc = readUint32(bytes, 4);
    const trailer = readUint32(bytes, isTagLast ? end : end + tagBytes);
    const index = trailer & rtcpIndexMax;
    const known = this.#find(ssrc);
    if (known !== undefined && !known.rtcp.accepts(index)) return srtpRefusal.replayed;
    if (known === undefined && this.#streams.length >= streamsMax) return srtpRefusal.exhausted;
    if (!this.#rtcp.unprotectRtcp(bytes, end, ssrc, trailer)) return srtpRefusal.authentication;
    (known ?? this.#open(ssrc))?.rtcp.add(index);
    return end;
  }

  #find(ssrc: number): Stream | undefined {
    if (this.#recent?.ssrc === ssrc) return this.#recent;
    const stream = this.#streams.find((candidate) => candidate.ssrc === ssrc);
    if (stream !== undefined) this.#recent = stream;
    return stream;
  }

  #open(ssrc: number): Stream | undefined {
    if (this.#streams.length >= streamsMax) return undefined;
    const stream: Stream = {
      ssrc,
      rtp: new ReplayWindow(replayWindowPackets),
      rtcp: new ReplayWindow(replayWindowPackets),
    };
    this.#streams.push(stream);
    this.#recent = stream;
    return stream;
  }
}

function isRtcpPacket(bytes: Uint8Array, length: number): boolean {
  return length >= rtcpHeaderBytes && (bytes[0] as number) >>> 6 === 2;
}

/**
 * The context of one direction from its master key and salt, one behind the other (`srtpMasterFromBase64`; DTLS: the
 * client's or the server's share of the exported material). Throws RangeError when their length is wrong.
 */
export function openSrtp(profile: SrtpProfileName, master: Uint8Array, crypto: SrtpCrypto): SrtpContext {
  return new SrtpContext(profile, deriveSrtpKeys(profile, master, crypto), crypto);
}
