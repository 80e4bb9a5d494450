import type { SipRequest, SipResponse } from './message.ts';
import { encodeWithBody } from './text.ts';

/**
 * Writes a message: canonical header names, one line per stored line, Content-Length last and always right.
 * The stored lines are free of line ends because the parser and `append` see to that.
 */
export function writeMessage(message: SipRequest | SipResponse): Uint8Array {
  let head =
    message.kind === 'request'
      ? `${message.method} ${message.uriText} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  const { names, values, body } = message;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name !== 'Content-Length') head += `${name}: ${values[i] as string}\r\n`;
  }
  head += `Content-Length: ${body.length}\r\n\r\n`;
  return encodeWithBody(head, body);
}
