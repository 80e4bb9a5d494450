import { describe, expect, it } from 'vitest';
import { headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { isIdle, type Host, World } from '../../test/world.ts';
import type { SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const nothing = { sessions: 0, dialogs: 0, timers: 0, clientTransactions: 0, serverTransactions: 0 };

function starts(texts: string[]): string[] {
  return texts.map((text) => (text.startsWith('SIP') ? text.slice(8, 11) : (text.split(' ')[0] ?? '')));
}

function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

/** A call of bob that we have answered. */
function answered(
  options: Partial<SipStackOptions> = {},
  callId = 'call-1',
  wire = new Wire({ refer: 'calls', ...options }),
) {
  wire.receive(write({ body: sdp, callId }));
  const sessionId = wire.of('invite').at(-1)?.sessionId ?? '';
  wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
  wire.collect();
  const to = headerOf(wire.last, 'To');
  wire.receive(write({ method: 'ACK', to, callId }));
  return { wire, sessionId, to };
}

/** A REFER of bob that we have taken; the first report is on its way. */
function taken(headers: string[] = []) {
  const call = answered();
  const { wire, to } = call;
  wire.receive(write({ method: 'REFER', to, sequence: 2, headers: ['Refer-To: <sip:carol@h>', ...headers] }));
  const referId = wire.of('refer')[0]?.referId ?? '';
  const before = wire.sent.length;
  wire.stack.transfers.accept({ referId }, wire.nowMs);
  wire.collect();
  return {
    ...call,
    referId,
    answer: wire.sent[before]?.text ?? '',
    notify: wire.sent[before + 1]?.text ?? '',
  };
}

describe('a REFER of the peer', () => {
  it('[REF-01] [RFC3515 §2.4] tells where to call, on whose behalf, and which call to replace', () => {
    const { wire, sessionId, to } = answered();
    const other = answered({}, 'call-2', wire);
    const replaces = `call-2%3Bto-tag%3D${tagOf(other.to)}%3Bfrom-tag%3Dbob`;
    const headers = [
      `Refer-To: "Carol" <sip:carol@h?Replaces=${replaces}>`,
      'Referred-By: <sip:bob@example.test>',
    ];
    expect(wire.receive(write({ method: 'REFER', to, sequence: 2, headers }))).toEqual([]);
    expect(wire.of('refer')).toMatchObject([
      {
        sessionId,
        target: { uri: { user: 'carol', host: 'h' }, displayName: 'Carol', replaces: { callId: 'call-2' } },
        replacesSessionId: other.sessionId,
        referredBy: { uriText: 'sip:bob@example.test' },
        wantsReport: true,
      },
    ]);
  });

  it('[REF-02] [RFC3515 §2.4.4, RFC7647] accepted, it gets 200 and at once a report of 100', () => {
    const { answer, notify, to } = taken();
    expect(answer).toContain('SIP/2.0 200 OK');
    expect(headerOf(answer, 'To')).toBe(to);
    expect(headerOf(answer, 'Contact')).not.toBe('');
    expect(notify).toContain('NOTIFY sip:bob@172.16.0.5:5062 SIP/2.0');
    expect(headerOf(notify, 'Event')).toBe('refer');
    expect(headerOf(notify, 'Subscription-State')).toBe('active;expires=300');
    expect(headerOf(notify, 'Content-Type')).toBe('message/sipfrag;version=2.0');
    expect(bodyOf(notify)).toBe('SIP/2.0 100 Trying\r\n');
  });

  it('[REF-03] [RFC6665 §4.2.2] reports go out one at a time, the latest last, and the final one ends it', () => {
    const { wire, referId, notify, sessionId } = taken();
    const report = (status: number) => wire.stack.transfers.report({ referId, status }, wire.nowMs);
    expect([report(180), report(183)]).toEqual([{ ok: true }, { ok: true }]);
    wire.collect();
    expect(wire.last).toBe(notify);
    wire.receive(reply(notify, '200 OK'));
    expect(bodyOf(wire.last)).toBe('SIP/2.0 183 Session Progress\r\n');
    wire.receive(reply(wire.last, '200 OK'));
    expect(report(200)).toEqual({ ok: true });
    wire.collect();
    expect(bodyOf(wire.last)).toBe('SIP/2.0 200 OK\r\n');
    expect(headerOf(wire.last, 'Subscription-State')).toBe('terminated;reason=noresource');
    expect(report(486)).toMatchObject({ reason: 'unknown-session' });
    wire.receive(reply(wire.last, '200 OK'));
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    wire.receive(reply(wire.last, '200 OK'));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[REF-04] [RFC5057 §4.1] reports go on after the call has ended, and then the dialog is gone', () => {
    const { wire, referId, notify, to } = taken();
    wire.receive(reply(notify, '200 OK'));
    wire.receive(write({ method: 'BYE', to, sequence: 3 }));
    expect(wire.of('ended')).toHaveLength(1);
    expect(wire.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 1 });
    wire.stack.transfers.report({ referId, status: 603, reason: 'No' }, wire.nowMs);
    wire.collect();
    expect(bodyOf(wire.last)).toBe('SIP/2.0 603 No\r\n');
    wire.receive(reply(wire.last, '481 Call/Transaction Does Not Exist'));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[REF-05] refused, it leaves nothing; unanswered for 60*T1 it gets 500; 487 when the call ends before', () => {
    const ask = (headers = ['Refer-To: <sip:carol@h>']) => {
      const call = answered();
      call.wire.receive(write({ method: 'REFER', to: call.to, sequence: 2, headers }));
      return { ...call, referId: call.wire.of('refer')[0]?.referId ?? '' };
    };
    const refused = ask();
    refused.wire.stack.transfers.refuse({ referId: refused.referId, status: 603 }, 1_000);
    refused.wire.collect();
    expect(starts([refused.wire.last])).toEqual(['603']);
    const { referId } = refused;
    expect(refused.wire.stack.transfers.accept({ referId }, 1_000)).toMatchObject({ ok: false });
    const silent = ask();
    expect(silent.wire.stack.transfers.report({ referId: silent.referId, status: 180 }, 1_000)).toMatchObject(
      {
        reason: 'wrong-state',
      },
    );
    expect(starts(silent.wire.pass(30_000))).toEqual(['500']);
    const ended = ask();
    const sent = ended.wire.receive(write({ method: 'BYE', to: ended.to, sequence: 3 }));
    expect(starts(sent)).toEqual(['200', '487']);
    expect(ended.wire.stack.statistics().dialogs).toBe(0);
  });

  it('[REF-06] [RFC3515 §2.4.1] what cannot be followed is refused here', () => {
    const { wire, to } = answered();
    const verdict = (sequence: number, headers: string[]) =>
      starts(wire.receive(write({ method: 'REFER', to, sequence, headers })));
    expect(verdict(2, [])).toEqual(['400']);
    expect(verdict(3, ['Refer-To: <http://h/>'])).toEqual(['416']);
    expect(verdict(4, ['Refer-To: <sip:a@b>', 'Require: explicitsub'])).toEqual(['420']);
    expect(verdict(2, ['Refer-To: <sip:a@b>'])).toEqual(['500']);
    for (let open = 0; open < 8; open++) expect(verdict(10 + open, ['Refer-To: <sip:a@b>'])).toEqual([]);
    expect(verdict(20, ['Refer-To: <sip:a@b>'])).toEqual(['500']);
    expect(headerOf(wire.last, 'Retry-After')).toBe('5');
    const early = new Wire({ refer: 'calls' });
    early.receive(write({ body: sdp }));
    const sessionId = early.of('invite')[0]?.sessionId ?? '';
    early.stack.progress({ sessionId, status: 180 }, early.nowMs);
    early.collect();
    const earlyTo = headerOf(early.last, 'To');
    const headers = ['Refer-To: <sip:a@b>'];
    expect(starts(early.receive(write({ method: 'REFER', to: earlyTo, sequence: 2, headers })))).toEqual([
      '403',
    ]);
  });

  it('[REF-03] the last report is told of once it is answered, and when the peer cannot be told', () => {
    const { wire, notify, referId } = taken();
    wire.stack.transfers.report({ referId, status: 200 }, wire.nowMs);
    wire.collect();
    // It waits for the answer to the report of 100.
    expect(bodyOf(wire.last)).toBe('SIP/2.0 100 Trying\r\n');
    wire.receive(reply(notify, '200 OK'));
    expect(bodyOf(wire.last)).toBe('SIP/2.0 200 OK\r\n');
    expect(wire.of('refer-told')).toEqual([]);
    wire.receive(reply(wire.last, '200 OK'));
    expect(wire.of('refer-told')).toEqual([{ type: 'refer-told', referId }]);
    const silent = taken();
    silent.wire.stack.transfers.report({ referId: silent.referId, status: 200 }, silent.wire.nowMs);
    silent.wire.collect();
    silent.wire.pass(32_000);
    expect(silent.wire.of('refer-told')).toHaveLength(1);
    expect(silent.wire.of('refer-ended')).toEqual([]);
  });

  it('[REF-07] [RFC4488] without a subscription nothing is reported', () => {
    const { wire, answer, notify, referId } = taken(['Refer-Sub: false', 'Require: norefersub']);
    expect(headerOf(answer, 'Refer-Sub')).toBe('false');
    expect(notify).toBe('');
    expect(wire.of('refer')[0]?.wantsReport).toBe(false);
    expect(wire.stack.transfers.report({ referId, status: 200 }, wire.nowMs)).toMatchObject({ ok: false });
  });

  it('[REF-08] [RFC3515 §2.4.6] a second REFER is told apart by the id of its reports', () => {
    const { wire, notify, to } = taken();
    wire.receive(reply(notify, '200 OK'));
    wire.receive(write({ method: 'REFER', to, sequence: 7, headers: ['Refer-To: <sip:dora@h>'] }));
    wire.stack.transfers.accept({ referId: wire.of('refer')[1]?.referId ?? '' }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'Event')).toBe('refer;id=7');
  });

  it('[REF-09] the referrer may prolong the reports, or end them; else they end after 300 s', () => {
    const subscribe = (call: ReturnType<typeof taken>, sequence: number, expires: number) => {
      const headers = ['Event: refer', `Expires: ${expires}`];
      return call.wire.receive(write({ method: 'SUBSCRIBE', to: call.to, sequence, headers }));
    };
    const call = taken();
    call.wire.receive(reply(call.notify, '200 OK'));
    call.wire.pass(200_000);
    const prolonged = subscribe(call, 3, 3_600);
    expect(starts(prolonged)).toEqual(['200', 'NOTIFY']);
    expect(headerOf(prolonged[0] ?? '', 'Expires')).toBe('300');
    call.wire.receive(reply(call.wire.last, '200 OK'));
    call.wire.pass(299_000);
    expect(call.wire.of('refer-ended')).toEqual([]);
    expect(headerOf(call.wire.pass(1_000)[0] ?? '', 'Subscription-State')).toBe('terminated;reason=timeout');
    expect(call.wire.of('refer-ended')).toMatchObject([{ referId: call.referId, by: 'timeout' }]);
    const ended = taken();
    ended.wire.receive(reply(ended.notify, '200 OK'));
    expect(starts(subscribe(ended, 3, 0))).toEqual(['200', 'NOTIFY']);
    expect(ended.wire.of('refer-ended')).toMatchObject([{ by: 'remote' }]);
    expect(starts(subscribe(ended, 4, 60))).toEqual(['481']);
  });

  it('[REF-10] [RFC6665 §4.2.2] a refused report ends them; with Retry-After it is sent again', () => {
    const { wire, notify, referId } = taken();
    wire.receive(reply(notify, '503 Service Unavailable', { headers: ['Retry-After: 5'] }));
    wire.stack.transfers.report({ referId, status: 180 }, wire.nowMs);
    expect(starts(wire.pass(4_999))).toEqual([]);
    expect(bodyOf(wire.pass(1)[0] ?? '')).toBe('SIP/2.0 180 Ringing\r\n');
    wire.receive(reply(wire.last, '481 Call/Transaction Does Not Exist'));
    expect(wire.of('refer-ended')).toMatchObject([{ referId, by: 'remote' }]);
    expect(wire.of('ended')).toEqual([]);
  });

  it('[REF-11] outside a call it is refused with 403, or with `anywhere` told with the call that it is about', () => {
    const headers = ['Refer-To: <sip:carol@h>'];
    expect(starts(new Wire({ refer: 'calls' }).receive(write({ method: 'REFER', headers })))).toEqual([
      '403',
    ]);
    const { wire, sessionId, to } = answered({ refer: 'anywhere' });
    const target = `Target-Dialog: call-1;local-tag=bob;remote-tag=${tagOf(to)}`;
    wire.receive(write({ method: 'REFER', callId: 'apart', headers: [...headers, target] }));
    const event = wire.of('refer-outside')[0];
    expect(event).toMatchObject({ targetSessionId: sessionId, target: { uri: { user: 'carol' } } });
    wire.stack.transfers.accept({ referId: event?.referId ?? '' }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'Call-ID')).toBe('apart');
    wire.receive(reply(wire.last, '200 OK'));
    wire.stack.transfers.report({ referId: event?.referId ?? '', status: 200 }, wire.nowMs);
    wire.collect();
    wire.receive(reply(wire.last, '200 OK'));
    expect(wire.stack.statistics()).toMatchObject({ sessions: 1, dialogs: 1 });
  });
});

describe('a REFER of ours', () => {
  function sent(options: { wantsReport?: boolean } = {}) {
    const call = answered();
    const command = {
      referId: 'r',
      sessionId: call.sessionId,
      target: 'sip:carol@h',
      referredBy: 'sip:700@h',
    };
    expect(call.wire.stack.transfers.refer({ ...command, ...options }, call.wire.nowMs)).toEqual({
      ok: true,
    });
    call.wire.collect();
    return { ...call, refer: call.wire.last };
  }

  function notify(to: string, sequence: number, state: string, line: string, event = 'refer'): string {
    const headers = [`Event: ${event}`, `Subscription-State: ${state}`];
    const text = write({ method: 'NOTIFY', to, sequence, headers, body: `${line}\r\n` });
    return text.replace('application/sdp', 'message/sipfrag');
  }

  it('[REF-20] [RFC3515 §2.4.5] names the target and reports until the final response of the new call', () => {
    const { wire, to, refer, sessionId } = sent();
    expect(headerOf(refer, 'Refer-To')).toBe('<sip:carol@h>');
    expect(headerOf(refer, 'Referred-By')).toBe('<sip:700@h>');
    wire.receive(reply(refer, '202 Accepted'));
    for (const [sequence, line] of [
      [2, 'SIP/2.0 100 Trying'],
      [3, 'SIP/2.0 180 Ringing'],
    ] as const)
      expect(starts(wire.receive(notify(to, sequence, 'active;expires=60', line)))).toEqual(['200']);
    const last = notify(to, 4, 'terminated;reason=noresource', 'SIP/2.0 200 OK', 'refer;id=1');
    expect(starts(wire.receive(last))).toEqual(['200']);
    expect(wire.of('refer-progress').map((event) => event.status)).toEqual([100, 180]);
    expect(wire.of('refer-result')).toMatchObject([
      { referId: 'r', sessionId, outcome: 'done', status: 200 },
    ]);
    expect(starts(wire.receive(notify(to, 5, 'active', 'SIP/2.0 200 OK')))).toEqual(['481']);
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject({ sessions: 1, dialogs: 1, clientTransactions: 0 });
  });

  it('[REF-21] each way to end has its outcome, told once', () => {
    const outcome = (play: (call: ReturnType<typeof sent>) => void, wantsReport?: boolean) => {
      const call = sent(wantsReport === undefined ? {} : { wantsReport });
      play(call);
      call.wire.pass(200_000);
      return call.wire.of('refer-result').map((event) => `${event.outcome} ${event.status}`);
    };
    expect(outcome(({ wire, refer }) => wire.receive(reply(refer, '603 Decline')))).toEqual(['refused 603']);
    expect(outcome(() => {})).toEqual(['refused 408']);
    expect(outcome(({ wire, refer }) => wire.receive(reply(refer, '200 OK')))).toEqual(['unknown 100']);
    const noSubscription = { headers: ['Refer-Sub: false'] };
    expect(outcome(({ wire, refer }) => wire.receive(reply(refer, '200 OK', noSubscription)), false)).toEqual(
      ['accepted 200'],
    );
    const reported = (state: string, line: string) =>
      outcome(({ wire, refer, to }) => {
        wire.receive(notify(to, 2, state, line));
        wire.receive(reply(refer, '202 Accepted'));
      });
    expect(reported('active;expires=60', 'SIP/2.0 486 Busy Here')).toEqual(['failed 486']);
    expect(reported('active;expires=60', 'SIP/2.0 180 Ringing')).toEqual(['unknown 180']);
    expect(reported('terminated;reason=timeout', 'SIP/2.0 183 Progress')).toEqual(['unknown 183']);
    expect(reported('terminated;reason=noresource', 'nonsense')).toEqual(['unknown 100']);
  });

  it('[REF-22] [RFC5057 §4.1] is followed after the call has ended', () => {
    const { wire, to, refer, sessionId } = sent();
    wire.receive(reply(refer, '202 Accepted'));
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    wire.receive(reply(wire.last, '200 OK'));
    expect(wire.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 1 });
    wire.receive(notify(to, 2, 'terminated;reason=noresource', 'SIP/2.0 200 OK'));
    expect(wire.of('refer-result')).toMatchObject([{ outcome: 'done' }]);
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject(nothing);
  });

  it('[REF-23] [RFC5057 §5.1] 481 ends the call too, after the result', () => {
    const { wire, refer } = sent();
    wire.receive(reply(refer, '481 Call/Transaction Does Not Exist'));
    expect(wire.events.map((event) => event.type).slice(-2)).toEqual(['refer-result', 'ended']);
  });

  it('[REF-24] senseless commands are refused as values', () => {
    const { wire, sessionId } = answered();
    const refer = (changes: object) =>
      wire.stack.transfers.refer({ referId: 'r', sessionId, target: 'sip:a@b', ...changes }, wire.nowMs);
    expect(refer({ sessionId: 'none' })).toMatchObject({ reason: 'unknown-session' });
    expect(refer({ target: 'mailto:a@b' })).toMatchObject({ reason: 'invalid-argument' });
    expect(refer({ replaces: { sessionId: 'none' } })).toMatchObject({ reason: 'invalid-argument' });
    expect(refer({ referredBy: 'nonsense' })).toMatchObject({ reason: 'invalid-argument' });
    for (let open = 0; open < 8; open++) expect(refer({})).toEqual({ ok: true });
    expect(refer({})).toMatchObject({ reason: 'limit-reached' });
  });
});

describe('an attended transfer', () => {
  it('[REF-30] between four stacks: REFER with Replaces, the new call, its report, and nothing left', () => {
    const world = new World();
    const options = { refer: 'calls', replaces: true } as const;
    const [alice, bob, carol] = [1, 2, 3].map((n) => world.add(`10.0.0.${n}`, options)) as [Host, Host, Host];
    for (const host of [bob, carol])
      host.onEvent = (event) => {
        if (event.type === 'invite')
          host.do((stack, now) => stack.accept({ sessionId: event.sessionId, body: sdp }, now));
        else if (event.type === 'refer')
          follow(host, event.referId, event.target.uri.host, event.target.replaces);
        else if (event.type === 'accepted')
          host.do((stack, now) => stack.transfers.report({ referId: event.sessionId, status: 200 }, now));
      };
    function follow(host: Host, referId: string, address: string, replaces: unknown): void {
      host.do((stack, now) => stack.transfers.accept({ referId }, now));
      const names = { uri: `sip:x@${address}`, from: 'sip:b@x.test', to: 'sip:c@x.test', body: sdp };
      const command = {
        sessionId: referId,
        flow: host.flowTo(address),
        replaces: replaces as never,
        ...names,
      };
      host.do((stack, now) => stack.invite(command, now));
    }
    for (const [sessionId, callee] of [
      ['to-bob', bob],
      ['to-carol', carol],
    ] as const) {
      const names = { uri: `sip:x@${callee.address}`, from: 'sip:a@x.test', to: 'sip:x@x.test', body: sdp };
      alice.do((stack, now) => stack.invite({ sessionId, flow: alice.flowTo(callee), ...names }, now));
    }
    world.pass(100);
    const command = { referId: 'r', sessionId: 'to-bob', target: 'sip:carol@10.0.0.3' };
    alice.do((stack, now) => stack.transfers.refer({ ...command, replaces: { sessionId: 'to-carol' } }, now));
    world.pass(1_000);
    expect(alice.of('refer-result')).toMatchObject([{ referId: 'r', outcome: 'done', status: 200 }]);
    expect(alice.of('ended')).toMatchObject([{ sessionId: 'to-carol', by: 'remote' }]);
    expect(carol.of('invite')[1]?.replaces).toEqual({
      sessionId: carol.of('invite')[0]?.sessionId,
      isEarly: false,
    });
    alice.do((stack, now) => stack.bye({ sessionId: 'to-bob' }, now));
    bob.do((stack, now) => stack.bye({ sessionId: bob.of('refer')[0]?.referId ?? '' }, now));
    world.pass(400_000);
    expect(world.hosts.every((host) => isIdle(host.stack))).toBe(true);
  });
});
