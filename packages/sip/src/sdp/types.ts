/** Who may send (RFC 3264 §5.1), always from the point of view of the one whose description it is. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One `a=` line: `a=name` or `a=name:value`. */
export type SdpAttribute = { name: string; value?: string };

/** One `m=` section (RFC 8866 §5.14) with the lines that belong to it. */
export type SdpMedia = {
  kind: string;
  /** 0 refuses the stream (RFC 3264 §6). */
  port: number;
  portCount?: number;
  protocol: string;
  formats: string[];
  title?: string;
  connection?: SdpConnection;
  bandwidth: string[];
  attributes: SdpAttribute[];
};

export type SdpConnection = { addressType: 'IP4' | 'IP6'; address: string };

export type SdpOrigin = {
  username: string;
  /** Decimal digits; kept as text because it may exceed 2^53. */
  sessionId: string;
  version: string;
  addressType: 'IP4' | 'IP6';
  address: string;
};

/** A session description (RFC 8866). Lines that are not named here are kept in no field and dropped. */
export type Sdp = {
  origin: SdpOrigin;
  sessionName: string;
  connection?: SdpConnection;
  bandwidth: string[];
  /** The `t=` values; `['0 0']` for a call. */
  timing: string[];
  attributes: SdpAttribute[];
  media: SdpMedia[];
};

/** A codec we can use, in our order of preference. */
export type AudioCodec = {
  /** Encoding name of the RTP profile: `PCMU`, `PCMA`, `G722`, `opus`. Compared without case. */
  name: string;
  /** Our payload type: static 0–95 or dynamic 96–127. */
  payloadType: number;
  clockRateHz: number;
  channels?: number;
  /** `a=fmtp` parameters that we announce. */
  parameters?: string;
};

/** What we can do for the audio stream of one call. */
export type LocalAudio = {
  /** Address and port of our RTP receiver. */
  address: string;
  port: number;
  codecs: readonly AudioCodec[];
  /** Our payload type for RFC 4733 events at 8 kHz; undefined for none. */
  telephoneEventPayloadType?: number | undefined;
  direction?: Direction | undefined;
  /** 20 by default. */
  ptimeMs?: number | undefined;
};

/** What both sides agreed on. */
export type NegotiatedAudio = {
  codec: AudioCodec;
  /** The payload type that the peer wants to receive: put it into packets we send. */
  sendPayloadType: number;
  /** The payload type in which the peer's packets arrive. */
  receivePayloadType: number;
  /** RFC 4733 payload types; undefined when not agreed. */
  sendEventPayloadType?: number;
  receiveEventPayloadType?: number;
  remoteAddress: string;
  remotePort: number;
  remoteRtcpPort: number;
  /** What we may do now. */
  direction: Direction;
  /** The peer holds us: it will not listen (RFC 3264 §8.4, or the old 0.0.0.0). */
  heldByRemote: boolean;
  /** Packet duration the peer asked for, else 20. */
  ptimeMs: number;
};

export type NegotiationFailure = 'no-audio' | 'no-codec' | 'malformed';

export type NegotiationResult<T> =
  | ({ ok: true; audio: NegotiatedAudio } & T)
  | { ok: false; reason: NegotiationFailure; detail: string };
