import { describe, expect, it } from 'vitest';
import { headerOf, Wire, flow, write } from '../../test/wire.ts';
import { encodeUtf8, type Flow, SdpSession, type SessionSnapshot } from '../index.ts';

const sdp =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function calling(wire: Wire): string {
  const sessionId = 'out';
  wire.stack.invite(
    {
      ...{ sessionId, flow, uri: 'sip:bob@192.0.2.9:40000', from: '<sip:us@10.0.0.1>' },
      ...{ to: '<sip:bob@192.0.2.9>', body: sdp },
    },
    wire.nowMs,
  );
  wire.collect();
  return sessionId;
}

/** The response of the far end to the INVITE, as text. */
function response(invite: string, status: string, more: readonly string[] = []): string {
  const lines = invite.split('\r\n');
  const kept = lines.filter((line) => /^(Via|From|Call-ID|CSeq):/i.test(line));
  return [
    `SIP/2.0 ${status}`,
    ...kept,
    'To: <sip:bob@192.0.2.9>;tag=far',
    ...more,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

const contact = 'Contact: <sip:bob@192.0.2.9:40000>';

describe('calls that outlive their process', () => {
  it('[UA-134] an INVITE that another process has sent is cancelled, and its refusal acknowledged', () => {
    const wire = new Wire();
    const sessionId = calling(wire);
    const invite = wire.last;
    wire.receive(response(invite, '180 Ringing', [contact]));
    const snapshot = JSON.parse(JSON.stringify(wire.stack.exportCall(sessionId)));
    const other = new Wire();
    expect(other.stack.importCall(snapshot, other.nowMs)).toEqual({ ok: true });
    expect(other.stack.importCall(snapshot, other.nowMs)).toMatchObject({ reason: 'duplicate-session' });
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    const branch = /branch=([^;\r]+)/.exec(invite)?.[1] ?? '';
    expect(other.last).toContain('CANCEL sip:bob@192.0.2.9:40000');
    expect(other.last).toContain(branch);
    const [ack] = other.receive(response(invite, '487 Request Terminated'));
    expect(ack).toContain('ACK sip:bob@192.0.2.9:40000');
    expect(other.of('cancelled')).toMatchObject([{ sessionId, by: 'local' }]);
    other.pass(60_000);
    expect(other.stack.statistics()).toMatchObject({
      sessions: 0,
      dialogs: 0,
      clientTransactions: 0,
      timers: 0,
    });
  });

  it('[UA-134] who will only give it up keeps no description', () => {
    const wire = new Wire();
    const sessionId = calling(wire);
    const { request, ...rest } = wire.stack.exportCall(sessionId) ?? { request: '' };
    const small = wire.stack.exportCall(sessionId, { withDescription: false });
    const head = request.slice(0, request.indexOf('\r\n\r\n') + 4);
    expect(request.endsWith(`\r\n\r\n${sdp}`)).toBe(true);
    expect(small).toEqual({ ...rest, request: head.replace(/Content-Length: \d+/, 'Content-Length: 0') });
    const other = new Wire();
    if (small !== undefined) other.stack.importCall(small, other.nowMs);
    other.receive(response(wire.last, '180 Ringing', [contact]));
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    expect(other.last).toContain('CANCEL sip:bob@192.0.2.9:40000');
  });

  it('[UA-134] an answer that crosses the cancellation is acknowledged and hung up', () => {
    const wire = new Wire();
    const sessionId = calling(wire);
    const invite = wire.last;
    const snapshot = wire.stack.exportCall(sessionId);
    const other = new Wire();
    if (snapshot !== undefined) other.stack.importCall(snapshot, other.nowMs);
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    const sent = other.receive(response(invite, '200 OK', [contact]));
    expect(sent.map((text) => text.split(' ')[0])).toEqual(['ACK', 'BYE']);
  });

  it('[UA-134] its answer makes the call when nobody gave it up', () => {
    const wire = new Wire();
    const sessionId = calling(wire);
    const snapshot = wire.stack.exportCall(sessionId);
    const other = new Wire();
    if (snapshot !== undefined) other.stack.importCall(snapshot, other.nowMs);
    other.receive(response(wire.last, '200 OK', [contact]));
    expect(other.of('accepted')).toMatchObject([{ sessionId }]);
    expect(other.stack.exportSession(sessionId)).toMatchObject({ role: 'uac' });
    expect(other.stack.exportCall(sessionId)).toBeUndefined();
  });

  it('[UA-135] a peer that came back over another connection is asked there whether it knows the session', () => {
    for (const [status, events] of [
      ['501 Not Implemented', []],
      ['481 Call/Transaction Does Not Exist', [{ by: 'remote', status: 481 }]],
    ] as const) {
      const wire = new Wire();
      const sessionId = calling(wire);
      wire.receive(response(wire.last, '200 OK', [contact]));
      const other = new Wire();
      const snapshot = wire.stack.exportSession(sessionId);
      if (snapshot !== undefined) other.stack.importSession(snapshot, other.nowMs);
      const back: Flow = { ...flow, protocol: 'ws', connectionId: 9 };
      expect(other.stack.rejoin({ sessionId, flow: back }, other.nowMs)).toEqual({ ok: true });
      other.collect();
      expect(other.last).toContain('OPTIONS sip:bob@192.0.2.9:40000');
      expect(other.sent.at(-1)?.flow).toEqual(back);
      other.receive(response(other.last, status), back);
      expect(other.of('ended')).toMatchObject(events);
    }
  });

  it('[UA-137] an answer is told before it is acknowledged, and acknowledged by the next process when it is repeated', () => {
    const wire = new Wire();
    const sessionId = calling(wire);
    const answer = response(wire.last, '200 OK', [contact]);
    wire.stack.receive(encodeUtf8(answer), flow, wire.nowMs);
    const kinds = wire.stack
      .drain()
      .map((output) => (output.type === 'event' ? output.event.type : output.type));
    expect(kinds).toEqual(['accepted', 'send']);
    const other = new Wire();
    other.stack.importSession(wire.stack.exportSession(sessionId) as SessionSnapshot, other.nowMs);
    const [ack] = other.receive(answer);
    expect(ack).toMatch(/^ACK sip:bob@192\.0\.2\.9:40000 /);
    expect(headerOf(ack ?? '', 'CSeq')).toBe('1 ACK');
    expect(other.receive(answer.replace(/tag=far/g, 'tag=stranger'))).toEqual([]);
  });

  it('[UA-134] what is no INVITE is refused', () => {
    const wire = new Wire();
    const snapshot = {
      version: 1,
      sessionId: 'x',
      request: 'BYE\r\n\r\n',
      flow,
      contactUser: undefined,
    } as const;
    expect(wire.stack.importCall(snapshot, wire.nowMs)).toMatchObject({ reason: 'invalid-argument' });
  });

  it('[SDP-40] a description goes on with its origin, its version and the order of its lines', () => {
    const local = {
      ...{ address: '10.0.0.1', port: 4_000, telephoneEventPayloadType: 101 },
      codecs: [{ name: 'PCMU', payloadType: 0, clockRateHz: 8_000 }],
    };
    const offer =
      'v=0\r\no=- 5 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n' +
      'm=video 0 RTP/AVP 31\r\nm=audio 5000 RTP/AVP 0\r\na=mid:one\r\n';
    const session = new SdpSession({ sessionNumber: 77, address: '10.0.0.1' });
    expect(session.answerOffer(offer, local)).toMatchObject({ ok: true });
    const twin = SdpSession.import(JSON.parse(JSON.stringify(session.export())));
    expect(twin.createOffer({ ...local, port: 4_002 })).toBe(session.createOffer({ ...local, port: 4_002 }));
    expect(twin.answerOffer(offer, local)).toEqual(session.answerOffer(offer, local));
  });
});

describe('phones that come back over another connection', () => {
  const gone: Flow = { ...flow, protocol: 'tls', connectionId: 3 };
  const back: Flow = { ...gone, remotePort: 40_500, connectionId: 8 };
  const atOnce = 'Contact: <sip:bob@192.0.2.9:40000;transport=tls>';

  /** A call to a phone on a TLS connection, in a process that has taken it up from another one. */
  function stranded(): { other: Wire; sessionId: string } {
    const wire = new Wire();
    const sessionId = 'out';
    const uri = 'sip:bob@192.0.2.9:40000;transport=tls';
    const command = { from: '<sip:us@10.0.0.1>', to: '<sip:bob@example.test>', body: sdp };
    wire.stack.invite({ sessionId, flow: gone, uri, ...command }, wire.nowMs);
    wire.collect();
    wire.receive(response(wire.last, '200 OK', [atOnce]), gone);
    const snapshot = wire.stack.exportSession(sessionId) as SessionSnapshot;
    const other = new Wire();
    other.stack.importSession(snapshot, other.nowMs);
    return { other, sessionId };
  }

  const register = (contact: string) =>
    write({
      ...{
        method: 'REGISTER',
        uri: 'sip:example.test',
        via: `SIP/2.0/TLS 192.0.2.9:1;branch=z9hG4bK${contact.replace(/\W/g, '')}`,
      },
      ...{ from: '<sip:bob@example.test>;tag=r', to: '<sip:bob@example.test>', callId: contact },
      headers: [`Contact: ${contact}`],
    });

  const inDialog = (method: string, callId: string, localTag: string) =>
    write({
      ...{ method, callId, sequence: 7, via: 'SIP/2.0/TLS 192.0.2.9:1;branch=z9hG4bKi' },
      ...{ from: '<sip:bob@192.0.2.9>;tag=far', to: `<sip:us@10.0.0.1>;tag=${localTag}` },
    });

  /** Whatever is on its way finds no connection. */
  function breakPaths(wire: Wire): void {
    for (const sent of wire.sent.splice(0)) {
      const { connectionId: _none, ...path } = sent.flow;
      wire.stack.flowClosed(path, wire.nowMs);
    }
    wire.collect();
  }

  it.each([
    ['its Contact', '<sip:bob@192.0.2.9:40000;transport=tls>'],
    ['the new port of its connection', '<sip:bob@192.0.2.9:40500;transport=tls>'],
  ])('[UA-136] the call follows it when it registers with %s, and its BYE goes there', (_what, contact) => {
    const { other, sessionId } = stranded();
    const [ok, options] = other.receive(register(contact), back);
    expect(ok).toContain('SIP/2.0 200');
    expect(options).toContain('OPTIONS sip:bob@192.0.2.9:40000');
    expect(other.sent.at(-1)?.flow).toEqual(back);
    other.receive(response(options ?? '', '200 OK'), back);
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    expect(other.last).toContain('BYE sip:bob@192.0.2.9:40000');
    expect(other.sent.at(-1)?.flow).toEqual(back);
    other.receive(response(other.last, '200 OK'), back);
    expect(other.stack.statistics()).toMatchObject({ sessions: 0, dialogs: 0 });
  });

  it('[UA-136] a call that was hung up meanwhile is ended at the phone when it comes back', () => {
    const { other, sessionId } = stranded();
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    breakPaths(other);
    expect(other.of('ended')).toMatchObject([{ sessionId, by: 'local' }]);
    other.pass(500_000);
    other.receive(register('<sip:bob@192.0.2.9:40500;transport=tls>'), back);
    expect(other.last).toContain('BYE sip:bob@192.0.2.9:40000');
    expect(other.sent.at(-1)?.flow).toEqual(back);
    other.receive(response(other.last, '200 OK'), back);
    expect(other.stack.statistics()).toMatchObject({ dialogs: 0, clientTransactions: 0 });
  });

  it('[UA-136] a phone that sends something in a call that is over is told so', () => {
    const { other, sessionId } = stranded();
    const { callId = '', localTag = '' } = other.stack.dialogOf(sessionId) ?? {};
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    breakPaths(other);
    const sent = other.receive(inDialog('INFO', callId, localTag), back);
    expect(sent.map((text) => text.split(' ').slice(0, 2))).toEqual([
      ['SIP/2.0', '481'],
      ['BYE', 'sip:bob@192.0.2.9:40000;transport=tls'],
    ]);
    expect(other.sent.at(-1)?.flow).toEqual(back);
  });

  it('[UA-136] a phone that does not come back within ten minutes is given up', () => {
    const { other, sessionId } = stranded();
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    breakPaths(other);
    expect(other.stack.statistics()).toMatchObject({ dialogs: 1 });
    other.pass(600_000);
    expect(other.stack.statistics()).toMatchObject({ dialogs: 0, timers: 0 });
  });

  it('[UA-136] a dead path does not end a call whose phone may come back', () => {
    const { other, sessionId } = stranded();
    other.stack.reinvite({ sessionId, body: sdp }, other.nowMs);
    other.collect();
    breakPaths(other);
    expect(other.of('ended')).toEqual([]);
    expect(other.of('reinvite-result')).toMatchObject([{ sessionId, status: 503 }]);
  });

  it('[UA-136] another phone of the same user does not take the call nor end it', () => {
    const { other, sessionId } = stranded();
    other.receive(register('<sip:bob@192.0.2.77:5061;transport=tls>'), {
      ...{ ...back, remoteAddress: '192.0.2.77', connectionId: 20 },
    });
    expect(other.last).toContain('SIP/2.0 200');
    const [, options = ''] = other.receive(register('<sip:bob@192.0.2.9:41000;transport=tls>'), back);
    other.receive(response(options, '481 Call/Transaction Does Not Exist'), back);
    expect(other.of('ended')).toEqual([]);
    const mine: Flow = { ...back, remotePort: 40_600, connectionId: 9 };
    other.receive(register('<sip:bob@192.0.2.9:40000;transport=tls>'), mine);
    expect(other.last).toContain('OPTIONS sip:bob@192.0.2.9:40000');
    other.receive(response(other.last, '481 Call/Transaction Does Not Exist'), mine);
    expect(other.of('ended')).toMatchObject([{ sessionId, status: 481 }]);
  });

  it('[UA-136] what the phone sends over its next connection shows where it is', () => {
    const { other, sessionId } = stranded();
    const { callId = '', localTag = '' } = other.stack.dialogOf(sessionId) ?? {};
    other.receive(inDialog('INFO', callId, localTag), back);
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    expect(other.sent.at(-1)?.flow).toEqual(back);
  });
});
