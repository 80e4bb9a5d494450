import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { isIdle, type Host, World } from '../../test/world.ts';
import { decodeUtf8, type SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const contact = 'Contact: <sip:bob@172.16.0.5:5062>';

function statuses(texts: string[]): string[] {
  return texts.map((text) => (text.startsWith('SIP') ? text.slice(8, 11) : (text.split(' ')[0] ?? '')));
}

/** A call of ours that rings at the forks with these tags, the first of which may have answered reliably. */
function ringing(tags: string[], isAnswered: boolean): { wire: Wire; invite: string } {
  const wire = new Wire();
  const ours = { uri: 'sip:bob@172.16.0.5', from: 'sip:700@example.test', to: 'sip:bob@example.test' };
  wire.stack.invite({ sessionId: 's', flow, body: sdp, ...ours }, wire.nowMs);
  wire.collect();
  const invite = wire.last;
  for (const tag of tags) {
    const headers = isAnswered ? [contact, 'Require: 100rel', 'RSeq: 1'] : [contact];
    wire.receive(reply(invite, '183 Session Progress', { tag, headers, body: sdp }));
    if (isAnswered) wire.receive(reply(wire.last, '200 OK'));
  }
  return { wire, invite };
}

/** A request of the callee with that tag within the call that `invite` started. */
function fromCallee(
  invite: string,
  method: string,
  tag: string,
  sequence: number,
  body = '',
  headers = [''],
) {
  const callId = headerOf(invite, 'Call-ID');
  const from = `<sip:bob@example.test>;tag=${tag}`;
  const extra = headers.filter((line) => line !== '');
  return write({ method, callId, from, to: headerOf(invite, 'From'), sequence, body, headers: extra });
}

/** A call of bob that we have answered. */
function answered(options: Partial<SipStackOptions> = {}): { wire: Wire; sessionId: string; to: string } {
  const wire = new Wire(options);
  wire.receive(write({ body: sdp }));
  const sessionId = wire.of('invite')[0]?.sessionId ?? '';
  wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
  wire.collect();
  const to = headerOf(wire.last, 'To');
  wire.receive(write({ method: 'ACK', to }));
  return { wire, sessionId, to };
}

describe('UPDATE of ours', () => {
  it('[UPD-01] [RFC3311 §5.1] changes an answered session and reports the answer', () => {
    const { wire, sessionId } = answered();
    expect(wire.stack.update({ sessionId, body: sdp }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(wire.last).toContain('UPDATE sip:bob@172.16.0.5:5062 SIP/2.0');
    expect(headerOf(wire.last, 'Contact')).toContain('10.0.0.1');
    expect(wire.stack.reinvite({ sessionId, body: sdp }, wire.nowMs)).toMatchObject({
      reason: 'wrong-state',
    });
    wire.receive(reply(wire.last, '200 OK', { headers: ['Contact: <sip:moved@h>'], body: sdp }));
    expect(decodeUtf8(wire.of('update-result')[0]?.body ?? new Uint8Array())).toBe(sdp);
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('BYE sip:moved@h SIP/2.0');
  });

  it('[UPD-02] [RFC3311 §5.1] is repeated after 491 and after 500 with Retry-After, five times at most', () => {
    const { wire, sessionId } = answered();
    wire.stack.update({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    for (let tries = 0; tries < 5; tries++) {
      const status = tries % 2 === 0 ? '491 Request Pending' : '500 Server Internal Error';
      wire.receive(reply(wire.last, status, { headers: ['Retry-After: 3'] }));
      expect(wire.of('update-result')).toEqual([]);
      expect(statuses(wire.pass(4_000)).filter((method) => method === 'UPDATE')).not.toEqual([]);
    }
    expect(headerOf(wire.last, 'CSeq')).toBe('6 UPDATE');
    wire.receive(reply(wire.last, '491 Request Pending'));
    expect(wire.of('update-result')).toMatchObject([{ sessionId, status: 491 }]);
  });

  it('[UPD-02] is not repeated after other refusals, and a peer that is gone ends the session', () => {
    const { wire, sessionId } = answered();
    wire.stack.update({ sessionId, headers: [['X-Name', 'Ann']] }, wire.nowMs);
    wire.collect();
    wire.receive(reply(wire.last, '500 Server Internal Error'));
    expect(wire.of('update-result')).toMatchObject([{ status: 500 }]);
    wire.stack.update({ sessionId }, wire.nowMs);
    wire.collect();
    wire.receive(reply(wire.last, '481 Call/Transaction Does Not Exist'));
    expect(wire.of('ended')).toMatchObject([{ sessionId, by: 'remote', status: 481 }]);
  });

  it('[UPD-03] [RFC3311 §5.1] makes no offer while another offer is open', () => {
    const { wire, sessionId, to } = answered();
    wire.receive(write({ sequence: 2, to, body: sdp }));
    expect(wire.stack.update({ sessionId, body: sdp }, wire.nowMs)).toMatchObject({ reason: 'wrong-state' });
    expect(wire.stack.update({ sessionId }, wire.nowMs)).toEqual({ ok: true });
  });

  it('[UPD-04] [RFC3311 §5.1] goes out before the answer only where a PRACK has made the dialog sure', () => {
    const early = ringing(['a'], false);
    expect(early.wire.stack.update({ sessionId: 's', body: sdp }, 1)).toMatchObject({
      reason: 'wrong-state',
    });
    const { wire, invite } = ringing(['a', 'b'], true);
    expect(wire.stack.update({ sessionId: 's', body: sdp }, wire.nowMs)).toMatchObject({
      reason: 'invalid-argument',
      detail: 'remoteTag: name one of the early dialogs (a, b).',
    });
    wire.stack.update({ sessionId: 's', remoteTag: 'b', body: sdp }, wire.nowMs);
    wire.collect();
    expect(tagOf(headerOf(wire.last, 'To'))).toBe('b');
    wire.receive(reply(wire.last, '200 OK', { headers: [contact], body: sdp }));
    expect(wire.of('update-result')).toMatchObject([{ sessionId: 's', remoteTag: 'b', status: 200 }]);
    wire.receive(reply(invite, '200 OK', { tag: 'b', headers: [contact] }));
    expect(wire.of('accepted')).toHaveLength(1);
  });

  it('[UPD-04] the callee may send one once the caller has acknowledged its answer', () => {
    const wire = new Wire();
    wire.receive(write({ body: sdp, headers: ['Require: 100rel'] }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.progress({ sessionId, status: 183, body: sdp }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    const rseq = headerOf(wire.last, 'RSeq');
    expect(wire.stack.update({ sessionId, body: sdp }, wire.nowMs)).toMatchObject({ reason: 'wrong-state' });
    wire.receive(write({ method: 'PRACK', sequence: 2, to, headers: [`RAck: ${rseq} 1 INVITE`] }));
    expect(wire.stack.update({ sessionId, body: sdp }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(headerOf(wire.last, 'CSeq')).toBe('1 UPDATE');
    wire.receive(reply(wire.last, '200 OK', { headers: [contact], body: sdp }));
    expect(wire.of('update-result')).toMatchObject([{ sessionId, status: 200 }]);
  });
});

describe('UPDATE of the peer before the answer', () => {
  it('[UPD-10] [RFC3311 §5.2] while our offer has no answer: 491; while its own has none: 500', () => {
    const { wire, invite } = ringing(['a'], false);
    expect(statuses(wire.receive(fromCallee(invite, 'UPDATE', 'a', 1, sdp)))).toEqual(['491']);
    const called = new Wire();
    called.receive(write({ body: sdp }));
    const sessionId = called.of('invite')[0]?.sessionId ?? '';
    called.stack.progress({ sessionId, status: 180 }, called.nowMs);
    called.collect();
    const to = headerOf(called.last, 'To');
    expect(statuses(called.receive(write({ method: 'UPDATE', sequence: 2, to, body: sdp })))).toEqual([
      '500',
    ]);
    expect(Number(headerOf(called.last, 'Retry-After'))).toBeLessThanOrEqual(10);
  });

  it('[UPD-11] [RFC3311 §5.2] after a reliable answer it is the consumer who answers, fork by fork', () => {
    const { wire, invite } = ringing(['a', 'b'], true);
    wire.receive(fromCallee(invite, 'UPDATE', 'b', 1, sdp));
    expect(wire.of('reinvite')).toMatchObject([{ sessionId: 's', method: 'UPDATE', remoteTag: 'b' }]);
    expect(statuses(wire.receive(fromCallee(invite, 'UPDATE', 'b', 2, sdp)))).toEqual(['500']);
    const answer = { sessionId: 's', status: 200, body: sdp };
    expect(wire.stack.answerReinvite(answer, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(wire.last).toContain('SIP/2.0 200 OK');
    expect(headerOf(wire.last, 'CSeq')).toBe('1 UPDATE');
    expect(wire.stack.answerReinvite(answer, wire.nowMs)).toMatchObject({ reason: 'wrong-state' });
  });

  it('[UPD-11] what is unanswered when the call is answered is refused, and 487 when the call is refused', () => {
    for (const [status, verdict] of [
      ['200 OK', '500'],
      ['486 Busy Here', '487'],
    ] as const) {
      const { wire, invite } = ringing(['a'], true);
      wire.receive(fromCallee(invite, 'UPDATE', 'a', 1, sdp));
      const sent = wire.receive(reply(invite, status, { tag: 'a', headers: [contact], body: sdp }));
      expect(statuses(sent)).toContain(verdict);
    }
  });

  it('[UPD-12] without a body it only moves the peer', () => {
    const { wire, invite } = ringing(['a'], false);
    const text = fromCallee(invite, 'UPDATE', 'a', 1).replace('sip:bob@172.16.0.5:5062', 'sip:moved@h');
    expect(statuses(wire.receive(text))).toEqual(['200']);
    expect(headerOf(wire.last, 'Contact')).toContain('10.0.0.1');
    wire.receive(reply(invite, '200 OK', { tag: 'a', body: sdp }));
    expect(wire.last).toContain('ACK sip:moved@h SIP/2.0');
  });

  it('[UPD-13] [RFC3261 §14.2] an INVITE in it is refused: 491 where the pending one is ours, else 500', () => {
    const { wire, invite } = ringing(['a'], false);
    expect(statuses(wire.receive(fromCallee(invite, 'INVITE', 'a', 1, sdp)))).toEqual(['491']);
  });
});

describe('two who update at once', () => {
  function hasUpdated(host: Host): boolean {
    return host.of('update-result').some((event) => event.status === 200);
  }

  it('[UPD-20] [RFC3311 §5.2] both get 491, both try again, both succeed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World(seed);
      const [caller, callee] = [world.add('10.0.0.1'), world.add('10.0.0.2')];
      for (const host of world.hosts) {
        host.onEvent = (event) => {
          if (event.type === 'invite')
            host.do((stack, now) => stack.accept({ sessionId: event.sessionId, body: sdp }, now));
          if (event.type === 'reinvite')
            host.do((stack, now) =>
              stack.answerReinvite({ sessionId: event.sessionId, status: 200, body: sdp }, now),
            );
        };
      }
      const to = { uri: `sip:b@${callee.address}`, from: 'sip:a@x.test', to: 'sip:b@x.test', body: sdp };
      caller.do((stack, now) => stack.invite({ sessionId: 'a', flow: caller.flowTo(callee), ...to }, now));
      world.pass(100);
      const sessionId = callee.of('invite')[0]?.sessionId ?? '';
      caller.do((stack, now) => stack.update({ sessionId: 'a', body: sdp }, now));
      callee.do((stack, now) => stack.update({ sessionId, body: sdp }, now));
      world.pass(10_000);
      // Whoever was overtaken while it waited has heard of its 491.
      expect(hasUpdated(caller) || hasUpdated(callee)).toBe(true);
      expect([...caller.of('update-result'), ...callee.of('update-result')]).toHaveLength(2);
      expect(world.sent.some((text) => text.includes('491 Request Pending'))).toBe(true);
      caller.do((stack, now) => stack.bye({ sessionId: 'a' }, now));
      world.pass(60_000);
      expect(world.hosts.every((host) => isIdle(host.stack))).toBe(true);
    }
  });
});

describe('the identity of the peer', () => {
  const options = { connectedIdentity: true };

  it('[IDE-01] [RFC4916 §4.4] a changed From is reported and is the To of what we send from then on', () => {
    const { wire, sessionId, to } = answered(options);
    const from = '"Carol" <sip:carol@example.test>;tag=bob';
    wire.receive(write({ method: 'UPDATE', sequence: 2, to, from }));
    expect(wire.last).toContain('SIP/2.0 200 OK');
    expect(headerOf(wire.last, 'Supported')).toContain('from-change');
    expect(wire.of('identity')).toMatchObject([{ sessionId, from: { displayName: 'Carol' }, asserted: [] }]);
    wire.receive(write({ method: 'UPDATE', sequence: 3, to, from }));
    expect(wire.of('identity')).toHaveLength(1);
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'To')).toBe(from);
  });

  it('[IDE-02] [RFC3325 §9.1] asserted identities are reported once, two at most', () => {
    const { wire, to } = answered(options);
    const headers = ['P-Asserted-Identity: "Carol" <sip:carol@x.test>, <tel:+420123>, <sip:third@x.test>'];
    wire.receive(write({ method: 'UPDATE', sequence: 2, to, headers }));
    wire.receive(write({ sequence: 3, to, headers, body: sdp }));
    expect(wire.of('identity')).toHaveLength(1);
    expect(wire.of('identity')[0]?.asserted.map((address) => address.uriText)).toEqual([
      'sip:carol@x.test',
      'tel:+420123',
    ]);
  });

  it('[IDE-03] without `connectedIdentity` nothing is reported or offered', () => {
    const { wire, to } = answered();
    wire.receive(write({ method: 'UPDATE', sequence: 2, to, from: '<sip:carol@example.test>;tag=bob' }));
    expect(wire.of('identity')).toEqual([]);
    expect(headerOf(wire.last, 'Supported')).not.toContain('from-change');
  });
});
