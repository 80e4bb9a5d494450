import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import type { CommandResult, InviteCommand } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const contact = ['Contact: <sip:bob@172.16.0.5:5062>'];

function invite(wire: Wire, options: Partial<InviteCommand> = {}): CommandResult {
  const result = wire.stack.invite(
    {
      sessionId: 's',
      uri: 'sip:bob@172.16.0.5',
      flow,
      from: 'sip:700@example.test',
      to: 'sip:bob@example.test',
      body: sdp,
      ...options,
    },
    wire.nowMs,
  );
  wire.collect();
  return result;
}

function types(wire: Wire): string[] {
  return wire.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

describe('calling', () => {
  it('[UA-60] [RFC3261 §13.2.2.4] acknowledges every fork, keeps the first, hangs up the others', () => {
    const wire = new Wire();
    invite(wire);
    const request = wire.last;
    for (const tag of ['one', 'two']) wire.receive(reply(request, '180 Ringing', { tag, headers: contact }));
    expect(wire.of('progress').map((event) => event.remoteTag)).toEqual(['one', 'two']);
    const first = wire.receive(reply(request, '200 OK', { tag: 'two', headers: contact, body: sdp }));
    expect(first.map((text) => text.split(' ')[0])).toEqual(['ACK']);
    const second = wire.receive(reply(request, '200 OK', { tag: 'one', headers: contact, body: sdp }));
    expect(second.map((text) => text.split(' ')[0])).toEqual(['ACK', 'BYE']);
    expect(tagOf(headerOf(second[1] ?? '', 'To'))).toBe('one');
    wire.receive(reply(second[1] ?? '', '200 OK'));
    expect(types(wire)).toEqual(['progress', 'progress', 'accepted']);
    expect(wire.receive(reply(request, '200 OK', { tag: 'two', headers: contact, body: sdp }))).toEqual(
      first,
    );
    expect(wire.stack.statistics()).toMatchObject({ sessions: 1, dialogs: 1 });
    wire.receive(
      write({
        method: 'BYE',
        callId: headerOf(request, 'Call-ID'),
        from: '<sip:bob@example.test>;tag=two',
        to: headerOf(request, 'From'),
      }),
    );
    wire.pass(40_000);
    expect(types(wire).at(-1)).toBe('ended');
    expect(wire.stack.statistics()).toMatchObject({
      sessions: 0,
      dialogs: 0,
      timers: 0,
      clientTransactions: 0,
    });
  });

  it('[UA-61] [RFC3261 §22.2] answers a challenge once with credentials, and reports the second', () => {
    const wire = new Wire();
    invite(wire, { credentials: { username: 'u', password: 'p' } });
    const first = wire.last;
    const challenge = ['Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth"'];
    const [ack, again] = wire.receive(
      reply(first, '407 Proxy Authentication Required', { tag: 'x', headers: challenge }),
    );
    expect(ack).toContain('ACK sip:bob');
    expect(again).toContain('Proxy-Authorization: Digest username="u"');
    expect(headerOf(again ?? '', 'CSeq')).toBe('2 INVITE');
    expect(headerOf(again ?? '', 'Via')).not.toBe(headerOf(first, 'Via'));
    expect(tagOf(headerOf(again ?? '', 'From'))).toBe(tagOf(headerOf(first, 'From')));
    wire.receive(reply(again ?? '', '407 Proxy Authentication Required', { tag: 'y', headers: challenge }));
    expect(wire.of('rejected')[0]).toMatchObject({ status: 407, cause: 'remote' });
  });

  it('[UA-61] [RFC7616 §3.3] a nonce that has become stale meanwhile is replaced once', () => {
    const wire = new Wire();
    invite(wire, { credentials: { username: 'u', password: 'p' } });
    const challenge = (nonce: string, extra = '') => ({
      tag: nonce,
      headers: [`WWW-Authenticate: Digest realm="r", nonce="${nonce}", qop="auth"${extra}`],
    });
    wire.receive(reply(wire.last, '401 Unauthorized', challenge('n1')));
    wire.receive(reply(wire.last, '401 Unauthorized', challenge('n2', ', stale=true')));
    expect(headerOf(wire.last, 'Authorization')).toContain('nonce="n2"');
    expect(headerOf(wire.last, 'CSeq')).toBe('3 INVITE');
    wire.receive(reply(wire.last, '401 Unauthorized', challenge('n3', ', stale=true')));
    expect(wire.of('rejected')[0]).toMatchObject({ status: 401 });
  });

  it('[UA-61] ACK and BYE of an authenticated call carry on its CSeq and credentials', () => {
    const wire = new Wire();
    invite(wire, { credentials: { username: 'u', password: 'p' } });
    const challenge = ['WWW-Authenticate: Digest realm="r", nonce="n"'];
    wire.receive(reply(wire.last, '401 Unauthorized', { tag: 'x', headers: challenge }));
    wire.receive(reply(wire.last, '200 OK', { tag: 'y', headers: contact, body: sdp }));
    expect(headerOf(wire.last, 'CSeq')).toBe('2 ACK');
    expect(headerOf(wire.last, 'Authorization')).toContain('username="u"');
    wire.stack.bye({ sessionId: 's', reasonHeader: 'SIP;cause=200;text="Done"' }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'CSeq')).toBe('3 BYE');
    expect(headerOf(wire.last, 'Reason')).toBe('SIP;cause=200;text="Done"');
    wire.receive(reply(wire.last, '401 Unauthorized', { headers: challenge }));
    expect(headerOf(wire.last, 'CSeq')).toBe('4 BYE');
    expect(headerOf(wire.last, 'Authorization')).toContain('username="u"');
  });

  it('[UA-62] [RFC3261 §12.1.2, §12.2.1.1] follows the route set of the answer', () => {
    const wire = new Wire();
    invite(wire);
    const headers = [
      ...contact,
      'Record-Route: <sip:near;lr>, <sip:middle;lr>',
      'Record-Route: <sip:far;lr>',
    ];
    wire.receive(reply(wire.last, '200 OK', { tag: 'y', headers, body: sdp }));
    expect(wire.last.startsWith('ACK sip:bob@172.16.0.5:5062 SIP/2.0')).toBe(true);
    expect(wire.last.split('\r\n').filter((line) => line.startsWith('Route'))).toEqual([
      'Route: <sip:far;lr>',
      'Route: <sip:middle;lr>',
      'Route: <sip:near;lr>',
    ]);
  });

  it('[UA-63] [RFC3261 §9.1] CANCEL waits for a provisional response and shares the branch', () => {
    const wire = new Wire();
    invite(wire, { route: ['<sip:edge;lr>'] });
    const request = wire.last;
    wire.stack.cancel({ sessionId: 's' }, wire.nowMs);
    wire.collect();
    expect(wire.last).toBe(request);
    wire.receive(reply(request, '100 Trying'));
    expect(wire.last.startsWith('CANCEL sip:bob@172.16.0.5 SIP/2.0')).toBe(true);
    expect(headerOf(wire.last, 'Via')).toBe(headerOf(request, 'Via'));
    expect(headerOf(wire.last, 'Route')).toBe('<sip:edge;lr>');
    expect(headerOf(wire.last, 'CSeq')).toBe('1 CANCEL');
    wire.receive(reply(request, '487 Request Terminated', { tag: 'x' }));
    expect(types(wire)).toEqual(['cancelled']);
  });

  it('[UA-64] a peer that ignores CANCEL is given up after 64*T1', () => {
    const wire = new Wire();
    invite(wire);
    wire.receive(reply(wire.last, '180 Ringing', { tag: 'x' }));
    wire.stack.cancel({ sessionId: 's' }, wire.nowMs);
    wire.pass(31_999);
    expect(types(wire)).toEqual(['progress']);
    wire.pass(1);
    expect(types(wire)).toEqual(['progress', 'cancelled']);
    wire.pass(1);
    expect(wire.stack.statistics()).toMatchObject({
      sessions: 0,
      dialogs: 0,
      timers: 0,
      clientTransactions: 0,
    });
  });

  it('[UA-65] timer C gives up on a phone that rings for ever', () => {
    const wire = new Wire();
    invite(wire);
    wire.receive(reply(wire.last, '180 Ringing', { tag: 'x' }));
    wire.pass(250_000);
    expect(wire.of('rejected')[0]).toMatchObject({ status: 408, cause: 'timeout' });
    expect(wire.stack.statistics()).toMatchObject({ sessions: 0, timers: 0 });
  });

  it('[UA-66] silence ends in 408, a dead path in 503', () => {
    const wire = new Wire();
    invite(wire);
    expect(wire.pass(31_999)).toHaveLength(6);
    wire.pass(1);
    expect(wire.of('rejected')[0]).toMatchObject({ status: 408, cause: 'timeout' });
    invite(wire);
    wire.stack.flowClosed(flow, wire.nowMs);
    wire.collect();
    expect(wire.of('rejected')[1]).toMatchObject({ status: 503, cause: 'transport' });
  });

  it('[UA-67] [RFC3261 §13.2.1] an offer in the 2xx is answered in the ACK', () => {
    const wire = new Wire();
    invite(wire, { body: undefined });
    wire.receive(reply(wire.last, '200 OK', { tag: 'x', headers: contact, body: sdp }));
    expect(wire.of('accepted')[0]?.body).toBeDefined();
    expect(wire.last.startsWith('INVITE')).toBe(true);
    expect(wire.stack.acknowledge({ sessionId: 's', body: sdp }, wire.nowMs).ok).toBe(true);
    wire.collect();
    expect(wire.last.startsWith('ACK')).toBe(true);
    expect(wire.last.endsWith(sdp)).toBe(true);
    expect(wire.stack.acknowledge({ sessionId: 's', body: sdp }, wire.nowMs).ok).toBe(false);
  });

  it('[UA-68] a request in the dialog that finds nobody ends the call', () => {
    const wire = new Wire();
    invite(wire);
    wire.receive(reply(wire.last, '200 OK', { tag: 'x', headers: contact, body: sdp }));
    wire.stack.info({ sessionId: 's', contentType: 'application/dtmf-relay', body: 'Signal=1' }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'Content-Type')).toBe('application/dtmf-relay');
    wire.receive(reply(wire.last, '481 Call/Transaction Does Not Exist'));
    expect(wire.of('ended')[0]).toMatchObject({ by: 'remote', status: 481 });
    wire.pass(60_000);
    expect(wire.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0, timers: 0 });
  });

  it('[UA-69] line ends in what the consumer gives cannot add headers', () => {
    const wire = new Wire();
    invite(wire, { from: '"A\r\nX-Evil: 1" <sip:a@b>', headers: [['Subject', 'x\r\nX-Evil: 1']] });
    expect(wire.last).not.toMatch(/^X-Evil/m);
    expect(invite(wire, { sessionId: 't', uri: 'sip:a@b\r\nX-Evil: 1' })).toMatchObject({
      ok: false,
      reason: 'invalid-argument',
    });
  });

  it('[UA-69] URIs from the consumer are read before they are written', () => {
    const wire = new Wire();
    for (const uri of ['tel:1;x=\r\nX-Evil: 1', 'sip:a@b c', 'http://x']) {
      expect(invite(wire, { uri })).toMatchObject({ ok: false, reason: 'invalid-argument' });
    }
    const parts = {
      scheme: 'sip',
      user: 'ü 1',
      password: undefined,
      port: undefined,
      parameters: new Map(),
    } as const;
    expect(invite(wire, { uri: { ...parts, host: 'b\r\nX-Evil: 1', headers: undefined } }).ok).toBe(false);
    expect(invite(wire, { uri: { ...parts, host: 'b', headers: 'Subject=x' } }).ok).toBe(true);
    expect(wire.last.split('\r\n')[0]).toBe('INVITE sip:%C3%BC%201@b SIP/2.0');
  });

  it('[UA-70] refuses commands that make no sense, and says why', () => {
    const wire = new Wire();
    invite(wire);
    const { stack, nowMs } = wire;
    expect(invite(wire)).toMatchObject({ reason: 'duplicate-session' });
    expect(stack.accept({ sessionId: 's' }, nowMs)).toMatchObject({ reason: 'wrong-state' });
    expect(stack.info({ sessionId: 's', contentType: 'a/b', body: '' }, nowMs)).toMatchObject({
      reason: 'wrong-state',
    });
    expect(stack.bye({ sessionId: 'x' }, nowMs)).toMatchObject({ reason: 'unknown-session' });
    expect(stack.cancel({ sessionId: 'x' }, nowMs)).toMatchObject({ reason: 'unknown-session' });
    expect(stack.reject({ sessionId: 's', status: 200 }, nowMs)).toMatchObject({
      reason: 'invalid-argument',
    });
    expect(stack.progress({ sessionId: 's', status: 100 }, nowMs)).toMatchObject({
      reason: 'invalid-argument',
    });
    expect(invite(new Wire({ limits: { sessionsMax: 0 } }))).toMatchObject({ reason: 'limit-reached' });
  });

  it('[UA-71] OPTIONS measures the way there and back', () => {
    const wire = new Wire();
    wire.stack.options({ key: 'trunk', uri: 'sip:192.0.2.9', flow }, wire.nowMs);
    wire.collect();
    wire.nowMs += 42;
    wire.receive(reply(wire.last, '200 OK', { tag: 'x' }));
    expect(wire.of('options-result')).toEqual([
      { type: 'options-result', key: 'trunk', status: 200, reason: 'OK', roundTripMs: 42 },
    ]);
  });
});
