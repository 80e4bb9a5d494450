import { describe, expect, it } from 'vitest';
import { headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { isIdle, World, type Host } from '../../test/world.ts';
import type { SipStackOptions } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const contact = 'Contact: <sip:bob@172.16.0.5:5062>';

/** Calls somebody by hand and has him answer with these headers. */
function called(answer: string[], options: Partial<SipStackOptions> = {}): Wire {
  const wire = new Wire(options);
  invite(wire);
  wire.receive(reply(wire.last, '200 OK', { tag: 'bob', headers: [contact, ...answer], body: sdp }));
  return wire;
}

function invite(wire: Wire): void {
  const flow = {
    protocol: 'udp',
    localAddress: '10.0.0.1',
    localPort: 5060,
    remoteAddress: '192.0.2.9',
    remotePort: 40_000,
  } as const;
  const from = 'sip:700@example.test';
  const to = 'sip:bob@example.test';
  wire.stack.invite({ sessionId: 's', uri: 'sip:bob@172.16.0.5', flow, from, to, body: sdp }, wire.nowMs);
  wire.collect();
}

/** Is called by hand by somebody with these headers, and answers. */
function answered(headers: string[], options: Partial<SipStackOptions> = {}): { wire: Wire; ok: string } {
  const wire = new Wire(options);
  wire.receive(write({ body: sdp, headers }));
  const sessionId = wire.of('invite')[0]?.sessionId ?? '';
  wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
  wire.collect();
  const ok = wire.last;
  wire.receive(write({ method: 'ACK', to: headerOf(ok, 'To') }));
  return { wire, ok };
}

function kinds(wire: Wire): string[] {
  return wire.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

function methods(texts: string[]): string[] {
  return texts.map((text) => text.split(' ')[0] ?? '');
}

describe('session timers of a call that we make', () => {
  it('[SES-10] [RFC4028 §7.1] are offered and forced on nobody', () => {
    const wire = called([]);
    const request = wire.sent[0]?.text ?? '';
    expect(headerOf(request, 'Session-Expires')).toBe('1800');
    expect(headerOf(request, 'Supported')).toContain('timer');
    expect(request).not.toContain('Require:');
    expect(wire.pass(86_400_000)).toEqual([]);
    expect(kinds(wire)).toEqual(['accepted']);
  });

  it('[SES-10] are not offered when the consumer wants none', () => {
    const wire = called([], { sessionTimer: false });
    expect(wire.sent[0]?.text).not.toMatch(/Session-Expires|timer/);
  });

  it('[SES-11] [RFC4028 §7.2, §10] we refresh at half the interval, by UPDATE when the peer allows it', () => {
    const wire = called(['Session-Expires: 600;refresher=uac', 'Require: timer', 'Allow: INVITE, UPDATE']);
    expect(wire.pass(299_999)).toEqual([]);
    const [update] = wire.pass(1);
    expect(update).toContain('UPDATE sip:bob@172.16.0.5:5062');
    expect(headerOf(update ?? '', 'Session-Expires')).toBe('600;refresher=uac');
    expect(headerOf(update ?? '', 'Contact')).not.toBe('');
    expect(headerOf(update ?? '', 'Content-Length')).toBe('0');
    wire.receive(reply(update ?? '', '200 OK', { headers: ['Session-Expires: 600;refresher=uac'] }));
    expect(wire.pass(299_999)).toEqual([]);
    expect(methods(wire.pass(1))).toEqual(['UPDATE']);
    expect(kinds(wire)).toEqual(['accepted']);
  });

  it('[SES-12] [RFC4028 §7.4] we refresh by re-INVITE with the same description otherwise, unseen by the consumer', () => {
    const wire = called(['Session-Expires: 600;refresher=uac', 'Allow: INVITE, BYE']);
    const [again] = wire.pass(300_000);
    expect(again).toContain('INVITE sip:bob@172.16.0.5:5062');
    expect(again?.endsWith(`\r\n\r\n${sdp}`)).toBe(true);
    const [ack] = wire.receive(
      reply(again ?? '', '200 OK', { headers: [contact, 'Session-Expires: 600;refresher=uac'], body: sdp }),
    );
    expect(ack).toContain('ACK sip:bob');
    expect(kinds(wire)).toEqual(['accepted']);
    expect(methods(wire.pass(300_000))).toEqual(['INVITE']);
  });

  it('[SES-12] an UPDATE that is not known after all is followed by a re-INVITE', () => {
    const wire = called(['Session-Expires: 600;refresher=uac', 'Allow: UPDATE']);
    const [update] = wire.pass(300_000);
    const [again] = wire.receive(reply(update ?? '', '405 Method Not Allowed'));
    expect(methods([again ?? ''])).toEqual(['INVITE']);
  });

  it('[SES-13] a change that the consumer wants during a refresh waits for it', () => {
    const wire = called(['Session-Expires: 600;refresher=uac']);
    const [again] = wire.pass(300_000);
    const held = sdp.concat('a=sendonly\r\n');
    expect(wire.stack.reinvite({ sessionId: 's', body: held }, wire.nowMs)).toEqual({ ok: true });
    expect(wire.stack.reinvite({ sessionId: 's', body: held }, wire.nowMs)).toMatchObject({ ok: false });
    const sent = wire.receive(
      reply(again ?? '', '200 OK', { headers: [contact, 'Session-Expires: 600;refresher=uac'], body: sdp }),
    );
    expect(methods(sent)).toEqual(['ACK', 'INVITE']);
    expect(sent[1]).toContain('a=sendonly');
    wire.receive(reply(sent[1] ?? '', '200 OK', { headers: [contact], body: sdp }));
    expect(kinds(wire)).toEqual(['accepted', 'reinvite-result']);
  });

  it('[SES-14] [RFC4028 §7.3] a 422 is followed by an INVITE with the interval that it demands', () => {
    const wire = new Wire();
    invite(wire);
    const [, again] = wire.receive(
      reply(wire.last, '422 Session Interval Too Small', { tag: 'x', headers: ['Min-SE: 3600'] }),
    );
    expect([headerOf(again ?? '', 'Session-Expires'), headerOf(again ?? '', 'Min-SE')]).toEqual([
      '3600',
      '3600',
    ]);
    expect(headerOf(again ?? '', 'CSeq')).toBe('2 INVITE');
    wire.receive(reply(again ?? '', '422 Session Interval Too Small', { tag: 'y', headers: ['Min-SE: 60'] }));
    expect(wire.of('rejected')[0]).toMatchObject({ status: 422, cause: 'remote' });
  });

  it('[SES-14] a 422 that always demands more is given up', () => {
    const wire = new Wire();
    invite(wire);
    for (let seconds = 2_000; wire.of('rejected').length === 0 && seconds < 2_020; seconds++) {
      const headers = [`Min-SE: ${seconds}`];
      wire.receive(
        reply(wire.sent.at(-1)?.text ?? '', '422 Session Interval Too Small', { tag: 'x', headers }),
      );
    }
    expect(wire.sent.filter(({ text }) => text.startsWith('INVITE'))).toHaveLength(6);
  });

  it('[SES-15] [RFC4028 §10] a peer that does not refresh is hung up on before the session expires', () => {
    const wire = called(['Session-Expires: 600;refresher=uas', 'Require: timer']);
    expect(wire.pass(567_999)).toEqual([]);
    const [bye] = wire.pass(1);
    expect(bye).toContain('BYE sip:bob');
    expect(headerOf(bye ?? '', 'Reason')).toContain('cause=408');
    expect(wire.of('ended')[0]).toMatchObject({ by: 'timeout' });
    wire.receive(reply(bye ?? '', '200 OK'));
    wire.pass(64_000);
    expect(isIdle(wire.stack)).toBe(true);
  });

  it('[SES-16] [RFC4028 §10] a refresh that the peer does not know or hear ends the session; another refusal is tried again', () => {
    const refused = called(['Session-Expires: 600;refresher=uac', 'Allow: UPDATE']);
    const [update] = refused.pass(300_000);
    refused.receive(reply(update ?? '', '500 Server Internal Error'));
    const [second] = refused.pass(10_000);
    expect(methods([second ?? ''])).toEqual(['UPDATE']);
    refused.receive(reply(second ?? '', '481 Call/Transaction Does Not Exist'));
    expect(refused.of('ended')[0]).toMatchObject({ by: 'remote', status: 481 });
    const silent = called(['Session-Expires: 600;refresher=uac', 'Allow: UPDATE']);
    silent.pass(332_000);
    expect(silent.of('ended')[0]).toMatchObject({ by: 'timeout' });
  });
});

describe('session timers of a call to us', () => {
  it('[SES-20] [RFC4028 §9] are agreed with a peer that knows them, and we refresh when it leaves the choice', () => {
    const { wire, ok } = answered(['Supported: timer', 'Session-Expires: 600', 'Allow: UPDATE']);
    expect(headerOf(ok, 'Session-Expires')).toBe('600;refresher=uas');
    expect(headerOf(ok, 'Require')).toBe('timer');
    const [update] = wire.pass(300_000);
    expect(headerOf(update ?? '', 'Session-Expires')).toBe('600;refresher=uac');
  });

  it('[SES-20] [RFC4028 §9] leave a peer alone that does not know them', () => {
    const { wire, ok } = answered([]);
    expect(ok).not.toMatch(/Session-Expires|Require/);
    expect(wire.pass(86_400_000)).toEqual([]);
  });

  it('[SES-21] [RFC4028 §9] too small an interval is refused with 422 before anything rings', () => {
    const wire = new Wire({ sessionTimer: { minSeconds: 300 } });
    wire.receive(write({ body: sdp, headers: ['Supported: timer', 'x: 299'] }));
    expect(wire.last).toContain('SIP/2.0 422 Session Interval Too Small');
    expect(headerOf(wire.last, 'Min-SE')).toBe('300');
    expect(wire.of('invite')).toEqual([]);
  });

  it('[SES-22] [RFC4028 §10] a caller that refreshes keeps the call, one that stops loses it', () => {
    const { wire, ok } = answered(['Supported: timer', 'Session-Expires: 600;refresher=uac']);
    const to = headerOf(ok, 'To');
    const headers = ['Supported: timer', 'Session-Expires: 600;refresher=uac'];
    wire.pass(300_000);
    const [fresh] = wire.receive(write({ method: 'UPDATE', to, sequence: 2, headers }));
    expect(headerOf(fresh ?? '', 'Session-Expires')).toBe('600;refresher=uac');
    wire.pass(300_000);
    wire.receive(write({ to, sequence: 3, headers, body: sdp }));
    wire.stack.answerReinvite(
      { sessionId: wire.of('invite')[0]?.sessionId ?? '', status: 200, body: sdp },
      wire.nowMs,
    );
    wire.collect();
    expect(headerOf(wire.last, 'Session-Expires')).toBe('600;refresher=uac');
    wire.receive(write({ method: 'ACK', to, sequence: 3 }));
    expect(wire.of('ended')).toEqual([]);
    wire.pass(568_000);
    expect(wire.of('ended')[0]).toMatchObject({ by: 'timeout' });
    expect(tagOf(headerOf(wire.last, 'To'))).toBe('bob');
  });

  it('[SES-23] [RFC4028 §9] a refresh with too small an interval is refused with 422 and changes nothing', () => {
    const { wire, ok } = answered(['Supported: timer', 'Session-Expires: 600;refresher=uac']);
    const headers = ['Supported: timer', 'Session-Expires: 10'];
    const to = headerOf(ok, 'To');
    expect(wire.receive(write({ method: 'UPDATE', to, sequence: 2, headers }))[0]).toContain('SIP/2.0 422');
    expect(wire.pass(567_000)).toEqual([]);
  });

  it('[SES-24] goes on in another process', () => {
    const { wire } = answered(['Supported: timer', 'Session-Expires: 600;refresher=uas']);
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    const snapshot = wire.stack.exportSession(sessionId);
    if (snapshot === undefined) throw new Error('nothing to export');
    const other = new Wire();
    other.stack.importSession(JSON.parse(JSON.stringify(snapshot)), other.nowMs);
    const [again] = other.pass(30_000);
    expect(methods([again ?? ''])).toEqual(['INVITE']);
    expect(again?.endsWith(`\r\n\r\n${sdp}`)).toBe(true);
    const { description, ...rest } = snapshot;
    expect(description).toBe(sdp);
    expect(wire.stack.exportSession(sessionId, { known: sdp })).toEqual(rest);
    expect(wire.stack.exportSession(sessionId, { known: `${sdp}a=x\r\n` })).toEqual(snapshot);
  });
});

describe('two stacks of ours', () => {
  function talk(world: World, caller: Host, callee: Host): void {
    caller.do((stack, now) =>
      stack.invite(
        {
          sessionId: 'a',
          uri: `sip:700@${callee.address}`,
          flow: caller.flowTo(callee),
          from: 'sip:alice@example.test',
          to: 'sip:700@example.test',
          body: sdp,
        },
        now,
      ),
    );
    world.pass(10);
    const sessionId = callee.of('invite')[0]?.sessionId ?? '';
    callee.do((stack, now) => stack.accept({ sessionId, body: sdp }, now));
    world.pass(10);
  }

  it('[SES-30] [RFC4028] talk for a day with one refresh each quarter of an hour and end as ever', () => {
    const world = new World();
    const [caller, callee] = [world.add('10.0.0.1'), world.add('10.0.0.2')];
    talk(world, caller, callee);
    world.pass(86_410_000);
    const updates = world.sent.filter((text) => text.includes('\nUPDATE '));
    expect(updates.length).toBe(96);
    caller.do((stack, now) => stack.bye({ sessionId: 'a' }, now));
    world.run();
    expect(callee.of('ended')[0]).toMatchObject({ by: 'remote' });
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });

  it('[SES-31] [RFC4028 §10] both hang up when nothing passes between them any more', () => {
    const world = new World();
    const [caller, callee] = [world.add('10.0.0.1'), world.add('10.0.0.2')];
    talk(world, caller, callee);
    world.filter = () => true;
    world.run();
    expect([caller.of('ended')[0]?.by, callee.of('ended')[0]?.by]).toEqual(['timeout', 'timeout']);
    expect([isIdle(caller.stack), isIdle(callee.stack)]).toEqual([true, true]);
  });
});
