import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { type Host, isIdle, World } from '../../test/world.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const contact = 'Contact: <sip:bob@172.16.0.5:5062>';

function status(texts: string[]): string {
  return (texts[0] ?? '').slice(8, 11);
}

/** A call of bob that we have answered, and the Replaces value that names it. */
function answered(): { wire: Wire; sessionId: string; to: string; replaces: string } {
  const wire = new Wire({ replaces: true });
  wire.receive(write({ body: sdp, callId: 'first' }));
  const sessionId = wire.of('invite')[0]?.sessionId ?? '';
  wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
  wire.collect();
  const to = headerOf(wire.last, 'To');
  wire.receive(write({ method: 'ACK', to, callId: 'first' }));
  return { wire, sessionId, to, replaces: `first;to-tag=${tagOf(to)};from-tag=bob` };
}

function replacing(value: string, callId = 'second'): string {
  const headers = [`Replaces: ${value}`, 'Require: replaces'];
  return write({ callId, headers, body: sdp, from: '<sip:carol@example.test>;tag=carol' });
}

describe('an INVITE with Replaces', () => {
  it('[RPC-01] [RFC3891 §3] takes the place of an answered call when it is accepted, and not before', () => {
    const { wire, sessionId, replaces } = answered();
    wire.receive(replacing(replaces));
    const event = wire.of('invite')[1];
    expect(event?.replaces).toEqual({ sessionId, isEarly: false });
    expect(wire.of('ended')).toEqual([]);
    wire.stack.accept({ sessionId: event?.sessionId ?? '', body: sdp }, wire.nowMs);
    wire.collect();
    const [answer = '', bye = ''] = wire.sent.slice(-2).map(({ text }) => text);
    expect(answer).toContain('SIP/2.0 200 OK');
    expect(headerOf(answer, 'Supported')).toContain('replaces');
    expect(bye).toContain('BYE sip:bob@172.16.0.5:5062');
    expect(headerOf(bye, 'Call-ID')).toBe('first');
    expect(headerOf(bye, 'Reason')).toContain('Replaced');
    expect(wire.of('ended')).toMatchObject([{ sessionId, by: 'local', replacedBy: event?.sessionId }]);
  });

  it('[RPC-02] a refused one leaves the old call as it is; an old call that ends meanwhile does not matter', () => {
    const refused = answered();
    refused.wire.receive(replacing(refused.replaces));
    const again = refused.wire.of('invite')[1]?.sessionId ?? '';
    refused.wire.stack.reject({ sessionId: again, status: 403 }, refused.wire.nowMs);
    refused.wire.collect();
    expect(refused.wire.of('ended')).toEqual([]);
    const { wire, to, replaces } = answered();
    wire.receive(replacing(replaces));
    wire.receive(write({ method: 'BYE', to, callId: 'first', sequence: 2 }));
    const sessionId = wire.of('invite')[1]?.sessionId ?? '';
    expect(wire.stack.accept({ sessionId, body: sdp }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(wire.last).toContain('SIP/2.0 200 OK');
  });

  it('[RPC-03] [RFC3891 §3] the verdicts: 400 malformed, 481 unknown, 486 early-only, 603 over', () => {
    const { wire, sessionId, to, replaces } = answered();
    expect(status(wire.receive(replacing('nonsense', 'a')))).toBe('400');
    expect(status(wire.receive(replacing(`${replaces}\r\nReplaces: ${replaces}`, 'b')))).toBe('400');
    expect(status(wire.receive(replacing('first;to-tag=x;from-tag=bob', 'c')))).toBe('481');
    expect(status(wire.receive(replacing(`${replaces};early-only`, 'd')))).toBe('486');
    const options = write({ method: 'OPTIONS', callId: 'e', headers: [`Replaces: ${replaces}`] });
    expect(status(wire.receive(options))).toBe('400');
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(status(wire.receive(replacing(replaces, 'f')))).toBe('603');
    wire.receive(reply(wire.sent.find(({ text }) => text.startsWith('BYE'))?.text ?? '', '200 OK'));
    expect(status(wire.receive(replacing(replaces, 'g')))).toBe('603');
    wire.pass(32_000);
    expect(status(wire.receive(replacing(replaces, 'h')))).toBe('481');
    expect(to).not.toBe('');
    expect(wire.of('invite')).toHaveLength(1);
  });

  it('[RPC-04] [RFC3891 §3] an early dialog is replaced where we called, and is 481 where we are called', () => {
    const wire = new Wire({ replaces: true });
    const names = { uri: 'sip:bob@172.16.0.5', from: 'sip:700@example.test', to: 'sip:bob@example.test' };
    wire.stack.invite({ sessionId: 's', flow, body: sdp, ...names }, wire.nowMs);
    wire.collect();
    const invite = wire.last;
    wire.receive(reply(invite, '180 Ringing', { tag: 'bob', headers: [contact] }));
    const tag = tagOf(headerOf(invite, 'From'));
    const dialog = { callId: headerOf(invite, 'Call-ID'), localTag: tag, remoteTag: 'bob' };
    expect(wire.stack.earlyDialogsOf('s')).toEqual([dialog]);
    wire.receive(replacing(`${headerOf(invite, 'Call-ID')};to-tag=${tag};from-tag=bob;early-only`));
    const event = wire.of('invite')[0];
    expect(event?.replaces).toEqual({ sessionId: 's', isEarly: true });
    wire.stack.accept({ sessionId: event?.sessionId ?? '', body: sdp }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('CANCEL sip:bob@172.16.0.5');
    wire.receive(reply(invite, '487 Request Terminated', { tag: 'bob' }));
    expect(wire.of('cancelled')).toMatchObject([{ sessionId: 's', replacedBy: event?.sessionId }]);

    wire.receive(write({ callId: 'called' }));
    const called = wire.of('invite')[1]?.sessionId ?? '';
    wire.stack.progress({ sessionId: called, status: 180 }, wire.nowMs);
    wire.collect();
    const value = `called;to-tag=${tagOf(headerOf(wire.last, 'To'))};from-tag=bob`;
    expect(status(wire.receive(replacing(value, 'third')))).toBe('481');
  });

  it('[RPC-05] a peer without tags is named by 0', () => {
    const wire = new Wire({ replaces: true });
    wire.receive(write({ body: sdp, callId: 'old', from: '<sip:bob@example.test>' }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    const tag = tagOf(headerOf(wire.last, 'To'));
    wire.receive(replacing(`old;to-tag=${tag};from-tag=0`));
    expect(wire.of('invite')[1]?.replaces).toEqual({ sessionId, isEarly: false });
  });

  it('[RPC-06] where it is not served: 420 when required, else an ordinary call', () => {
    const wire = new Wire();
    expect(status(wire.receive(replacing('x;to-tag=a;from-tag=b')))).toBe('420');
    wire.receive(write({ callId: 'c', headers: ['Replaces: x;to-tag=a;from-tag=b'] }));
    expect(wire.of('invite')[0]?.replaces).toBeUndefined();
  });

  it('[RPC-07] a consumer may keep the old call, which it hangs up itself', () => {
    const { wire, sessionId, replaces } = answered();
    wire.receive(replacing(replaces));
    const replacing1 = wire.of('invite')[1]?.sessionId ?? '';
    wire.stack.accept({ sessionId: replacing1, body: sdp, keepsReplaced: true }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('SIP/2.0 200 OK');
    expect(wire.of('ended')).toEqual([]);
    expect(wire.stack.bye({ sessionId }, wire.nowMs)).toEqual({ ok: true });
    wire.collect();
    expect(wire.of('ended')).toMatchObject([{ sessionId, by: 'local' }]);
    expect(wire.of('ended')[0]?.replacedBy).toBeUndefined();
  });
});

describe('an INVITE of ours with Replaces', () => {
  it('[RPC-10] carries the tags as the callee sees them, and hands a call over between three parties', () => {
    const world = new World();
    const [alice, bob, carol] = [1, 2, 3].map((n) => world.add(`10.0.0.${n}`, { replaces: true })) as [
      Host,
      Host,
      Host,
    ];
    bob.onEvent = (event) => {
      if (event.type === 'invite')
        bob.do((stack, now) => stack.accept({ sessionId: event.sessionId, body: sdp }, now));
    };
    const names = { uri: 'sip:bob@10.0.0.2', from: 'sip:a@x.test', to: 'sip:bob@x.test', body: sdp };
    alice.do((stack, now) => stack.invite({ sessionId: 'a', flow: alice.flowTo(bob), ...names }, now));
    world.pass(100);
    const dialog = alice.stack.dialogOf('a');
    if (dialog === undefined) throw new Error('the call was not answered');
    const replaces = {
      callId: dialog.callId,
      toTag: dialog.remoteTag,
      fromTag: dialog.localTag,
      earlyOnly: false,
    };
    carol.do((stack, now) =>
      stack.invite({ sessionId: 'c', flow: carol.flowTo(bob), replaces, ...names }, now),
    );
    world.pass(100);
    expect(carol.of('accepted')).toHaveLength(1);
    expect(alice.of('ended')).toMatchObject([{ sessionId: 'a', by: 'remote' }]);
    expect(bob.of('ended')).toMatchObject([{ replacedBy: bob.of('invite')[1]?.sessionId }]);
    expect(carol.stack.dialogOf('unknown')).toBeUndefined();
    carol.do((stack, now) => stack.bye({ sessionId: 'c' }, now));
    world.pass(60_000);
    expect(world.hosts.every((host) => isIdle(host.stack))).toBe(true);
  });
});
