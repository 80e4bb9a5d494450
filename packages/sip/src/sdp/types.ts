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
