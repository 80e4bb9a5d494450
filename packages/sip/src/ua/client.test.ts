import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { answerChallenge } from '../digest/index.ts';
import type { CommandResult, InviteCommand } from '../index.ts';
import { encodeUtf8, parseMessage } from '../message/index.ts';

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

describe('being called', () => {
  function answered(wire: Wire): { sessionId: string; to: string } {
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    wire.receive(write({ method: 'ACK', to }));
    return { sessionId, to };
  }

  it('[UA-80] copies Record-Route, and its own requests follow it', () => {
    const wire = new Wire();
    wire.receive(
      write({ body: sdp, headers: ['Record-Route: <sip:near;lr>', 'Record-Route: <sip:far;lr>'] }),
    );
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    expect(wire.last.split('\r\n').filter((line) => line.startsWith('Record-Route'))).toHaveLength(2);
    wire.receive(write({ method: 'ACK', to: headerOf(wire.last, 'To') }));
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(wire.last.split('\r\n').filter((line) => line.startsWith('Route'))).toEqual([
      'Route: <sip:near;lr>',
      'Route: <sip:far;lr>',
    ]);
    expect(wire.sent.at(-1)?.flow).toEqual(flow);
  });

  it('[UA-81] [RFC3261 §15] BYE waits for the ACK of the 2xx', () => {
    const wire = new Wire();
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(wire.of('ended')[0]?.by).toBe('local');
    expect(wire.last).toContain('SIP/2.0 200');
    wire.receive(write({ method: 'ACK', to }));
    expect(wire.last).toContain('BYE sip:bob@172.16.0.5:5062');
    wire.receive(reply(wire.last, '200 OK'));
    wire.pass(40_000);
    expect(wire.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0, timers: 0 });
  });

  it('[UA-82] [RFC3261 §12.2.2] refuses requests out of order with 500', () => {
    const wire = new Wire();
    const { to } = answered(wire);
    expect(wire.receive(write({ method: 'INFO', to, sequence: 5 }))[0]).toContain('200 OK');
    expect(wire.receive(write({ method: 'INFO', to, sequence: 4 }))[0]).toContain('500 CSeq Out of Order');
  });

  it('[UA-83] answers OPTIONS, INFO, UPDATE and what it does not know within a dialog', () => {
    const wire = new Wire();
    const { to, sessionId } = answered(wire);
    expect(wire.receive(write({ method: 'OPTIONS', to, sequence: 2 }))[0]).toContain('200 OK');
    expect(wire.receive(write({ method: 'UPDATE', to, sequence: 3 }))[0]).toContain('200 OK');
    expect(wire.receive(write({ method: 'REFER', to, sequence: 4 }))[0]).toContain('405 Method Not Allowed');
    const dtmf = write({ method: 'INFO', to, sequence: 5, body: 'Signal=5\r\nDuration=160' }).replace(
      'application/sdp',
      'application/dtmf-relay',
    );
    wire.receive(dtmf);
    expect(wire.of('info')[0]).toMatchObject({ sessionId, contentType: 'application/dtmf-relay' });
    expect(
      wire.receive(write({ method: 'INFO', to, sequence: 6, headers: ['Info-Package: x'] }))[0],
    ).toContain('469 Bad Info Package');
  });

  it('[UA-84] [RFC3311] an UPDATE with an offer is answered like a re-INVITE', () => {
    const wire = new Wire();
    const { to, sessionId } = answered(wire);
    expect(wire.receive(write({ method: 'UPDATE', to, sequence: 2, body: sdp }))).toEqual([]);
    expect(wire.of('reinvite')[0]).toMatchObject({ sessionId, method: 'UPDATE' });
    wire.stack.answerReinvite({ sessionId, status: 200, body: sdp }, wire.nowMs);
    wire.collect();
    expect(headerOf(wire.last, 'CSeq')).toBe('2 UPDATE');
    expect(wire.last.endsWith(sdp)).toBe(true);
  });

  it('[UA-85] [RFC3261 §14.2] a second re-INVITE before the answer to the first gets 500 with Retry-After', () => {
    const wire = new Wire();
    const { to, sessionId } = answered(wire);
    wire.receive(write({ to, sequence: 2, body: sdp }));
    const refused = wire.receive(write({ to, sequence: 3, body: sdp }))[0] ?? '';
    expect(refused).toContain('SIP/2.0 500');
    expect(Number(headerOf(refused, 'Retry-After'))).toBeLessThanOrEqual(10);
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(wire.sent.some(({ text }) => text.includes('SIP/2.0 487'))).toBe(true);
  });

  it('[UA-86] a re-INVITE that nobody answers is refused, and the call goes on', () => {
    const wire = new Wire();
    const { to, sessionId } = answered(wire);
    wire.receive(write({ to, sequence: 2, body: sdp }));
    expect(wire.pass(30_000).some((text) => text.includes('SIP/2.0 500'))).toBe(true);
    expect(wire.stack.answerReinvite({ sessionId, status: 200, body: sdp }, wire.nowMs).ok).toBe(false);
    expect(wire.of('ended')).toHaveLength(0);
  });

  it('[UA-87] a delayed offer: our offer in the 2xx, the answer in the ACK', () => {
    const wire = new Wire();
    wire.receive(write());
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    expect(wire.of('invite')[0]?.body).toBeUndefined();
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    wire.receive(write({ method: 'ACK', to: headerOf(wire.last, 'To'), body: sdp }));
    expect(wire.of('confirmed')[0]?.body).toEqual(new TextEncoder().encode(sdp));
  });

  it('[UA-87] [RFC3311 §5.2] until that answer has come, an offer of the peer gets 491', () => {
    const wire = new Wire();
    wire.receive(write());
    wire.stack.accept({ sessionId: wire.of('invite')[0]?.sessionId ?? '', body: sdp }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    expect(wire.receive(write({ method: 'UPDATE', to, sequence: 2, body: sdp }))[0]).toContain('SIP/2.0 491');
    wire.receive(write({ method: 'ACK', to, body: sdp }));
    expect(wire.of('confirmed')[0]?.body).toBeDefined();
    expect(wire.receive(write({ method: 'UPDATE', to, sequence: 3, body: sdp }))).toEqual([]);
  });

  it('[UA-92] a peer that sends a new offer has received our answer, even when its ACK was lost', () => {
    const wire = new Wire();
    wire.receive(write({ body: sdp }));
    wire.stack.accept({ sessionId: wire.of('invite')[0]?.sessionId ?? '', body: sdp }, wire.nowMs);
    wire.collect();
    wire.receive(write({ to: headerOf(wire.last, 'To'), sequence: 2, body: sdp }));
    expect(types(wire)).toEqual(['invite', 'confirmed', 'reinvite']);
  });

  it('[UA-88] [RFC3261 §13.3.1.1] reminds of a ringing call each minute, and gives up in the end', () => {
    const wire = new Wire({ timers: { ringTimeoutMs: 150_000 } });
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.progress({ sessionId, status: 183, body: sdp }, wire.nowMs);
    wire.collect();
    expect(wire.pass(149_000).filter((text) => text.startsWith('SIP/2.0 183'))).toHaveLength(2);
    expect(wire.pass(1_000).some((text) => text.startsWith('SIP/2.0 480'))).toBe(true);
    expect(wire.of('rejected')[0]).toMatchObject({ sessionId, status: 480, cause: 'timeout' });
  });

  it('[UA-89] a caller may hang up an unanswered call with BYE', () => {
    const wire = new Wire();
    wire.receive(write({ body: sdp }));
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.progress({ sessionId, status: 180 }, wire.nowMs);
    wire.collect();
    const answers = wire.receive(write({ method: 'BYE', to: headerOf(wire.last, 'To'), sequence: 2 }));
    expect(answers.map((text) => text.split('\r\n')[0])).toEqual([
      'SIP/2.0 200 OK',
      'SIP/2.0 487 Request Terminated',
    ]);
    expect(types(wire)).toEqual(['invite', 'cancelled']);
  });

  it('[UA-90] an exported session goes on in another process', () => {
    const wire = new Wire();
    const { sessionId, to } = answered(wire);
    const snapshot = JSON.parse(JSON.stringify(wire.stack.exportSession(sessionId)));
    const other = new Wire();
    expect(other.stack.importSession(snapshot, other.nowMs)).toEqual({ ok: true });
    expect(other.stack.importSession(snapshot, other.nowMs)).toMatchObject({ reason: 'duplicate-session' });
    other.receive(write({ to, sequence: 2, body: sdp }));
    expect(other.of('reinvite')).toHaveLength(1);
    other.stack.answerReinvite({ sessionId, status: 488 }, other.nowMs);
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    expect(other.last).toContain('BYE sip:bob@172.16.0.5:5062');
    expect(headerOf(other.last, 'From')).toBe(to);
  });

  it('[UA-91] a peer of RFC 2543 with meaningless branches is served', () => {
    const wire = new Wire();
    const via = 'SIP/2.0/UDP 172.16.0.5:5062;branch=1';
    wire.receive(write({ via, body: sdp, headers: [] }));
    wire.receive(write({ via, body: sdp }));
    expect(wire.of('invite')).toHaveLength(1);
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.reject({ sessionId, status: 486 }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    wire.receive(write({ method: 'ACK', via, to }));
    wire.pass(6_000);
    expect(wire.stack.statistics()).toMatchObject({ serverTransactions: 0, timers: 0 });
  });
});

describe('registering', () => {
  it('[UA-95] binds the phone of the authenticated user and nobody else', () => {
    const wire = new Wire({ requireAuthentication: (request) => request.method === 'REGISTER' });
    let sequence = 0;
    const register = (user: string, username: string, password: string): string => {
      const shape = { method: 'REGISTER', uri: 'sip:example.test', to: `<sip:${user}@example.test>` };
      const challenged = parseMessage(
        encodeUtf8(wire.receive(write({ ...shape, sequence: ++sequence }))[0] ?? ''),
      );
      if (!challenged.ok || challenged.message.kind !== 'response') throw new Error('no challenge');
      expect(challenged.message.status).toBe(401);
      const answer = answerChallenge(challenged.message, 'REGISTER', shape.uri, { username, password }, 'c');
      const headers = [`Authorization: ${answer?.value ?? ''}`];
      return (
        (wire.receive(write({ ...shape, sequence: ++sequence, headers }))[0] ?? '').split('\r\n')[0] ?? ''
      );
    };
    expect(register('alice', 'alice', 'secret')).toBe('SIP/2.0 200 OK');
    expect(register('bob', 'alice', 'secret')).toBe('SIP/2.0 403 Forbidden');
    expect(register('alice', 'alice', 'wrong')).toBe('SIP/2.0 401 Unauthorized');
    expect(register('nobody', 'nobody', 'wrong')).toBe('SIP/2.0 401 Unauthorized');
    expect(wire.stack.bindings('alice')).toHaveLength(1);
    expect(wire.stack.bindings('sip:alice@example.test')).toHaveLength(1);
    expect(wire.stack.bindings('bob')).toEqual([]);
    expect(wire.of('log').filter((event) => event.what === 'authentication failed')).toHaveLength(2);
  });

  it('[UA-96] without authentication the To header names the user; foreign domains get 404', () => {
    const wire = new Wire({ isLocalDomain: (host) => host === 'example.test' });
    const text = write({ method: 'REGISTER', uri: 'sip:example.test', to: '<sip:alice@example.test>' });
    expect(wire.receive(text)[0]).toContain('SIP/2.0 200 OK');
    expect(headerOf(wire.last, 'Contact')).toBe('<sip:bob@172.16.0.5:5062>;expires=300');
    expect(wire.of('registration-changed')[0]).toMatchObject({ user: 'alice', cause: 'registered' });
    expect(wire.stack.bindings('alice')[0]?.flow).toEqual(flow);
    expect(
      wire.receive(write({ method: 'REGISTER', callId: 'f', to: '<sip:alice@elsewhere.test>' }))[0],
    ).toContain('404');
    expect(wire.receive(write({ method: 'REGISTER', callId: 'g', to: '<sip:example.test>' }))[0]).toContain(
      '404',
    );
    wire.pass(300_000);
    expect(wire.of('registration-changed').at(-1)).toMatchObject({ cause: 'expired', bindings: [] });
    wire.pass(32_000);
    expect(wire.stack.statistics()).toMatchObject({ bindings: 0, timers: 0 });
  });
});
