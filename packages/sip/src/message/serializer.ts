import type { SipRequest, SipResponse } from './message.ts';
import { ByteWriter } from './text.ts';

const writer = new ByteWriter();

/**
 * Writes a message: canonical header names, one line per stored line, Content-Length last and always right.
 * The stored lines are free of line ends because the parser and `append` see to that.
 */
export function writeMessage(message: SipRequest | SipResponse): Uint8Array {
  const { names, values, body } = message;
  writer.begin(sizeBound(message));
  if (message.kind === 'request') {
    writer.put(message.method);
    writer.put(' ');
    writer.put(message.uriText);
    writer.put(' SIP/2.0\r\n');
  } else {
    writer.put('SIP/2.0 ');
    writer.put(String(message.status));
    writer.put(' ');
    writer.put(message.reason);
    writer.put('\r\n');
  }
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    if (name === 'Content-Length') continue;
    writer.put(name);
    writer.put(': ');
    writer.put(values[i] as string);
    writer.put('\r\n');
  }
  writer.put('Content-Length: ');
  writer.put(String(body.length));
  writer.put('\r\n\r\n');
  return writer.end(body);
}

/** Room for the start line without its texts, Content-Length and the empty line. */
const fixedBytes = 64;

/** At least the bytes of a message: a UTF-16 code unit takes at most three. */
function sizeBound(message: SipRequest | SipResponse): number {
  const { names, values, body } = message;
  let units =
    message.kind === 'request' ? message.method.length + message.uriText.length : message.reason.length;
  for (let i = 0; i < names.length; i++)
    units += (names[i] as string).length + (values[i] as string).length + 4;
  return fixedBytes + units * 3 + body.length;
}
