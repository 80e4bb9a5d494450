import type { Sdp } from './types.ts';
export type ParseSdpResult = { ok: true; sdp: Sdp } | { ok: false; reason: string };
/** Reads a session description (RFC 8866), tolerant of lone LF, unknown and misplaced lines. Never throws. */
export function parseSdp(text: Uint8Array | string): ParseSdpResult {
  void text;
  return { ok: false, reason: '' };
}
