import { cleanValue, decodeUtf8, reasonPhrase } from '../message/index.ts';

export const sipfragType = 'message/sipfrag;version=2.0';

/** Writes the status line that reports on a REFER (RFC 3515 §2.4.5, RFC 3420). */
export function writeSipfrag(status: number, reason: string | undefined): string {
  return `SIP/2.0 ${status} ${cleanValue(reason ?? reasonPhrase(status))}\r\n`;
}

/** Reads the status line of a message/sipfrag body; undefined when it has none. */
export function parseSipfrag(body: Uint8Array): { status: number; reason: string } | undefined {
  const [line = ''] = decodeUtf8(body.subarray(0, 1_024)).trimStart().split(/\r?\n/, 1);
  const match = /^SIP\/2\.0[ \t]+([1-6]\d\d)(?:[ \t]+(.*))?$/i.exec(line);
  if (match === null) return undefined;
  const status = Number(match[1]);
  const reason = (match[2] ?? '').trim();
  return { status, reason: reason === '' ? reasonPhrase(status) : reason };
}
