import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, tagOf, Wire, write } from '../../test/wire.ts';
import { encodeUtf8, type Flow } from '../index.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function statusOf(texts: string[]): string {
  return (texts.at(-1) ?? '').split('\r\n')[0]?.slice(8) ?? '';
}

describe('a request outside a dialog', () => {
  it('[UA-30] [RFC3261 §8.2] is refused with what the RFC says for each defect', () => {
    const cases: Array<[string, string, Array<[string, string]>]> = [
      [
        write({ method: 'PUBLISH' }),
        '405 Method Not Allowed',
        [['Allow', 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REGISTER, NOTIFY']],
      ],
      [write({ uri: 'mailto:a@b' }), '416 Unsupported URI Scheme', []],
      [write({ uri: 'sip:@' }), '400 Malformed Request-URI', []],
      [write().replace('Max-Forwards: 70', 'Max-Forwards: 0'), '483 Too Many Hops', []],
      [
        write({ headers: ['Require: precondition, path'] }),
        '420 Bad Extension',
        [['Unsupported', 'precondition']],
      ],
      [
        write({ body: 'x' }).replace('application/sdp', 'text/plain'),
        '415 Unsupported Media Type',
        [['Accept', 'application/sdp, multipart/mixed, multipart/alternative']],
      ],
      [
        write({ body: sdp, headers: ['Content-Encoding: gzip'] }),
        '415 Unsupported Media Type',
        [['Accept-Encoding', 'identity']],
      ],
      [write({ method: 'BYE' }), '481 Call/Transaction Does Not Exist', []],
      [write({ method: 'BYE', to: '<sip:a@b>;tag=unknown' }), '481 Call/Transaction Does Not Exist', []],
      [write({ to: '<sip:a@b>;tag=unknown' }), '481 Call/Transaction Does Not Exist', []],
      [write({ method: 'CANCEL' }), '481 Call/Transaction Does Not Exist', []],
      [
        write({ sequence: 1 }).replace('CSeq: 1 INVITE', 'CSeq: x INVITE'),
        '400 Missing or Malformed CSeq',
        [],
      ],
      [write().replace('SIP/2.0\r\n', 'SIP/3.0\r\n'), '505 Version Not Supported', []],
    ];
    for (const [text, status, headers] of cases) {
      const wire = new Wire();
      const answers = wire.receive(text);
      expect(statusOf(answers)).toBe(status);
      for (const [name, value] of headers) expect(headerOf(wire.last, name)).toBe(value);
      expect(tagOf(headerOf(wire.last, 'To'))).not.toBe('');
      expect(wire.of('invite')).toHaveLength(0);
    }
  });

  it('[UA-31] [RFC3261 §11] OPTIONS is answered with what we can do, also with Max-Forwards 0', () => {
    const wire = new Wire();
    wire.receive(write({ method: 'OPTIONS' }).replace('Max-Forwards: 70', 'Max-Forwards: 0'));
    expect(wire.last).toContain('SIP/2.0 200 OK');
    expect(headerOf(wire.last, 'Accept')).toContain('application/sdp');
    expect(headerOf(wire.last, 'Allow')).toContain('INVITE');
  });

  it('[UA-32] [RFC3261 §8.2.2.2] a copy over another path is refused with 482', () => {
    const wire = new Wire();
    wire.receive(write({ branch: 'z9hG4bKone' }));
    expect(statusOf(wire.receive(write({ branch: 'z9hG4bKtwo' })))).toBe('482 Loop Detected');
    expect(wire.of('invite')).toHaveLength(1);
  });

  it('[UA-33] ACK is never answered, whatever is wrong with it', () => {
    const wire = new Wire();
    expect(wire.receive(write({ method: 'ACK' }))).toEqual([]);
    expect(wire.receive(write({ method: 'ACK', to: '<sip:a@b>;tag=x' }))).toEqual([]);
    expect(wire.receive(write({ method: 'ACK' }).replace('CSeq: 1', 'CSeq: x'))).toEqual([]);
    expect(wire.stack.statistics().serverTransactions).toBe(0);
  });

  it('[UA-34] [RFC3581] responses go to the source with rport, and to the port of sent-by without', () => {
    const wire = new Wire();
    wire.receive(write({ method: 'OPTIONS' }));
    expect(wire.sent.at(-1)?.flow).toEqual(flow);
    expect(headerOf(wire.last, 'Via')).toContain('rport=40000');
    expect(headerOf(wire.last, 'Via')).toContain('received=192.0.2.9');
    wire.receive(
      write({ method: 'OPTIONS', via: 'SIP/2.0/UDP 172.16.0.5:5062;branch=z9hG4bKx', callId: 'b' }),
    );
    expect(wire.sent.at(-1)?.flow).toEqual({ ...flow, remotePort: 5_062 });
    wire.receive(write({ method: 'OPTIONS', via: 'SIP/2.0/UDP phone.example;branch=z9hG4bKy', callId: 'c' }));
    expect(wire.sent.at(-1)?.flow).toEqual({ ...flow, remotePort: 5_060 });
    wire.receive(
      write({ method: 'OPTIONS', via: 'SIP/2.0/UDP h;maddr=192.0.2.77;branch=z9hG4bKz', callId: 'd' }),
    );
    expect(wire.sent.at(-1)?.flow).toEqual({ ...flow, remoteAddress: '192.0.2.77', remotePort: 5_060 });
  });

  it('[UA-34] port 0 in sent-by counts as no port, for nothing can be sent there', () => {
    for (const via of ['SIP/2.0/UDP 172.16.0.5:0', 'SIP/2.0/UDP 172.16.0.5:00;maddr=192.0.2.9']) {
      for (const method of ['OPTIONS', 'BYE', 'NONSENSE']) {
        const wire = new Wire();
        wire.receive(write({ method, via: `${via};branch=z9hG4bK0`, callId: via }));
        expect(wire.sent.at(-1)?.flow).toEqual({ ...flow, remotePort: 5_060 });
      }
    }
  });

  it('[UA-35] admit may refuse with a status and headers of its own', () => {
    const wire = new Wire({
      admit: () => ({ status: 404, reason: 'No Such Number', headers: [['Retry-After', '9']] }),
    });
    expect(statusOf(wire.receive(write()))).toBe('404 No Such Number');
    expect(headerOf(wire.last, 'Retry-After')).toBe('9');
  });

  it('[UA-36] more sessions or transactions than allowed are refused with 503 and Retry-After', () => {
    const wire = new Wire({ limits: { sessionsMax: 1 } });
    expect(statusOf(wire.receive(write({ callId: 'a' })))).toBe('100 Trying');
    expect(statusOf(wire.receive(write({ callId: 'b' })))).toBe('503 Service Unavailable');
    expect(headerOf(wire.last, 'Retry-After')).toBe('5');
    const full = new Wire({ limits: { transactionsMax: 1 } });
    full.receive(write({ callId: 'a' }));
    expect(statusOf(full.receive(write({ callId: 'b' })))).toBe('503 Service Unavailable');
    expect(full.stack.statistics().serverTransactions).toBe(1);
  });

  it('[UA-37] keep-alives and noise are not answered', () => {
    const wire = new Wire();
    for (const text of ['', '\r\n\r\n', '\0\0\0\0', '    \r\n', 'jaK', '\x00'.repeat(20)])
      expect(wire.receive(text)).toEqual([]);
    expect(wire.events).toEqual([]);
    expect(wire.receive('hello world\r\n\r\n')).toEqual([]);
    expect(wire.of('log')).toHaveLength(1);
  });

  it('[UA-38] no change of bytes makes the stack throw or leaks a session', () => {
    const base = encodeUtf8(write({ body: sdp }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const bytes = base.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const wire = new Wire();
        wire.stack.receive(bytes, flow, wire.nowMs);
        wire.collect();
        wire.pass(700_000);
        expect(wire.stack.statistics()).toMatchObject({
          sessions: 0,
          dialogs: 0,
          timers: 0,
          serverTransactions: 0,
        });
      }),
      { numRuns: 400 },
    );
  });
});

describe('authentication', () => {
  it('[UA-40] answers known and unknown users alike, and lets the right one in', () => {
    const wire = new Wire({ requireAuthentication: (request) => request.method === 'INVITE' });
    wire.receive(write());
    expect(wire.last).toContain('SIP/2.0 401 Unauthorized');
    expect(wire.last.match(/WWW-Authenticate: .*algorithm=MD5/g)).toHaveLength(1);
    wire.receive(write({ method: 'ACK' }));
    expect(wire.of('invite')).toHaveLength(0);
  });
});

describe('authentication of sloppy phones', () => {
  it('[UA-41] the credentials may come with the CSeq of the challenged request', () => {
    const wire = new Wire({ requireAuthentication: () => true });
    wire.receive(write());
    wire.receive(write());
    expect(wire.last).toContain('SIP/2.0 401 Unauthorized');
  });
});

describe('streams', () => {
  const tcp: Flow = { ...flow, protocol: 'tcp', connectionId: 7 };
  const onTcp = (text: string): string => text.replace('SIP/2.0/UDP', 'SIP/2.0/TCP');

  it('[UA-50] takes requests in any chunks and answers on the connection', () => {
    const wire = new Wire();
    const text = onTcp(write({ method: 'OPTIONS' }));
    expect(wire.receive(text.slice(0, 50), tcp)).toEqual([]);
    expect(wire.receive(text.slice(50), tcp)).toHaveLength(1);
    expect(wire.sent.at(-1)?.flow).toEqual(tcp);
    expect(wire.stack.statistics()).toMatchObject({ serverTransactions: 0, timers: 0, connections: 1 });
  });

  it('[UA-51] [RFC5626 §4.4.1] answers a ping with a pong', () => {
    expect(new Wire().receive('\r\n\r\n', tcp)).toEqual(['\r\n']);
  });

  it('[UA-52] answers and closes a stream that cannot be followed', () => {
    const wire = new Wire();
    const answers = wire.receive(
      onTcp(write({ method: 'OPTIONS' })).replace('Content-Length: 0', 'Content-Length: x'),
      tcp,
    );
    expect(statusOf(answers)).toBe('400 bad-content-length');
    expect(wire.closes).toBe(1);
  });

  it('[STR-06] closes a connection whose message does not become complete, however it drips', () => {
    const wire = new Wire();
    const text = onTcp(write({ method: 'OPTIONS' }));
    for (let at = 0; at < 31; at++) {
      wire.receive(text.slice(at, at + 1), tcp);
      wire.pass(1_000);
    }
    expect(wire.closes).toBe(0);
    wire.pass(1_000);
    expect(wire.closes).toBe(1);
    wire.stack.flowClosed(tcp, wire.nowMs);
    expect(wire.stack.statistics()).toMatchObject({ timers: 0, connections: 0 });
  });

  it('[STR-06] leaves a connection alone that is idle, or sends half of a keep-alive', () => {
    const wire = new Wire();
    const text = onTcp(write({ method: 'OPTIONS' }));
    wire.receive(text.slice(0, 50), tcp);
    wire.receive(`${text.slice(50)}\r\n`, tcp);
    wire.pass(60_000);
    expect(wire.closes).toBe(0);
    expect(wire.stack.statistics().timers).toBe(0);
  });

  it('[UA-53] refuses more connections than the limit', () => {
    const wire = new Wire({ limits: { connectionsMax: 1 } });
    wire.receive('\r\n\r\n', tcp);
    expect(wire.receive('\r\n\r\n', { ...tcp, connectionId: 8 })).toEqual([]);
    expect(wire.closes).toBe(1);
    wire.stack.flowClosed(tcp, wire.nowMs);
    expect(wire.receive('\r\n\r\n', { ...tcp, connectionId: 9 })).toEqual(['\r\n']);
  });

  it('[UA-54] a call that loses its connection goes on over a new one to the contact', () => {
    const wire = new Wire();
    wire.receive(onTcp(write({ body: sdp })).replaceAll('172.16.0.5', '192.0.2.9'), tcp);
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    const to = headerOf(wire.last, 'To');
    wire.receive(onTcp(write({ method: 'ACK', to })), tcp);
    wire.stack.flowClosed(tcp, wire.nowMs);
    wire.stack.bye({ sessionId }, wire.nowMs);
    wire.collect();
    expect(wire.last).toContain('BYE sip:bob@192.0.2.9:5062');
    const { connectionId: _closed, ...opened } = tcp;
    expect(wire.sent.at(-1)?.flow).toEqual({ ...opened, remotePort: 5_062 });
    wire.receive(reply(wire.last, '200 OK'), { ...tcp, connectionId: 8 });
    expect(wire.stack.statistics()).toMatchObject({ dialogs: 0, clientTransactions: 0 });
  });

  it('[UA-54] an imported call does not use the id of a connection that is gone', () => {
    const wire = new Wire();
    wire.receive(onTcp(write({ body: sdp })), tcp);
    const sessionId = wire.of('invite')[0]?.sessionId ?? '';
    wire.stack.accept({ sessionId, body: sdp }, wire.nowMs);
    wire.collect();
    wire.receive(onTcp(write({ method: 'ACK', to: headerOf(wire.last, 'To') })), tcp);
    const snapshot = wire.stack.exportSession(sessionId);
    if (snapshot === undefined) throw new Error('nothing to export');
    const other = new Wire();
    other.stack.importSession(snapshot, other.nowMs);
    other.stack.bye({ sessionId }, other.nowMs);
    other.collect();
    expect(other.sent.at(-1)?.flow.connectionId).toBeUndefined();
  });

  it('[UA-54] a late answer opens a connection to where the caller listens', () => {
    const wire = new Wire();
    wire.receive(onTcp(write({ body: sdp })), tcp);
    wire.stack.flowClosed(tcp, wire.nowMs);
    wire.stack.reject({ sessionId: wire.of('invite')[0]?.sessionId ?? '', status: 486 }, wire.nowMs);
    wire.collect();
    const { connectionId: _closed, ...opened } = tcp;
    expect(wire.sent.at(-1)?.flow).toEqual({ ...opened, remotePort: 5_062 });
  });

  it('[UA-55] a request for which the connection was opened learns of its end', () => {
    const wire = new Wire();
    const { connectionId: _none, ...unopened } = tcp;
    wire.stack.options({ key: 'k', uri: 'sip:a@192.0.2.9', flow: unopened }, wire.nowMs);
    wire.stack.flowClosed(tcp, wire.nowMs);
    wire.collect();
    expect(wire.of('options-result')[0]).toMatchObject({ key: 'k', status: 503 });
  });

  it('[UA-55] a request on a connection that breaks is answered here', () => {
    const wire = new Wire();
    wire.stack.options({ key: 'k', uri: 'sip:a@192.0.2.9', flow: tcp }, wire.nowMs);
    wire.collect();
    wire.stack.flowClosed(tcp, wire.nowMs);
    wire.collect();
    expect(wire.of('options-result')[0]).toMatchObject({ key: 'k', status: 503 });
    expect(wire.stack.statistics()).toMatchObject({ timers: 0, clientTransactions: 0 });
  });
});
