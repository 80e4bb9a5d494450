/**
 * The RTP fixed header (RFC 3550 §5.1), read and written in place in caller-owned buffers.
 * Nothing here allocates, so that a relay can call it for every packet.
 */

/** Bytes of a header without CSRC list and extension. */
export const rtpHeaderBytes = 12;

/** First byte of a packet without padding, extension and CSRC list: version 2. */
export const rtpFirstByte = 0x80;

/** Clock rate of every G.711 and telephone-event stream here: 8 timestamp units per millisecond. */
export const rtpUnitsPerMs = 8;

/** Reads a 16-bit big-endian number at `offset`; the caller has checked the length. */
export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

/** Reads a 32-bit big-endian number at `offset`, 0–4,294,967,295; the caller has checked the length. */
export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) << 24) |
      ((bytes[offset + 1] as number) << 16) |
      ((bytes[offset + 2] as number) << 8) |
      (bytes[offset + 3] as number)) >>>
    0
  );
}

/** Writes a 16-bit big-endian number; higher bits of `value` are ignored. */
export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes a 32-bit big-endian number; `value` is taken modulo 2³². */
export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

/** Payload type of a packet, 0–127. */
export function rtpPayloadType(bytes: Uint8Array): number {
  return (bytes[1] as number) & 0x7f;
}

/** True when the marker bit is set. */
export function rtpMarker(bytes: Uint8Array): boolean {
  return (bytes[1] as number) >= 0x80;
}

/** Sequence number, 0–65,535. */
export function rtpSequence(bytes: Uint8Array): number {
  return readUint16(bytes, 2);
}

/** Timestamp, 0–2³²−1. */
export function rtpTimestamp(bytes: Uint8Array): number {
  return readUint32(bytes, 4);
}

/** Synchronisation source, 0–2³²−1. */
export function rtpSsrc(bytes: Uint8Array): number {
  return readUint32(bytes, 8);
}

/**
 * Offset of the payload, after the CSRC list and the header extension; −1 when the bytes are no RTP packet of
 * version 2 or when a length field points outside (RFC 3550 §5.1, §5.3.1, A.1).
 */
export function rtpPayloadStart(bytes: Uint8Array, length: number): number {
  if (length < rtpHeaderBytes) return -1;
  const first = bytes[0] as number;
  if (first === rtpFirstByte) return rtpHeaderBytes;
  if (first >>> 6 !== 2) return -1;
  let start = rtpHeaderBytes + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (start + 4 > length) return -1;
    start += 4 + readUint16(bytes, start + 2) * 4;
  }
  return start > length ? -1 : start;
}

/** Offset behind the last payload byte, without padding; −1 when the padding count is impossible. */
export function rtpPayloadEnd(bytes: Uint8Array, length: number, payloadStart: number): number {
  if (((bytes[0] as number) & 0x20) === 0) return length;
  const padding = bytes[length - 1] as number;
  if (padding === 0 || length - padding < payloadStart) return -1;
  return length - padding;
}

/**
 * True when a packet on a multiplexed port is RTCP: its second byte lies in 192–223 (RFC 5761 §4).
 */
export function isRtcp(bytes: Uint8Array, length: number): boolean {
  if (length < 8) return false;
  const second = bytes[1] as number;
  return second >= 192 && second <= 223;
}

/** Writes a plain 12-byte header at `offset`. `payloadType` 0–127; the other numbers are taken modulo their width. */
export function writeRtpHeader(
  bytes: Uint8Array,
  offset: number,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  bytes[offset] = rtpFirstByte;
  bytes[offset + 1] = marker ? payloadType | 0x80 : payloadType;
  writeUint16(bytes, offset + 2, sequence);
  writeUint32(bytes, offset + 4, timestamp);
  writeUint32(bytes, offset + 8, ssrc);
}

/** `a − b` of two sequence numbers as −32,768 … 32,767: positive when `a` is newer. */
export function sequenceDifference(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** `a − b` of two timestamps as −2³¹ … 2³¹−1: positive when `a` is newer. */
export function timestampDifference(a: number, b: number): number {
  return (a - b) | 0;
}
