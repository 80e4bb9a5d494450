import { readUint16, readUint32, writeUint16, writeUint32 } from './rtp.ts';

/** RTCP (RFC 3550 §6): building the compound packets we send and reading the ones we receive. */

const typeSenderReport = 200;
const typeReceiverReport = 201;
const typeSourceDescription = 202;
const typeBye = 203;
const sdesCname = 1;

/** Seconds from 1900-01-01 (NTP) to 1970-01-01. */
const ntpEpochOffsetSeconds = 2_208_988_800;

/** Longest compound packet that `writeRtcp` produces, in bytes. */
export const rtcpBytesMax = 28 + 24 + 8 + 2 + 255 + 4 + 8 + 4 + 255;

/** A report block about one source (RFC 3550 §6.4.1). */
export interface ReportBlock {
  ssrc: number;
  /** 0–255, share of 256 lost since the last report. */
  fractionLost: number;
  /** −8,388,608 … 8,388,607. */
  cumulativeLost: number;
  extendedHighestSequence: number;
  /** In timestamp units. */
  jitter: number;
  /** Middle 32 bits of the NTP time of the last sender report received; 0 when there was none. */
  lastSenderReport: number;
  /** In 1/65,536 s; 0 when there was no sender report. */
  delaySinceLastSenderReport: number;
}

/** What a sender says about its stream (RFC 3550 §6.4.1). */
export interface SenderInfo {
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
  packetCount: number;
  octetCount: number;
}

export interface RtcpToSend {
  ssrc: number;
  /** Present when packets were sent since the last report: a sender report, else a receiver report. */
  sender?: SenderInfo;
  /** Absent while nothing was received. */
  report?: ReportBlock;
  /** Printable ASCII, 1–255 characters (RFC 3550 §6.5.1). */
  cname: string;
  /** Present to say good-bye; its text may be empty (RFC 3550 §6.6). */
  byeReason?: string;
}

/** What a compound packet said; only the parts that we use. */
export interface ReceivedRtcp {
  senderSsrc: number;
  sender?: SenderInfo;
  reports: ReportBlock[];
  cname?: string;
  bye: boolean;
  byeReason?: string;
}

/** NTP timestamp of a wall-clock instant in milliseconds since 1970 (RFC 3550 §4). */
export function ntpTime(unixMs: number): { seconds: number; fraction: number } {
  const seconds = Math.floor(unixMs / 1000);
  const fraction = Math.floor(((unixMs - seconds * 1000) / 1000) * 0x1_0000_0000);
  return { seconds: (seconds + ntpEpochOffsetSeconds) >>> 0, fraction: fraction >>> 0 };
}

/** Middle 32 bits of an NTP timestamp: 1/65,536 s, wrapping every 18 hours. */
export function ntpMiddle(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/**
 * Round trip in milliseconds from a report block that answers our sender report (RFC 3550 §6.4.1): A − LSR − DLSR.
 * Undefined when the block answers none or the clocks make it negative.
 */
export function roundTripMs(block: ReportBlock, nowUnixMs: number): number | undefined {
  if (block.lastSenderReport === 0) return undefined;
  const now = ntpTime(nowUnixMs);
  const units =
    (ntpMiddle(now.seconds, now.fraction) - block.lastSenderReport - block.delaySinceLastSenderReport) | 0;
  return units < 0 ? undefined : (units * 1000) / 0x1_0000;
}

/** What is late by more is a new offset between the clocks, no jitter: no estimate that leaves such out can come above it. */
const jitterMaxMs = 1_000;

/**
 * The interarrival jitter that the far end reports, in milliseconds (RFC 3550 §6.4.1); undefined when it cannot be one, as
 * from telephones that count the gap of a hold into it.
 *
 * @param unitsPerMs clock rate of the timestamps of the stream that is reported about
 */
export function reportedJitterMs({ jitter }: ReportBlock, unitsPerMs: number): number | undefined {
  const jitterMs = jitter / unitsPerMs;
  return jitterMs <= jitterMaxMs ? jitterMs : undefined;
}

/** Writes a compound packet (report, SDES with CNAME, BYE) and returns its length; at most `rtcpBytesMax`. */
export function writeRtcp(bytes: Uint8Array, packet: RtcpToSend): number {
  let end = writeReport(bytes, packet);
  end = writeCname(bytes, end, packet.ssrc, packet.cname);
  if (packet.byeReason !== undefined) end = writeBye(bytes, end, packet.ssrc, packet.byeReason);
  return end;
}

function writeHead(bytes: Uint8Array, start: number, end: number, count: number, type: number): void {
  bytes[start] = 0x80 | count;
  bytes[start + 1] = type;
  writeUint16(bytes, start + 2, (end - start) / 4 - 1);
}

function writeReport(bytes: Uint8Array, packet: RtcpToSend): number {
  writeUint32(bytes, 4, packet.ssrc);
  let end = 8;
  const sender = packet.sender;
  if (sender !== undefined) {
    writeUint32(bytes, 8, sender.ntpSeconds);
    writeUint32(bytes, 12, sender.ntpFraction);
    writeUint32(bytes, 16, sender.rtpTimestamp);
    writeUint32(bytes, 20, sender.packetCount);
    writeUint32(bytes, 24, sender.octetCount);
    end = 28;
  }
  const report = packet.report;
  if (report !== undefined) {
    writeUint32(bytes, end, report.ssrc);
    writeUint32(bytes, end + 4, clampLost(report.cumulativeLost) & 0xff_ffff);
    bytes[end + 4] = report.fractionLost;
    writeUint32(bytes, end + 8, report.extendedHighestSequence);
    writeUint32(bytes, end + 12, report.jitter);
    writeUint32(bytes, end + 16, report.lastSenderReport);
    writeUint32(bytes, end + 20, report.delaySinceLastSenderReport);
    end += 24;
  }
  const type = sender === undefined ? typeReceiverReport : typeSenderReport;
  writeHead(bytes, 0, end, report === undefined ? 0 : 1, type);
  return end;
}

function clampLost(lost: number): number {
  return Math.max(-0x80_0000, Math.min(0x7f_ffff, lost));
}

function writeCname(bytes: Uint8Array, start: number, ssrc: number, cname: string): number {
  writeUint32(bytes, start + 4, ssrc);
  bytes[start + 8] = sdesCname;
  let end = writeText(bytes, start + 9, cname);
  // The chunk ends with at least one zero byte and is padded to 32 bits.
  do bytes[end++] = 0;
  while ((end - start) % 4 !== 0);
  writeHead(bytes, start, end, 1, typeSourceDescription);
  return end;
}

function writeBye(bytes: Uint8Array, start: number, ssrc: number, reason: string): number {
  writeUint32(bytes, start + 4, ssrc);
  let end = start + 8;
  if (reason.length > 0) {
    end = writeText(bytes, end, reason);
    while ((end - start) % 4 !== 0) bytes[end++] = 0;
  }
  writeHead(bytes, start, end, 1, typeBye);
  return end;
}

function writeText(bytes: Uint8Array, start: number, text: string): number {
  const length = Math.min(255, text.length);
  bytes[start] = length;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    bytes[start + 1 + i] = code >= 0x20 && code < 0x7f ? code : 0x3f;
  }
  return start + 1 + length;
}

/**
 * Reads a compound packet. Undefined when it is malformed: no report first, a wrong version, or a length that
 * points outside (RFC 3550 A.2). Packet types that we do not know are skipped.
 */
export function parseRtcp(bytes: Uint8Array, length: number): ReceivedRtcp | undefined {
  const result: ReceivedRtcp = { senderSsrc: 0, reports: [], bye: false };
  let start = 0;
  while (start < length) {
    if (start + 8 > length || (bytes[start] as number) >>> 6 !== 2) return undefined;
    const type = bytes[start + 1] as number;
    const end = start + (readUint16(bytes, start + 2) + 1) * 4;
    if (end > length) return undefined;
    if (start === 0) {
      if (type !== typeSenderReport && type !== typeReceiverReport) return undefined;
      result.senderSsrc = readUint32(bytes, 4);
    }
    if (!parsePart(bytes, start, end, type, result)) return undefined;
    start = end;
  }
  return start === 0 ? undefined : result;
}

function parsePart(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: number,
  result: ReceivedRtcp,
): boolean {
  const count = (bytes[start] as number) & 0x1f;
  if (type === typeSenderReport) {
    if (start + 28 > end) return false;
    result.sender = {
      ntpSeconds: readUint32(bytes, start + 8),
      ntpFraction: readUint32(bytes, start + 12),
      rtpTimestamp: readUint32(bytes, start + 16),
      packetCount: readUint32(bytes, start + 20),
      octetCount: readUint32(bytes, start + 24),
    };
    return parseBlocks(bytes, start + 28, end, count, result.reports);
  }
  if (type === typeReceiverReport) return parseBlocks(bytes, start + 8, end, count, result.reports);
  if (type === typeSourceDescription) {
    const cname = findCname(bytes, start + 4, end);
    if (cname !== undefined) result.cname = cname;
  } else if (type === typeBye) {
    result.bye = true;
    const text = readText(bytes, start + 4 + count * 4, end);
    if (text !== undefined) result.byeReason = text;
  }
  return true;
}

function parseBlocks(
  bytes: Uint8Array,
  start: number,
  end: number,
  count: number,
  into: ReportBlock[],
): boolean {
  if (start + count * 24 > end) return false;
  for (let i = 0; i < count; i++) {
    const at = start + i * 24;
    const lost = readUint32(bytes, at + 4);
    into.push({
      ssrc: readUint32(bytes, at),
      fractionLost: lost >>> 24,
      cumulativeLost: (lost << 8) >> 8,
      extendedHighestSequence: readUint32(bytes, at + 8),
      jitter: readUint32(bytes, at + 12),
      lastSenderReport: readUint32(bytes, at + 16),
      delaySinceLastSenderReport: readUint32(bytes, at + 20),
    });
  }
  return true;
}

/** The CNAME of the first chunk, which is ours to know; others are of no use to us. */
function findCname(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start + 4;
  while (at + 1 < end && bytes[at] !== 0) {
    if (bytes[at] === sdesCname) return readText(bytes, at + 1, end);
    at += 2 + (bytes[at + 1] as number);
  }
  return undefined;
}

function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (start >= end) return undefined;
  const length = bytes[start] as number;
  if (start + 1 + length > end) return undefined;
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[start + 1 + i] as number);
  return text;
}
