import type { CryptoKey, NegotiatedSrtp } from './crypto.ts';
import type { DtlsDescription, LocalDtls } from './dtls.ts';
import type { Direction } from './types.ts';

/** A codec we can use, in our order of preference. */
export type AudioCodec = {
  /** Encoding name of the RTP profile: `PCMU`, `PCMA`, `G722`, `opus`. Compared without case. */
  name: string;
  /** Our payload type: static 0–95 or dynamic 96–127. */
  payloadType: number;
  /** Of the RTP timestamps: 8,000 for G722 too (RFC 3551 §4.5.2), 48,000 for opus. */
  clockRateHz: number;
  /** 1 when missing; opus always says 2 (RFC 7587 §7). */
  channels?: number;
  /** `a=fmtp` parameters that we announce. */
  parameters?: string;
};

/** An RFC 4733 format: its payload type and the clock rate of its timestamps, which is that of the codec it goes with. */
export type TelephoneEventFormat = { payloadType: number; clockRateHz: number };

/**
 * Encryption by keys in the description (SDES, RFC 4568), for one call.
 *
 * `required`: offers go out as RTP/SAVP, and a peer that names no key is refused (`no-crypto`).
 * `optional`: offers go out as RTP/AVP with keys, and whoever understands them answers with its own (RFC 8643); the
 * peer's secure streams are preferred to its plain ones. `NegotiatedAudio.srtp` says what came of it.
 */
export type LocalSrtp = {
  use: 'required' | 'optional';
  /**
   * One key per suite, the preferred suite first; fresh random bytes per call, `keyBytes(suite)` of them. Give the same
   * ones in re-offers: a changed key starts a new encryption context.
   */
  keys: readonly CryptoKey[];
};

/** What we can do for the audio stream of one call. */
export type LocalAudio = {
  /** Address (IPv4 or IPv6 literal) and port of our RTP receiver. */
  address: string;
  port: number;
  /** The codecs that we have, the preferred one first; their payload types must differ. */
  codecs: readonly AudioCodec[];
  /**
   * Whose order decides in an answer of ours: that of the offer (`theirs`, when missing) or that of `codecs` (`ours`).
   * An answer of the peer decides itself.
   */
  preference?: 'theirs' | 'ours' | undefined;
  /** Our payload type for RFC 4733 events at 8 kHz; short for one entry in `telephoneEvents`. */
  telephoneEventPayloadType?: number | undefined;
  /** Our formats for RFC 4733 events, one per clock rate; offered for the rates of the codecs offered. */
  telephoneEvents?: readonly TelephoneEventFormat[] | undefined;
  /** Whether we take comfort noise (RFC 3389, payload type 13), which codecs at 8 kHz may be accompanied by. */
  comfortNoise?: boolean | undefined;
  /** Whether RTCP may share the port of RTP (RFC 5761). */
  rtcpMux?: boolean | undefined;
  /** Encryption by SDES; missing: keys of the peer are ignored, and streams that demand encryption not taken. */
  srtp?: LocalSrtp | undefined;
  /** Encryption by DTLS (RFC 5763) and the ICE parameters that go with it; offers go out as UDP/TLS/RTP/SAVPF. */
  dtls?: LocalDtls | undefined;
  direction?: Direction | undefined;
  /** Length of the packets we want to receive: 10–60, 20 when missing. */
  ptimeMs?: number | undefined;
  /** Longest packets we can receive; announced when given, and packets we send are not longer either. */
  maxPtimeMs?: number | undefined;
};

/** What both sides agreed on. */
export type NegotiatedAudio = {
  /** The codec to send, as we named it. */
  codec: AudioCodec;
  /** The payload type that the peer wants to receive: put it into packets we send. */
  sendPayloadType: number;
  /** The payload type in which the peer's packets arrive. */
  receivePayloadType: number;
  /**
   * Everything that the peer may send, `codec` first: an answer that names several codecs lets it change between them
   * without notice (RFC 3264 §7).
   */
  receiveCodecs: ReadonlyArray<{ payloadType: number; codec: AudioCodec }>;
  /** The peer's `a=fmtp` parameters for `codec`, for instance `maxplaybackrate=16000;useinbandfec=1`. */
  remoteParameters?: string;
  /** RFC 4733 payload types; undefined when not agreed. */
  sendEventPayloadType?: number;
  receiveEventPayloadType?: number;
  /** Clock rate of the events: that of `codec`, or 8,000 with a peer that has them at no other. */
  eventClockRateHz?: number;
  /** Comfort noise (RFC 3389) may be sent and will come under this payload type. */
  comfortNoisePayloadType?: number;
  /** IPv4 or IPv6 literal, or a host name, as the peer wrote it. */
  remoteAddress: string;
  remotePort: number;
  /** Equal to `remotePort` with `rtcpMux`. */
  remoteRtcpPort: number;
  rtcpMux: boolean;
  /** The profile in the `m=` line: `RTP/AVP`, `RTP/SAVP`, `UDP/TLS/RTP/SAVPF` … */
  protocol: string;
  /** Keys for both directions, when the stream is encrypted by SDES. */
  srtp?: NegotiatedSrtp;
  /** The peer's part of DTLS and ICE, and which part is ours, when the stream is encrypted by DTLS. */
  dtls?: DtlsDescription & { ourRole: 'client' | 'server' };
  /** What we may do now. */
  direction: Direction;
  /** The peer holds us: it will not listen (RFC 3264 §8.4, or the old 0.0.0.0). */
  heldByRemote: boolean;
  /** Packet duration the peer asked for, else ours; a multiple of 10 from 10 to 60. */
  ptimeMs: number;
};

/** `no-crypto`: one side demands encryption, and there is no suite, key or fingerprint for it. */
export type NegotiationFailure = 'no-audio' | 'no-codec' | 'no-crypto' | 'malformed';

export type NegotiationResult<T> =
  | ({ ok: true; audio: NegotiatedAudio } & T)
  | { ok: false; reason: NegotiationFailure; detail: string };
