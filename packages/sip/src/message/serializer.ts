import type { SipRequest, SipResponse } from './message.ts';
import { MessageWriter } from './text.ts';

const writer = new MessageWriter();

/**
 * Writes a message: canonical header names, one line per stored line, Content-Length last and always right.
 * The stored lines are free of line ends because the parser and `append` see to that.
 *
 * @param body in place of the message's own
 */
export function writeMessage(message: SipRequest | SipResponse, body: Uint8Array = message.body): Uint8Array {
  const { names, values } = message;
  let head =
    message.kind === 'request'
      ? `${message.method} ${message.uriText} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name !== 'Content-Length') head += `${name}: ${values[i] as string}\r\n`;
  }
  return writer.write(`${head}Content-Length: ${body.length}\r\n\r\n`, body);
}
