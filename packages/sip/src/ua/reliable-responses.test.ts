import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { isIdle, World } from '../../test/world.ts';
import { decodeUtf8, type SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const contact = 'Contact: <sip:bob@172.16.0.5:5062>';

function invite(wire: Wire, body: string | undefined = sdp): string {
  wire.stack.invite(
    {
      sessionId: 's',
      uri: 'sip:bob@172.16.0.5',
      flow,
      from: 'sip:700@example.test',
      to: 'sip:bob@example.test',
      body,
    },
    wire.nowMs,
  );
  wire.collect();
  return wire.last;
}

/** A reliable provisional response to our INVITE. */
function reliable(request: string, sequence: number, tag = 'bob', body = ''): string {
  const headers = [contact, 'Require: 100rel', `RSeq: ${sequence}`];
  return reply(request, '183 Session Progress', { tag, headers, body });
}

function kinds(wire: Wire): string[] {
  return wire.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

function starts(texts: string[]): string[] {
  return texts.map((text) => (text.startsWith('SIP') ? text.slice(8, 11) : (text.split(' ')[0] ?? '')));
}

describe('reliable responses to our INVITE', () => {
  it('[REL-01] [RFC3262 §4] are acknowledged by PRACK in their early dialog', () => {
    const wire = new Wire();
    const request = invite(wire);
    expect(headerOf(request, 'Supported')).toContain('100rel');
    const [prack] = wire.receive(reliable(request, 7));
    expect(prack).toContain('PRACK sip:bob@172.16.0.5:5062 SIP/2.0');
    expect(headerOf(prack ?? '', 'RAck')).toBe('7 1 INVITE');
    expect(headerOf(prack ?? '', 'CSeq')).toBe('2 PRACK');
    expect(tagOf(headerOf(prack ?? '', 'To'))).toBe('bob');
    wire.receive(reply(prack ?? '', '200 OK'));
    const [ack] = wire.receive(reply(request, '200 OK', { tag: 'bob', headers: [contact], body: sdp }));
    expect(headerOf(ack ?? '', 'CSeq')).toBe('1 ACK');
    wire.stack.bye({ sessionId: 's' }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'CSeq')).toBe('3 BYE');
    expect(kinds(wire)).toEqual(['progress', 'accepted', 'ended']);
  });

  it('[REL-02] [RFC3262 §4] repetitions and responses out of order are ignored', () => {
    const wire = new Wire();
    const request = invite(wire);
    expect(starts(wire.receive(reliable(request, 7)))).toEqual(['PRACK']);
    expect(wire.receive(reliable(request, 7))).toEqual([]);
    expect(wire.receive(reliable(request, 9))).toEqual([]);
    expect(starts(wire.receive(reliable(request, 8)))).toEqual(['PRACK']);
    expect(starts(wire.receive(reliable(request, 1, 'other')))).toEqual(['PRACK']);
    expect(wire.receive(reliable(request, 0, 'third'))).toEqual([]);
    expect(wire.of('progress')).toHaveLength(3);
  });

  it('[REL-03] [RFC3262 §5] an answer that came reliably counts when the 2xx has none', () => {
    const wire = new Wire();
    const request = invite(wire);
    wire.receive(reliable(request, 7, 'bob', sdp));
    wire.receive(reliable(request, 1, 'other', sdp.replace('4000', '4002')));
    wire.receive(reply(request, '200 OK', { tag: 'bob', headers: [contact] }));
    const accepted = wire.of('accepted')[0];
    expect(decodeUtf8(accepted?.body ?? new Uint8Array())).toBe(sdp);
    expect(accepted?.contentType).toBe('application/sdp');
  });

  it('[REL-04] [RFC3262 §5] are not asked for by an INVITE without offer, nor when the consumer wants none', () => {
    const wire = new Wire();
    wire.stack.invite(
      { sessionId: 's', uri: 'sip:bob@172.16.0.5', flow, from: 'sip:a@b.test', to: 'sip:bob@b.test' },
      wire.nowMs,
    );
    wire.collect();
    expect(headerOf(wire.last, 'Supported')).toBe('timer');
    expect(wire.receive(reliable(wire.last, 7))).toEqual([]);
    expect(headerOf(invite(new Wire({ reliableProvisionals: false })), 'Supported')).toBe('timer');
  });

  it('[REL-05] a PRACK that nobody answers is repeated and given up without harm', () => {
    const wire = new Wire();
    const request = invite(wire);
    wire.receive(reliable(request, 7));
    expect(starts(wire.pass(500))).toEqual(['PRACK']);
    wire.pass(40_000);
    wire.receive(reply(request, '486 Busy Here', { tag: 'bob' }));
    expect(kinds(wire)).toEqual(['progress', 'rejected']);
    wire.pass(40_000);
    expect(isIdle(wire.stack)).toBe(true);
  });
});

/** Is called by somebody who requires reliable responses. */
function called(body = sdp, options: Partial<SipStackOptions> = {}): { wire: Wire; sessionId: string } {
  const wire = new Wire(options);
  wire.receive(write({ body, headers: ['Require: 100rel'] }));
  return { wire, sessionId: wire.of('invite')[0]?.sessionId ?? '' };
}

function progress(wire: Wire, sessionId: string, status: number, body?: string): string[] {
  const before = wire.sent.length;
  wire.stack.progress({ sessionId, status, body }, wire.nowMs);
  wire.collect();
  return wire.sent.slice(before).map(({ text }) => text);
}

function accept(wire: Wire, sessionId: string, body = sdp): string[] {
  const before = wire.sent.length;
  expect(wire.stack.accept({ sessionId, body }, wire.nowMs)).toEqual({ ok: true });
  wire.collect();
  return wire.sent.slice(before).map(({ text }) => text);
}

function prack(wire: Wire, response: string, sequence = 2, rack?: string, body = ''): string[] {
  const headers = [`RAck: ${rack ?? `${headerOf(response, 'RSeq')} 1 INVITE`}`];
  return wire.receive(write({ method: 'PRACK', to: headerOf(response, 'To'), sequence, headers, body }));
}

describe('reliable responses of ours', () => {
  it('[REL-10] [RFC3262 §3] are repeated until their PRACK comes, over doubling intervals', () => {
    const { wire, sessionId } = called();
    const [ringing = ''] = progress(wire, sessionId, 180);
    expect(headerOf(ringing, 'Require')).toBe('100rel');
    expect(Number(headerOf(ringing, 'RSeq'))).toBeGreaterThan(0);
    expect(wire.pass(499)).toEqual([]);
    expect(wire.pass(1)).toEqual([ringing]);
    expect(wire.pass(999)).toEqual([]);
    expect(wire.pass(1)).toEqual([ringing]);
    expect(starts(prack(wire, ringing))).toEqual(['200']);
    expect(wire.pass(50_000)).toEqual([]);
    expect(starts(accept(wire, sessionId))).toEqual(['200']);
  });

  it('[REL-11] [RFC3262 §3] go out one at a time with rising RSeq', () => {
    const { wire, sessionId } = called();
    const [first = ''] = progress(wire, sessionId, 180);
    expect(progress(wire, sessionId, 183)).toEqual([]);
    const [ok, second = ''] = prack(wire, first);
    expect(starts([ok ?? '', second])).toEqual(['200', '183']);
    expect(Number(headerOf(second, 'RSeq'))).toBe(Number(headerOf(first, 'RSeq')) + 1);
  });

  it('[REL-12] [RFC3262 §3] a PRACK that matches nothing is answered 481', () => {
    const { wire, sessionId } = called();
    const [ringing = ''] = progress(wire, sessionId, 180);
    const number = headerOf(ringing, 'RSeq');
    const wrong = [`${Number(number) + 1} 1 INVITE`, `${number} 2 INVITE`, `${number} 1 BYE`, '', 'x'];
    wrong.forEach((rack, i) => expect(starts(prack(wire, ringing, 2 + i, rack))).toEqual(['481']));
    expect(starts(prack(wire, ringing, 20))).toEqual(['200']);
    expect(starts(prack(wire, ringing, 21))).toEqual(['481']);
    expect(wire.receive(write({ method: 'PRACK', callId: 'none' }))[0]).toContain('SIP/2.0 481');
  });

  it('[REL-13] [RFC3262 §3] the 2xx waits for the PRACK, and hears of CANCEL and hanging up meanwhile', () => {
    const { wire, sessionId } = called();
    const [early = ''] = progress(wire, sessionId, 183, sdp);
    expect(accept(wire, sessionId)).toEqual([]);
    expect(wire.stack.accept({ sessionId, body: sdp }, wire.nowMs)).toMatchObject({ reason: 'wrong-state' });
    const [prackOk, inviteOk = ''] = prack(wire, early);
    expect(starts([prackOk ?? '', inviteOk])).toEqual(['200', '200']);
    expect(headerOf(inviteOk, 'CSeq')).toBe('1 INVITE');
    const hanging = called();
    progress(hanging.wire, hanging.sessionId, 183, sdp);
    accept(hanging.wire, hanging.sessionId);
    hanging.wire.stack.bye({ sessionId: hanging.sessionId }, hanging.wire.nowMs);
    hanging.wire.collect();
    expect(hanging.wire.last).toContain('SIP/2.0 480');
    expect(kinds(hanging.wire)).toEqual(['invite', 'ended']);
  });

  it('[REL-14] [RFC3262 §5] an answer given early is not given again', () => {
    const { wire, sessionId } = called();
    const [early = ''] = progress(wire, sessionId, 183, sdp);
    expect(early.endsWith(sdp)).toBe(true);
    prack(wire, early);
    const [ok = ''] = accept(wire, sessionId);
    expect(headerOf(ok, 'Content-Length')).toBe('0');
    expect(wire.of('log')).toEqual([]);
    const other = called();
    prack(other.wire, progress(other.wire, other.sessionId, 183, sdp)[0] ?? '');
    expect(headerOf(accept(other.wire, other.sessionId, `${sdp}a=x\r\n`)[0] ?? '', 'Content-Length')).toBe(
      '0',
    );
    expect(other.wire.of('log')[0]?.what).toBe('answer dropped');
  });

  it('[REL-15] [RFC3262 §3] 64*T1 without PRACK refuses the call', () => {
    const { wire, sessionId } = called();
    progress(wire, sessionId, 180);
    wire.pass(31_999);
    expect(wire.of('rejected')).toEqual([]);
    expect(wire.pass(1)[0]).toContain('SIP/2.0 504');
    expect(wire.of('rejected')[0]).toMatchObject({ sessionId, status: 504, cause: 'timeout' });
    wire.pass(40_000);
    expect(isIdle(wire.stack)).toBe(true);
  });

  it('[REL-16] [RFC3261 §13.2.1] none are sent when the caller has made no offer: ours comes with the 2xx', () => {
    const { wire, sessionId } = called('');
    expect(progress(wire, sessionId, 180)).toEqual([]);
    expect(accept(wire, sessionId)[0]?.endsWith(sdp)).toBe(true);
  });

  it('[REL-17] [RFC3262 §5] an offer in a PRACK is refused with 488 and acknowledges all the same', () => {
    const { wire, sessionId } = called();
    const [early = ''] = progress(wire, sessionId, 183, sdp);
    expect(starts(prack(wire, early, 2, undefined, sdp))).toEqual(['488']);
    expect(starts(accept(wire, sessionId))).toEqual(['200']);
  });

  it('[REL-18] the reminder of each minute is reliable too', () => {
    const { wire, sessionId } = called();
    const [first = ''] = progress(wire, sessionId, 183, sdp);
    prack(wire, first);
    const [second = ''] = wire.pass(60_000);
    expect(Number(headerOf(second, 'RSeq'))).toBe(Number(headerOf(first, 'RSeq')) + 1);
    expect(headerOf(second, 'Content-Length')).toBe('0');
  });

  it('[REL-19] are refused with 420 when the consumer wants none', () => {
    const { wire } = called(sdp, { reliableProvisionals: false });
    expect(wire.last).toContain('SIP/2.0 420');
    expect(headerOf(wire.last, 'Unsupported')).toBe('100rel');
  });
});

describe('two stacks of ours', () => {
  it('[REL-20] [RFC3262] ring, answer early and talk over a network that loses a third of all messages', () => {
    const world = new World();
    const [caller, callee] = [world.add('10.0.0.1'), world.add('10.0.0.2')];
    world.network.loss = 0.33;
    callee.onEvent = (event) => {
      if (event.type !== 'invite') return;
      const { sessionId } = event;
      callee.do((stack, now) => stack.progress({ sessionId, status: 183, body: sdp }, now));
      callee.do((stack, now) => stack.accept({ sessionId, body: sdp }, now));
    };
    caller.do((stack, now) =>
      stack.invite(
        {
          sessionId: 'a',
          uri: 'sip:700@10.0.0.2',
          flow: caller.flowTo(callee),
          from: 'sip:alice@example.test',
          to: 'sip:700@example.test',
          body: sdp,
          headers: [['Require', '100rel']],
        },
        now,
      ),
    );
    world.pass(30_000);
    expect(callee.of('confirmed')).toHaveLength(1);
    expect(decodeUtf8(caller.of('accepted')[0]?.body ?? new Uint8Array())).toBe(sdp);
    caller.do((stack, now) => stack.bye({ sessionId: 'a' }, now));
    world.run();
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });
});
