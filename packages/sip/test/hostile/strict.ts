import { decodeUtf8, encodeUtf8, parseMessage } from '../../src/index.ts';
import { writeMessage } from '../../src/message/index.ts';
import { isStun } from '../../src/stun/index.ts';

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
/** Whether a text has control characters other than the tab, which is white space (RFC 3261 §25.1). */
function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code < 32 && code !== 9) || code === 127) return true;
  }
  return false;
}

/** What a response copies from its request, and a request from the dialog or challenge that it belongs to. */
const copied =
  /^(Via|From|To|Call-ID|CSeq|Timestamp|Record-Route|Route|Contact|Path|Unsupported|Authorization|Proxy-Authorization): /;

/** What is wrong with something that the stack wants to send; undefined when nothing is. */
export function findFault(bytes: Uint8Array): string | undefined {
  if (isStun(bytes) || decodeUtf8(bytes) === '\r\n') return undefined;
  const text = decodeUtf8(bytes);
  return findFaultyLine(text) ?? findFaultyMessage(bytes, text);
}

function findFaultyLine(text: string): string | undefined {
  const head = text.slice(0, text.indexOf('\r\n\r\n'));
  const [start = '', ...lines] = head.split('\r\n');
  if (hasControl(start)) return `control character in ${JSON.stringify(start)}`;
  for (const line of lines) {
    const colon = line.indexOf(': ');
    if (colon < 1 || !token.test(line.slice(0, colon))) return `no header: ${JSON.stringify(line)}`;
    // What is copied from the peer stays as the peer has written it, but it can never begin a line.
    const isCopied = copied.test(line) && !/[\r\n]/.test(line);
    if (hasControl(line) && !isCopied) return `control character in ${JSON.stringify(line)}`;
  }
  return undefined;
}

function findFaultyMessage(bytes: Uint8Array, text: string): string | undefined {
  // The refusal of a request with as many Vias as may be has a few headers more.
  const result = parseMessage(bytes, { headersMax: 300 });
  if (!result.ok) {
    // The refusal of a malformed request copies what it cannot read (RFC 3261 §8.2.6.2), and nothing but that.
    const isCopied = /^Missing or Malformed (Via|From|To|Call-ID|CSeq)$/.test(result.reason);
    return isCopied && /^SIP\/2\.0 (400|505|513) /.test(text) ? undefined : `unreadable: ${result.reason}`;
  }
  const { message } = result;
  if (!areEqual(writeMessage(message), bytes)) return 'not what it is when written again';
  if (message.header('Content-Length') !== String(message.body.length)) return 'wrong Content-Length';
  if (message.body.length > 0 && message.header('Content-Type') === undefined) return 'body without type';
  if (message.kind === 'response') {
    if (message.status < 100 || message.status > 699) return `status ${message.status}`;
    return message.status > 100 && message.toTag === undefined ? 'no To tag' : undefined;
  }
  if (message.sequenceMethod !== message.method) return 'CSeq of another method';
  if (message.header('Max-Forwards') === undefined) return 'no Max-Forwards';
  if (message.via?.parameters.get('branch')?.startsWith('z9hG4bK') !== true) return 'no branch of RFC 3261';
  if (message.fromTag === undefined) return 'no From tag';
  return encodeUtf8(message.uriText).length === 0 ? 'no Request-URI' : undefined;
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
