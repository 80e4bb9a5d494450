import fc from 'fast-check';
import { decodeUtf8, encodeUtf8 } from '../../src/index.ts';

/** Values that have broken parsers elsewhere. */
const nastyValues = [
  '',
  ' ',
  '0',
  '-1',
  '2147483648',
  '4294967296',
  '99999999999999999999999',
  '1e9',
  '0x10',
  '%',
  '%00',
  '%s%n%x',
  '\u0000',
  '\u0007\u001b[2J',
  '\ufffd\ud83d\ude00',
  '"',
  '"\\',
  '<',
  '<<<<sip:a@b>',
  '<sip:>',
  '<sip:a@[::1>',
  'sip:a@b:99999',
  'sips:a@b;transport=udp',
  'tel:+1;phone-context=',
  ';;;;;',
  ',,,,',
  '((((((((((((((((',
  'a=b;c="d;e',
  'SIP/2.0/UDP a;branch=z9hG4bK',
  'SIP/2.0/TLS [2001:db8::1]:0;rport;maddr=255.255.255.255',
  'Digest username="a", realm="example.test", nonce="", uri="", response=""',
  '<sip:a@b>;tag=x;tag=y',
  '*',
  'application/sdp;boundary=x',
  'multipart/mixed;boundary=x',
  '1 1 INVITE',
  '1;refresher=uac',
  '0 NOTIFY',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  `<sip:${'a'.repeat(2_000)}@b>`,
  'a,'.repeat(500),
  `${'%41'.repeat(300)}`,
];

const headerNames = [
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'Require',
  'Supported',
  'Content-Length',
  'Content-Type',
  'Content-Disposition',
  'Content-Encoding',
  'Authorization',
  'Expires',
  'Min-Expires',
  'Session-Expires',
  'Min-SE',
  'RSeq',
  'RAck',
  'Replaces',
  'Refer-To',
  'Event',
  'Subscription-State',
  'Path',
  'Accept',
  'Proxy-Require',
  'Retry-After',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Reason',
  'P-Asserted-Identity',
  'v',
  'f',
  't',
  'i',
  'm',
  'l',
  'c',
  'k',
  'x',
  'Unheard-Of',
  'constructor',
  '',
  ' ',
  'Ba d',
];

const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'INFO',
  'UPDATE',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'MESSAGE',
  'PUBLISH',
  'X',
  '',
];

/** One change of one message; positions are shares of what there is, from 0 to 65,535. */
export type Mutation =
  | { kind: 'set-byte' | 'insert-byte'; at: number; byte: number }
  | { kind: 'cut' | 'repeat'; at: number; length: number }
  | { kind: 'truncate'; at: number }
  | { kind: 'drop-line' | 'double-line' | 'fold-line' | 'lower-line'; at: number }
  | { kind: 'swap-lines'; at: number; with: number }
  | { kind: 'set-value'; at: number; value: string }
  | { kind: 'add-header'; name: string; value: string; at: number }
  | { kind: 'method'; method: string }
  | { kind: 'content-length'; difference: number }
  | { kind: 'many-headers'; name: string; count: number }
  | { kind: 'status'; status: number };

let mutation: fc.Arbitrary<Mutation> | undefined;

/** Any change. It is made when it is asked for: half a second of the processor, which most who load this file never need. */
export function anyMutation(): fc.Arbitrary<Mutation> {
  mutation ??= makeMutation();
  return mutation;
}

function makeMutation(): fc.Arbitrary<Mutation> {
  const at = fc.nat(65_535);
  const value = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...nastyValues) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 30 }) },
  );
  return fc.oneof(
    fc.record({ kind: fc.constantFrom('set-byte' as const, 'insert-byte' as const), at, byte: fc.nat(255) }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'repeat' as const), at, length: fc.nat(300) }),
    fc.record({ kind: fc.constant('truncate' as const), at }),
    fc.record({
      kind: fc.constantFrom(
        'drop-line' as const,
        'double-line' as const,
        'fold-line' as const,
        'lower-line' as const,
      ),
      at,
    }),
    fc.record({ kind: fc.constant('swap-lines' as const), at, with: at }),
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('set-value' as const), at, value }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('add-header' as const),
        name: fc.constantFrom(...headerNames),
        value,
        at,
      }),
    },
    fc.record({ kind: fc.constant('method' as const), method: fc.constantFrom(...methods) }),
    fc.record({
      kind: fc.constant('content-length' as const),
      difference: fc.integer({ min: -200, max: 200 }),
    }),
    fc.record({
      kind: fc.constant('many-headers' as const),
      name: fc.constantFrom(...headerNames),
      count: fc.nat(300),
    }),
    fc.record({ kind: fc.constant('status' as const), status: fc.nat(1_000) }),
  );
}

/** The message with the change. */
export function mutate(bytes: Uint8Array, change: Mutation): Uint8Array {
  switch (change.kind) {
    case 'set-byte': {
      const copy = bytes.slice();
      if (copy.length > 0) copy[share(change.at, copy.length)] = change.byte;
      return copy;
    }
    case 'insert-byte':
      return splice(bytes, share(change.at, bytes.length), 0, Uint8Array.of(change.byte));
    case 'cut':
      return splice(bytes, share(change.at, bytes.length), change.length, new Uint8Array(0));
    case 'repeat': {
      const from = share(change.at, bytes.length);
      return splice(bytes, from, 0, bytes.slice(from, from + change.length));
    }
    case 'truncate':
      return bytes.slice(0, share(change.at, bytes.length + 1));
    default:
      return encodeUtf8(mutateLines(decodeUtf8(bytes), change));
  }
}

type LineChange = Exclude<Mutation, { kind: 'set-byte' | 'insert-byte' | 'cut' | 'repeat' | 'truncate' }>;

function mutateLines(text: string, change: LineChange): string {
  const end = text.indexOf('\r\n\r\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const rest = end < 0 ? '' : text.slice(end);
  const line = 'at' in change ? share(change.at, lines.length) : 0;
  const old = lines[line] ?? '';
  const colon = old.indexOf(':');
  switch (change.kind) {
    case 'drop-line':
      lines.splice(line, 1);
      break;
    case 'double-line':
      lines.splice(line, 0, old);
      break;
    case 'fold-line':
      lines[line] = old.replace(/[ ;,]/, '$&\r\n ');
      break;
    case 'lower-line':
      lines[line] = old.toLowerCase();
      break;
    case 'swap-lines': {
      const other = share(change.with, lines.length);
      [lines[line], lines[other]] = [lines[other] ?? '', old];
      break;
    }
    case 'set-value':
      lines[line] = `${old.slice(0, colon + 1)} ${change.value}`;
      break;
    case 'add-header':
      lines.splice(Math.max(1, line), 0, `${change.name}: ${change.value}`);
      break;
    case 'method':
      lines[0] = (lines[0] ?? '').replace(/^\S*/, change.method);
      break;
    case 'status':
      lines[0] = (lines[0] ?? '').replace(/ \d+ /, ` ${change.status} `);
      break;
    case 'content-length':
      lines.push(`Content-Length: ${rest.length - 4 + change.difference}`);
      break;
    case 'many-headers':
      for (let i = 0; i < change.count; i++) lines.push(`${change.name}: ${i}`);
      break;
  }
  return lines.join('\r\n') + rest;
}

function share(position: number, count: number): number {
  return count === 0 ? 0 : Math.floor((position / 65_536) * count);
}

function splice(bytes: Uint8Array, from: number, removed: number, added: Uint8Array): Uint8Array {
  const tail = bytes.subarray(from + removed);
  const result = new Uint8Array(from + added.length + tail.length);
  result.set(bytes.subarray(0, from));
  result.set(added, from);
  result.set(tail, from + added.length);
  return result;
}
