import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createResponse,
  decodeUtf8,
  encodeUtf8,
  parseMessage,
  SipRequest,
  SipResponse,
  writeMessage,
} from './index.ts';

const lines = [
  'INVITE sip:700@example.test SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bKabc',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@example.test>;tag=1928',
  'To: <sip:700@example.test>',
  'Call-ID: a84b4c76e66710@192.0.2.10',
  'CSeq: 314159 INVITE',
];

/** The typical INVITE with lines changed or added, and a body. */
function raw(extra: string[] = [], replace: Record<number, string> = {}, body = ''): Uint8Array {
  const all = lines.map((line, i) => replace[i] ?? line).filter((line) => line !== '');
  return encodeUtf8([...all, ...extra, '', body].join('\r\n'));
}

function request(bytes: Uint8Array): SipRequest {
  const result = parseMessage(bytes);
  if (!result.ok || result.message.kind !== 'request')
    throw new Error(result.ok ? 'a response' : result.reason);
  return result.message;
}

function reasonOf(bytes: Uint8Array): string {
  const result = parseMessage(bytes);
  return result.ok ? '' : `${result.status} ${result.reason}`;
}

describe('parseMessage', () => {
  it('[MSG-01] reads a request and its typed headers', () => {
    const invite = request(raw(['Content-Length: 3'], {}, 'abc'));
    expect(invite.method).toBe('INVITE');
    expect(invite.uri).toMatchObject({ scheme: 'sip', user: '700', host: 'example.test' });
    expect(invite.from.displayName).toBe('Alice');
    expect([invite.fromTag, invite.toTag, invite.sequence, invite.callId]).toEqual([
      '1928',
      undefined,
      314_159,
      'a84b4c76e66710@192.0.2.10',
    ]);
    expect(invite.via).toMatchObject({ transport: 'UDP', host: '192.0.2.10', port: 5060 });
    expect(decodeUtf8(invite.body)).toBe('abc');
  });

  it('[MSG-01] reads a response, also one without reason phrase', () => {
    for (const start of ['SIP/2.0 180 Ringing', 'SIP/2.0 180 ', 'SIP/2.0 180', 'sip/2.0 180 Ringing']) {
      const result = parseMessage(raw([], { 0: start }));
      expect(result.ok && result.message.kind === 'response' && result.message.status).toBe(180);
    }
  });

  it('[MSG-02] accepts compact forms, any case, blanks before the colon, folds and lone LF', () => {
    const text = [
      'OPTIONS sip:a@b SIP/2.0',
      'v:SIP/2.0/UDP h;branch=z9hG4bK1',
      'f : "A\\"B" <sip:a@b>',
      '  ;tag=1',
      'T: sip:c@d;tag=2',
      'i: x',
      'CSEQ: 1',
      '\tOPTIONS',
      'x-custom-THING: 7',
      'l: 0',
      '',
      '',
    ].join('\n');
    const message = request(encodeUtf8(text));
    expect(message.from.displayName).toBe('A"B');
    expect([message.fromTag, message.toTag, message.sequence]).toEqual(['1', '2', 1]);
    expect(message.header('X-Custom-Thing')).toBe('7');
    expect(message.names).toContain('X-Custom-Thing');
  });

  it('[MSG-03] reads several values in one line and over several lines, quotes and brackets respected', () => {
    const message = request(
      raw([
        'Contact: "Doe, J" <sip:a@b?x=1,2>;q=0.5, sip:c@d',
        'Contact: <sip:e@f;p=1,2>',
        'Route: <sip:p1;lr>,<sip:p2;lr>',
      ]),
    );
    expect(message.headerValues('m')).toEqual([
      '"Doe, J" <sip:a@b?x=1,2>;q=0.5',
      'sip:c@d',
      '<sip:e@f;p=1,2>',
    ]);
    expect(message.headerValues('Route')).toHaveLength(2);
  });

  it('[MSG-04] skips empty lines before the start line and cuts the body to Content-Length', () => {
    const bytes = encodeUtf8(`\r\n\r\n${decodeUtf8(raw(['Content-Length: 2'], {}, 'abcdef'))}`);
    expect(decodeUtf8(request(bytes).body)).toBe('ab');
  });

  it('[MSG-05] [RFC3261 §18.3] refuses a body shorter than Content-Length', () => {
    expect(reasonOf(raw(['Content-Length: 4'], {}, 'abc'))).toBe('400 Body Shorter Than Content-Length');
    expect(reasonOf(raw(['Content-Length: -1']))).toBe('400 Malformed Content-Length');
    expect(reasonOf(raw(['Content-Length: 1', 'Content-Length: 2'], {}, 'abc'))).toBe(
      '400 Conflicting Content-Length',
    );
  });

  it('[MSG-06] names what is missing or malformed, and keeps enough to answer', () => {
    const cases: Array<[number, string, string]> = [
      [0, 'INVITE sip:a@b SIP/7.0', '505 Version Not Supported'],
      [0, 'INVITE <sip:a@b> SIP/2.0', '400 Malformed Request-URI'],
      [0, 'INVITE sip:a b SIP/2.0', '400 Malformed Request-URI'],
      [0, 'INVITE sip:a@b', '400 Malformed Request Line'],
      [0, 'IN"VITE sip:a@b SIP/2.0', '400 Malformed Method'],
      [1, '', '400 Missing or Malformed Via'],
      [1, 'Via: SIP/2.0/UDP ;branch=z9hG4bK1', '400 Missing or Malformed Via'],
      [2, 'Max-Forwards: many', '400 Malformed Max-Forwards'],
      [3, '', '400 Missing or Malformed From'],
      [3, 'From: "Alice <sip:a@b>;tag=1', '400 Missing or Malformed From'],
      [4, 'To: <sip:a@b', '400 Missing or Malformed To'],
      [5, 'Call-ID:', '400 Missing or Malformed Call-ID'],
      [6, 'CSeq: 1 BYE', '400 CSeq Method Mismatch'],
      [6, 'CSeq: 4294967296 INVITE', '400 Missing or Malformed CSeq'],
      [6, 'CSeq: INVITE', '400 Missing or Malformed CSeq'],
    ];
    for (const [index, line, expected] of cases) {
      const bytes = raw([], { [index]: line });
      expect(reasonOf(bytes)).toBe(expected);
      const result = parseMessage(bytes);
      if (expected.includes('Method') && index === 0) continue;
      const answered =
        !result.ok && result.request !== undefined ? createResponse(result.request, 400) : undefined;
      expect(
        answered?.names.filter((name) => ['From', 'To', 'Call-ID', 'CSeq', 'Via'].includes(name)).length,
      ).toBeGreaterThan(3);
    }
  });

  it('[MSG-06] refuses a repeated header of which there may be one', () => {
    for (const index of [2, 3, 4, 5, 6]) {
      expect(reasonOf(raw([lines[index] ?? '']))).toMatch(/^400 Multiple /);
      const result = parseMessage(raw([lines[index] ?? '']));
      const name = (lines[index] ?? '').split(':')[0] ?? '';
      // The refusal copies it, and must not have it twice.
      expect(result.ok ? 0 : result.request?.headerLines(name).length).toBe(1);
    }
  });

  it('[MSG-07] takes exactly as many header lines as the limit allows', () => {
    const many = (count: number): Uint8Array => raw(Array.from({ length: count - 6 }, (_, i) => `X-${i}: 1`));
    expect(parseMessage(many(20), { headersMax: 20 }).ok).toBe(true);
    const result = parseMessage(many(21), { headersMax: 20 });
    expect(!result.ok && result.status).toBe(513);
  });

  it('[MSG-08] a carriage return inside a value cannot start a new line when it is written again', () => {
    const message = request(raw(['Subject: a\rX-Evil: 1']));
    expect(decodeUtf8(writeMessage(message))).toContain('Subject: a X-Evil: 1\r\n');
    const own = new SipResponse(200, 'OK');
    own.append('Reason', 'SIP\r\nX-Evil: 1');
    expect(decodeUtf8(writeMessage(own))).toContain('Reason: SIP X-Evil: 1\r\n');
  });

  it('[MSG-09] reads IPv6 in Via and Request-URI', () => {
    const message = request(
      raw([], {
        0: 'INVITE sip:a@[2001:DB8::1]:5080 SIP/2.0',
        1: 'Via: SIP/2.0/TCP [2001:db8::9:1]:5061;received=[2001:db8::2];branch=z9hG4bK1',
      }),
    );
    expect(message.uri).toMatchObject({ host: '2001:db8::1', port: 5080 });
    expect(message.via).toMatchObject({ transport: 'TCP', host: '2001:db8::9:1', port: 5061 });
  });

  it('[MSG-10] [RFC4475] reads a legal request that strains every rule of white space at once', () => {
    const text = [
      'INVITE sip:queue%207@desk.example.test;odd SIP/2.0',
      'TO\t:',
      ' sip:queue7@desk.example.test ;   tag    = 77twelve',
      'fROM   : "Back \\\\ and \\" quote"       <sip:ringer@example.test>',
      '  ;',
      '  tag = caller5',
      'mAX-fORWARDS: 0042',
      'Call-ID: strained.1@192.0.2.44',
      'Content-Length   : 0',
      'cseq: 0017',
      '  INVITE',
      'Via  : SIP  /   2.0',
      ' /UDP',
      '    192.0.2.45;branch=oldstyle',
      's :',
      'BrandNew:   first half',
      ' second half',
      'OnlyPunctuation: ,;;,,;=,;',
      'Route:',
      ' <sip:edge.example.test;lr;flag;name=value>',
      'v:  SIP  / 2.0  / TCP     middle.example.test   ;',
      '  branch  =   z9hG4bKmiddle  ,',
      ' SIP  /    2.0   / UDP  192.0.2.46   ; branch=',
      ' z9hG4bKfirst',
      'm:"Two \\"quotes\\"" <sip:ringer@example.test> ; fresh =',
      '      yes ;',
      '  flag ; q = 0.25',
      '',
      '',
    ].join('\r\n');
    const message = request(encodeUtf8(text));
    expect([message.fromTag, message.toTag]).toEqual(['caller5', '77twelve']);
    expect(message.from.displayName).toBe('Back \\ and " quote');
    expect([message.sequence, message.viaCount]).toEqual([17, 3]);
    expect(message.via).toMatchObject({ transport: 'UDP', host: '192.0.2.45' });
    expect(message.header('BrandNew')).toBe('first half second half');
    expect(message.headerValues('Route')).toHaveLength(1);
    expect(message.headerValues('Contact')).toHaveLength(1);
  });
});

const token = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
const printable = fc.stringMatching(/^[ -~]{0,20}$/);

describe('any message', () => {
  it('[MSG-20] what is written is read back the same', () => {
    const anyRequest = fc.record({
      method: token,
      user: fc.stringMatching(/^[a-z0-9]{1,8}$/),
      branch: token,
      tag: token,
      callId: token,
      sequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      extra: fc.array(fc.tuple(fc.stringMatching(/^X-[A-Z][a-z]{0,6}$/), printable), { maxLength: 5 }),
      body: fc.uint8Array({ maxLength: 300 }),
      display: printable,
    });
    fc.assert(
      fc.property(anyRequest, (shape) => {
        const message = new SipRequest(shape.method, `sip:${shape.user}@example.test`);
        message.push('Via', `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${shape.branch}`);
        message.push('From', `"${shape.display.replaceAll(/["\\]/g, '\\$&')}" <sip:a@b>;tag=${shape.tag}`);
        message.push('To', '<sip:c@d>');
        message.push('Call-ID', shape.callId);
        message.push('CSeq', `${shape.sequence} ${shape.method}`);
        for (const [name, value] of shape.extra) message.push(name, value.trim());
        message.body = shape.body;
        const bytes = writeMessage(message);
        const again = request(bytes);
        expect(again.from.displayName).toBe(shape.display);
        expect(writeMessage(again)).toEqual(bytes);
      }),
    );
  });

  it('[MSG-21] no change of bytes makes the parser throw, and every refusal can be answered', () => {
    const base = raw(['Contact: <sip:a@b;x=y>;q=0.3', 'Route: <sip:p;lr>', 'Content-Length: 3'], {}, 'abc');
    const mutation = fc.record({
      at: fc.nat(base.length - 1),
      kind: fc.constantFrom('set', 'delete', 'insert'),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(...encodeUtf8('\r\n:;,<>"\\@[]% \0'))),
    });
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
        const bytes = [...base];
        for (const { at, kind, byte } of mutations) {
          if (kind === 'set') bytes[at % bytes.length] = byte;
          else if (kind === 'delete') bytes.splice(at % bytes.length, 1);
          else bytes.splice(at % bytes.length, 0, byte);
        }
        const result = parseMessage(Uint8Array.from(bytes));
        if (result.ok) {
          const { message } = result;
          expect(parseMessage(writeMessage(message)).ok).toBe(true);
          const lazy = [message.from.uri, message.to.uri, message.headerValues('Contact'), message.viaCount];
          expect(lazy).toHaveLength(4);
        } else {
          expect(result.status).toBeGreaterThanOrEqual(400);
          if (result.request === undefined) return;
          writeMessage(createResponse(result.request, result.status, result.reason, 't'));
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('[MSG-22] random bytes never make the parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseMessage(bytes)).toBeDefined();
      }),
    );
  });
});
