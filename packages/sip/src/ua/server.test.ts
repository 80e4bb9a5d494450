import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, Wire, write } from '../../test/wire.ts';
import { answerChallenge } from '../digest/index.ts';
import { encodeUtf8, parseMessage } from '../message/index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function types(wire: Wire): string[] {
  return wire.events.filter((event) => event.type !== 'log').map((event) => event.type);
}

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

  it('[TXN-50] [RFC3261 §17.2.1] who repeats an INVITE that is answered gets no 100 for it', () => {
    const wire = new Wire();
    const invite = write({ body: sdp });
    expect(wire.stack.tryingFor(encodeUtf8(invite), flow)).toBeDefined();
    wire.receive(invite);
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    expect(wire.stack.tryingFor(encodeUtf8(invite), flow)).toBeUndefined();
    expect(
      wire.stack.tryingFor(encodeUtf8(write({ callId: 'another', branch: 'z9hG4bK-another' })), flow),
    ).toBeDefined();
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
