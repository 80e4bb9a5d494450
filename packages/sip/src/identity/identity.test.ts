import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeUtf8, parseMessage, parseUri, SipRequest } from '../message/index.ts';
import {
  identityOf,
  numberOrUserOf,
  phoneOf,
  writeDiversions,
  writeHistory,
  writeIdentity,
  type OutgoingDiversion,
} from './index.ts';

function request(
  headers: ReadonlyArray<readonly [string, string]>,
  from = '"Bob" <sip:bob@phone.example>;tag=1',
): SipRequest {
  const message = new SipRequest('INVITE', 'sip:700@example.test');
  message.push('From', from);
  for (const [name, value] of headers) message.append(name, value);
  return message;
}

const caller = (headers: ReadonlyArray<readonly [string, string]>, from?: string) =>
  identityOf(request(headers, from), { trusted: true });

describe('telephone numbers in URIs', () => {
  const phone = (text: string) => {
    const uri = parseUri(text);
    return uri === undefined ? undefined : phoneOf(uri);
  };

  it('[IDN-01] [RFC3966] tel URIs lose their separators and keep context and extension', () => {
    expect(phone('tel:+420-555-(000).111')).toEqual({ number: '+420555000111', isGlobal: true });
    expect(phone('tel:7042;phone-context=+1-914-555;ext=1-2')).toEqual({
      number: '7042',
      isGlobal: false,
      context: '+1-914-555',
      extension: '12',
    });
    expect(phone('tel:+1234;phone-context=ignored.example')).toEqual({ number: '+1234', isGlobal: true });
  });

  it.each([
    ['sip:+420555000111;npdi=yes;rn=+420222@gw.example;user=phone', '+420555000111'],
    ['sip:+420555000111;cpc=ordinary@gw.example', '+420555000111'],
    ['sip:%2B420555000111@gw.example', '+420555000111'],
    ['sip:+420-555-(000).111@gw.example;user=phone', '+420555000111'],
    ['tel:700;phone-context=gw.example', '700'],
    ['sip:*97@gw.example', '*97'],
    ['sip:alice;office@gw.example', 'alice;office'],
    ['sip:gw.example', ''],
  ])('[IDN-01] [RFC3261 §19.1.6] %s is dialled as %s', (text, dialled) => {
    expect(numberOrUserOf(parseUri(text))).toBe(dialled);
  });

  it('[IDN-01] [RFC3261 §19.1.6] SIP URIs carry numbers with user=phone, or when the user part looks like one', () => {
    expect(phone('sip:+420555000111@gw.example;user=phone')?.number).toBe('+420555000111');
    expect(phone('sip:7042;phone-context=gw.example@gw.example;user=phone')).toMatchObject({
      context: 'gw.example',
    });
    expect(phone('sip:420555000111@gw.example')).toEqual({ number: '420555000111', isGlobal: false });
    expect(phone('sip:*21*5#@gw.example')?.number).toBe('*21*5#');
    for (const text of [
      'sip:alice@a.example',
      'sip:cafe@a.example',
      'sip:a.example',
      'sip:-@a.example',
      'sip:+1x@a.example',
      `sip:${'1'.repeat(65)}@a`,
    ]) {
      expect(phone(text), text).toBeUndefined();
    }
  });
});

describe('who calls', () => {
  it('[IDN-02] [RFC3325] an asserted identity counts from trusted peers only', () => {
    const headers = [['P-Asserted-Identity', '"Ann" <sip:+420555000111@net.example>']] as const;
    const known = caller(headers);
    expect(known).toMatchObject({
      source: 'P-Asserted-Identity',
      isVerified: true,
      isPrivate: false,
      caller: { user: '+420555000111', displayName: 'Ann' },
      from: { user: 'bob', displayName: 'Bob' },
    });
    expect(identityOf(request(headers), { trusted: false })).toMatchObject({
      source: 'From',
      isVerified: false,
      caller: { user: 'bob', phone: undefined },
    });
  });

  it('[IDN-02] of two identities the one with a global number counts, with the name of the other', () => {
    const { caller: party } = caller([
      ['P-Asserted-Identity', '"Ann" <sip:ann@net.example>, <tel:+420-555-000-111>'],
    ]);
    expect(party).toMatchObject({ user: '+420555000111', displayName: 'Ann', uri: 'tel:+420-555-000-111' });
  });

  it('[IDN-03] then Remote-Party-ID of the calling party, then P-Preferred-Identity', () => {
    expect(
      caller([
        ['Remote-Party-ID', '<sip:700@x.example>;party=called'],
        ['Remote-Party-ID', '"Ann" <sip:555@x.example>;party=calling;screen=yes;privacy=off'],
        ['P-Preferred-Identity', '<sip:556@x.example>'],
      ]),
    ).toMatchObject({ source: 'Remote-Party-ID', isVerified: true, caller: { user: '555' } });
    expect(caller([['P-Preferred-Identity', '<sip:556@x.example>']])).toMatchObject({
      source: 'P-Preferred-Identity',
      isVerified: false,
      caller: { user: '556' },
    });
  });

  it('[IDN-04] [RFC3323] who wants privacy has it, whoever asks for it in whatever way', () => {
    const asserted = ['P-Asserted-Identity', '<sip:+420555000111@net.example>'] as const;
    const hidden = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1';
    expect(caller([asserted, ['Privacy', 'id;critical']], hidden)).toMatchObject({
      isPrivate: true,
      privacy: ['id', 'critical'],
      caller: { user: '+420555000111' },
      from: { user: undefined, displayName: undefined },
    });
    expect(caller([asserted, ['Privacy', 'none']]).isPrivate).toBe(false);
    expect(caller([['Privacy', 'User']]).isPrivate).toBe(true);
    expect(caller([], '<sip:unknown@gw.example>;tag=1')).toMatchObject({
      isPrivate: true,
      caller: { user: undefined },
    });
    expect(caller([], '<sip:gw.example>;tag=1').isPrivate).toBe(true);
    for (const privacy of ['full', 'uri'])
      expect(caller([['Remote-Party-ID', `<sip:5@x.example>;privacy=${privacy}`]]).isPrivate).toBe(true);
  });

  it('[IDN-05] malformed headers are passed over', () => {
    expect(
      caller([
        ['P-Asserted-Identity', '"broken <sip:1@x>, mailto:ann@x.example'],
        ['Remote-Party-ID', '<'],
        ['Diversion', '<>'],
        ['History-Info', 'x'],
      ]),
    ).toMatchObject({ source: 'From', diversions: [], originallyCalled: undefined });
    expect(caller([], '"bob" <sip:bob@x.example>;tag=1').from.displayName).toBeUndefined();
  });
});

describe('diversions', () => {
  it('[IDN-06] [RFC5806] come last first, and the last value was dialled first', () => {
    const { diversions, originallyCalled } = caller([
      ['Diversion', '<sip:+1002@x.example>;reason=no-answer;counter=2;privacy=full'],
      ['Diversion', '"Main" <tel:+1001>;reason="user-busy", <sip:x@x.example>;reason=whatever;counter=x'],
    ]);
    expect(
      diversions.map(({ party, reason, count, isPrivate }) => [party.user, reason, count, isPrivate]),
    ).toEqual([
      ['+1002', 'no-answer', 2, true],
      ['+1001', 'user-busy', 1, false],
      ['x', 'unknown', 1, false],
    ]);
    expect(originallyCalled?.user).toBe('x');
  });

  it('[IDN-07] [RFC7044] [RFC4458] are read from History-Info where there is no Diversion', () => {
    const { diversions, originallyCalled } = caller([
      ['History-Info', '<sip:+1001@x.example?Reason=SIP%3Bcause%3D486>;index=1'],
      [
        'History-Info',
        '<sip:+1002@x.example?Privacy=history>;index=1.1;mp=1, <sip:+1002@192.0.2.7>;index=1.1.1;rc=1.1',
      ],
      ['History-Info', '<sip:+1003@x.example;cause=408>;index=1.2;mp=1.1'],
      ['History-Info', '<sip:+1003@192.0.2.8>;index=1.2.1'],
    ]);
    expect(originallyCalled?.user).toBe('+1001');
    expect(diversions.map(({ party, reason, isPrivate }) => [party.user, reason, isPrivate])).toEqual([
      ['+1002', 'no-answer', false],
      ['+1001', 'user-busy', false],
    ]);
    const routed = caller([
      ['History-Info', '<sip:+1001@x.example>;index=1'],
      ['History-Info', '<sip:+1001@192.0.2.9>;index=1.1'],
    ]);
    expect(routed).toMatchObject({ diversions: [], originallyCalled: undefined });
  });

  it('[IDN-07] with the privacy of the entry or the request', () => {
    const entries = ['<sip:1@x?Privacy=history>;index=1', '<sip:2@x;cause=302>;index=1.1'] as const;
    expect(caller([['History-Info', entries.join(',')]]).diversions[0]).toMatchObject({
      isPrivate: true,
      reason: 'unconditional',
    });
    const all = caller([
      ['Privacy', 'history'],
      ['History-Info', entries.join(',').replace('?Privacy=history', '')],
    ]);
    expect([all.diversions[0]?.isPrivate, all.isPrivate]).toEqual([true, false]);
  });
});

describe('writing', () => {
  it('[IDN-08] [RFC3325 §9] tells who calls in the way that the peer wants, anonymous in From when private', () => {
    const identity = { user: '+420555000111', displayName: 'Shop "5"', domain: 'p.example' };
    const address = '"Shop \\"5\\"" <sip:+420555000111@p.example;user=phone>';
    expect(writeIdentity({ ...identity, style: 'none' })).toEqual({ from: address, headers: [] });
    expect(writeIdentity({ ...identity, style: 'P-Asserted-Identity', isPrivate: true })).toEqual({
      from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
      headers: [
        ['P-Asserted-Identity', address],
        ['Privacy', 'id'],
      ],
    });
    expect(writeIdentity({ ...identity, style: 'Remote-Party-ID' }).headers).toEqual([
      ['Remote-Party-ID', `${address};party=calling;screen=yes;privacy=off`],
    ]);
    expect(writeIdentity({ ...identity, style: 'none', isPrivate: true }).headers).toEqual([
      ['Privacy', 'user;id'],
    ]);
  });

  it('[IDN-09] what is written is read back the same, whatever the names are', () => {
    const user = fc.oneof(fc.stringMatching(/^\+[1-9]\d{3,14}$/), fc.stringMatching(/^[a-z]{3,8}$/));
    const name = fc.option(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), { nil: undefined });
    const style = fc.constantFrom('P-Asserted-Identity' as const, 'Remote-Party-ID' as const);
    fc.assert(
      fc.property(user, name, style, fc.boolean(), (who, displayName, how, isPrivate) => {
        fc.pre(!/^(anonymous|unknown|unavailable|restricted|private)$/.test(who));
        const { from, headers } = writeIdentity({
          user: who,
          displayName,
          domain: 'p.example',
          style: how,
          isPrivate,
        });
        const head = [`From: ${from};tag=1`, ...headers.map(([header, value]) => `${header}: ${value}`)];
        const text = `INVITE sip:1@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nTo: <sip:1@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n${head.join('\r\n')}\r\n\r\n`;
        const parsed = parseMessage(encodeUtf8(text));
        if (!parsed.ok || parsed.message.kind !== 'request') throw new Error('unreadable');
        const read = identityOf(parsed.message, { trusted: true });
        expect(read).toMatchObject({ caller: { user: who }, source: how, isPrivate, isVerified: true });
      }),
    );
  });

  it('[IDN-10] [RFC7544] diversions say the same in both headers', () => {
    const diversions: OutgoingDiversion[] = [
      { user: '+1002', reason: 'no-answer', count: 1, isPrivate: false },
      { user: '+1001', reason: 'user-busy', count: 1, isPrivate: true },
    ];
    expect(writeDiversions(diversions, 'x.example')[0]).toBe(
      '<sip:+1002@x.example;user=phone>;reason=no-answer;counter=1;privacy=off',
    );
    const history = writeHistory(diversions, '+1003', 'x.example');
    expect(history).toEqual([
      '<sip:+1001@x.example;user=phone?Privacy=history>;index=1',
      '<sip:+1002@x.example;user=phone;cause=486>;index=1.1;mp=1',
      '<sip:+1003@x.example;user=phone;cause=408>;index=1.1.1;mp=1.1',
    ]);
    const byHistory = caller(history.map((value) => ['History-Info', value] as const)).diversions;
    const byDiversion = caller(
      writeDiversions(diversions, 'x.example').map((value) => ['Diversion', value] as const),
    );
    const told = (list: typeof byHistory) =>
      list.map(({ party, reason, isPrivate }) => [party.user, reason, isPrivate]);
    expect(told(byHistory)).toEqual(told(byDiversion.diversions));
    expect(told(byHistory)).toEqual(
      diversions.map(({ user, reason, isPrivate }) => [user, reason, isPrivate]),
    );
  });
});
