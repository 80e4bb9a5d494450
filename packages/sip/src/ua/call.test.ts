import { describe, expect, it } from 'vitest';
import { isIdle, World, type Host } from '../../test/world.ts';
import { encodeUtf8, decodeUtf8 } from '../index.ts';

const offer =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const answer = offer.replaceAll('10.0.0.1', '10.0.0.2');

function pair(seed = 1): { world: World; caller: Host; callee: Host } {
  const world = new World(seed);
  return { world, caller: world.add('10.0.0.1'), callee: world.add('10.0.0.2') };
}

function call(caller: Host, callee: Host, sessionId = 'a', body: string | undefined = offer): void {
  const result = caller.do((stack, now) =>
    stack.invite(
      {
        sessionId,
        uri: `sip:700@${callee.address}`,
        flow: caller.flowTo(callee),
        from: '"Alice" <sip:alice@example.test>',
        to: 'sip:700@example.test',
        body,
      },
      now,
    ),
  );
  expect(result).toEqual({ ok: true });
}

function sessionOf(callee: Host): string {
  const event = callee.of('invite')[0];
  if (event === undefined) throw new Error('no invite');
  return event.sessionId;
}

function talk(world: World, caller: Host, callee: Host): string {
  call(caller, callee);
  world.pass(10);
  const session = sessionOf(callee);
  callee.do((stack, now) => stack.accept({ sessionId: session, body: answer }, now));
  world.pass(10);
  return session;
}

function kinds(host: Host): string[] {
  return host.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

describe('a call', () => {
  it('[UA-01] rings, is answered, is hung up by the caller, and leaves nothing', () => {
    const { world, caller, callee } = pair();
    call(caller, callee);
    world.pass(10);
    const session = sessionOf(callee);
    callee.do((stack, now) => stack.progress({ sessionId: session, status: 180 }, now));
    world.pass(10);
    callee.do((stack, now) => stack.accept({ sessionId: session, body: answer }, now));
    world.pass(10);
    expect(decodeUtf8(caller.of('accepted')[0]?.body ?? encodeUtf8(''))).toBe(answer);
    caller.do((stack, now) => stack.bye({ sessionId: 'a' }, now));
    world.run();
    expect(kinds(caller)).toEqual(['progress', 'accepted', 'ended']);
    expect(kinds(callee)).toEqual(['invite', 'confirmed', 'ended']);
    expect(callee.of('ended')[0]?.by).toBe('remote');
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-02] sends 100 Trying at once and absorbs repeated INVITEs', () => {
    const { world, caller, callee } = pair();
    world.filter = (text, from) => from === callee && text.startsWith('SIP/2.0 100');
    call(caller, callee);
    world.pass(4_000);
    expect(callee.of('invite')).toHaveLength(1);
    expect(world.sent.filter((text) => text.includes('INVITE sip:')).length).toBeGreaterThan(2);
    expect(world.sent.filter((text) => text.includes('SIP/2.0 100')).length).toBeGreaterThan(2);
    callee.do((stack, now) => stack.reject({ sessionId: sessionOf(callee), status: 486 }, now));
    world.run();
    expect(caller.of('rejected')[0]).toMatchObject({ status: 486, cause: 'remote' });
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-02] [RFC3261 §17.2.1] leaves out 100 Trying when a better response comes soon, and sends it when not', () => {
    for (const answerAfterMs of [50, 300]) {
      const world = new World(1);
      const caller = world.add('10.0.0.1');
      const callee = world.add('10.0.0.2', { timers: { tryingDelayMs: 100 } });
      call(caller, callee);
      world.pass(answerAfterMs);
      const tried = world.sent.filter((text) => text.includes('SIP/2.0 100')).length;
      expect(tried).toBe(answerAfterMs > 100 ? 1 : 0);
      callee.do((stack, now) => stack.reject({ sessionId: sessionOf(callee), status: 486 }, now));
      world.run();
      expect(caller.of('rejected')[0]).toMatchObject({ status: 486, cause: 'remote' });
      expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
    }
  });

  it('[UA-03] [RFC3261 §13.3.1.4] repeats the 2xx until the ACK and hangs up after 64*T1', () => {
    const { world, caller, callee } = pair();
    world.filter = (text) => text.startsWith('ACK');
    talk(world, caller, callee);
    world.pass(31_000);
    expect(callee.of('ended')).toHaveLength(0);
    world.run();
    expect(callee.of('ended')[0]).toMatchObject({ by: 'timeout' });
    expect(caller.of('ended')[0]).toMatchObject({ by: 'remote' });
    expect(
      world.sent.filter((text) => text.includes('SIP/2.0 200 OK') && text.includes('INVITE')).length,
    ).toBe(11);
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-04] [RFC3261 §9.1] cancels a ringing call', () => {
    const { world, caller, callee } = pair();
    call(caller, callee);
    world.pass(10);
    caller.do((stack, now) => stack.cancel({ sessionId: 'a', reasonHeader: 'SIP;cause=200' }, now));
    world.run();
    expect(caller.of('cancelled')[0]).toMatchObject({ by: 'local', crossed: false });
    expect(callee.of('cancelled')[0]).toMatchObject({ by: 'remote', reasonHeader: 'SIP;cause=200' });
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-05] [RFC3261 §9.1] an answer that crosses CANCEL is acknowledged and hung up', () => {
    const { world, caller, callee } = pair();
    call(caller, callee);
    world.pass(10);
    callee.do((stack, now) => stack.accept({ sessionId: sessionOf(callee), body: answer }, now));
    caller.do((stack, now) => stack.cancel({ sessionId: 'a' }, now));
    world.run();
    expect(kinds(caller)).toEqual(['cancelled']);
    expect(caller.of('cancelled')[0]?.crossed).toBe(true);
    expect(kinds(callee)).toEqual(['invite', 'confirmed', 'ended']);
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-06] [RFC3261 §14] a re-INVITE changes the session in both directions', () => {
    const { world, caller, callee } = pair();
    const session = talk(world, caller, callee);
    caller.do((stack, now) => stack.reinvite({ sessionId: 'a', body: offer }, now));
    world.pass(10);
    expect(callee.of('reinvite')[0]?.sessionId).toBe(session);
    callee.do((stack, now) => stack.answerReinvite({ sessionId: session, status: 200, body: answer }, now));
    world.pass(10);
    expect(caller.of('reinvite-result')[0]?.status).toBe(200);
    callee.do((stack, now) => stack.reinvite({ sessionId: session, body: answer }, now));
    world.pass(10);
    caller.do((stack, now) => stack.answerReinvite({ sessionId: 'a', status: 488 }, now));
    world.pass(10);
    expect(callee.of('reinvite-result')[0]?.status).toBe(488);
    callee.do((stack, now) => stack.bye({ sessionId: session }, now));
    world.run();
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[UA-07] [RFC3261 §14.1] glare is refused with 491 on both sides and retried at different times', () => {
    const { world, caller, callee } = pair();
    const session = talk(world, caller, callee);
    const answerAll = (host: Host): void => {
      host.onEvent = (event) => {
        if (event.type === 'reinvite') {
          host.do((stack, now) =>
            stack.answerReinvite({ sessionId: event.sessionId, status: 200, body: answer }, now),
          );
        }
      };
    };
    answerAll(caller);
    answerAll(callee);
    caller.do((stack, now) => stack.reinvite({ sessionId: 'a', body: offer }, now));
    callee.do((stack, now) => stack.reinvite({ sessionId: session, body: offer }, now));
    world.pass(20);
    expect(world.sent.filter((text) => text.includes('SIP/2.0 491'))).toHaveLength(2);
    world.pass(10_000);
    // The callee retries first; the caller's offer is out of date then and the 491 reaches its consumer.
    expect(callee.of('reinvite-result').map((event) => event.status)).toEqual([200]);
    expect(caller.of('reinvite-result').map((event) => event.status)).toEqual([491]);
    caller.do((stack, now) => stack.bye({ sessionId: 'a' }, now));
    world.run();
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });
});
