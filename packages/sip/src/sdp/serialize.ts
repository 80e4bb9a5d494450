import type { Sdp } from './types.ts';
/** Writes a session description with CRLF line ends. */
export function writeSdp(sdp: Sdp): string {
  void sdp;
  return '';
}
