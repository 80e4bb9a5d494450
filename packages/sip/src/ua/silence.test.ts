import { describe, expect, it } from 'vitest';
import { flow, reply, Wire } from '../../test/wire.ts';
import { isIdle } from '../../test/world.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

function calling(): Wire {
  const wire = new Wire();
  const between = { from: 'sip:700@example.test', to: 'sip:bob@example.test' };
  const command = { sessionId: 's', uri: 'sip:bob@192.0.2.9', flow, ...between, body: sdp };
  wire.stack.invite({ ...command, silenceMaxMs: 4_000 }, wire.nowMs);
  wire.collect();
  return wire;
}

const invite = (wire: Wire): string => wire.sent.find(({ text }) => text.startsWith('INVITE'))?.text ?? '';

describe('a server that keeps silent', () => {
  it('[RFC3263 §4.3] fails the call in time, so that the next server can be tried', () => {
    const wire = calling();
    wire.pass(3_999);
    expect(wire.of('rejected')).toEqual([]);
    wire.pass(1);
    expect(wire.of('rejected')).toMatchObject([{ status: 408, cause: 'timeout' }]);
    wire.pass(64_000);
    expect(isIdle(wire.stack)).toBe(true);
  });

  it('[RFC3261 §9.1] is sent the INVITE no more, and CANCEL when it rings late', () => {
    const wire = calling();
    const request = invite(wire);
    wire.pass(4_000);
    wire.sent.length = 0;
    wire.pass(6_000);
    expect(wire.sent).toEqual([]);
    wire.receive(reply(request, '180 Ringing', { tag: 'b' }));
    expect(wire.sent.map(({ text }) => text.split(' ')[0])).toEqual(['CANCEL']);
    wire.receive(reply(request, '487 Request Terminated', { tag: 'b' }));
    wire.pass(64_000);
    expect(wire.of('rejected')).toHaveLength(1);
    expect(wire.of('cancelled')).toEqual([]);
    expect(isIdle(wire.stack)).toBe(true);
  });

  it('[RFC3261 §13.2.2.4] is hung up on when it answers late', () => {
    const wire = calling();
    const request = invite(wire);
    wire.pass(4_000);
    wire.sent.length = 0;
    wire.receive(
      reply(request, '200 OK', { tag: 'b', body: sdp, headers: ['Contact: <sip:bob@192.0.2.9>'] }),
    );
    expect(wire.sent.map(({ text }) => text.split(' ')[0])).toEqual(['ACK', 'BYE']);
    wire.pass(64_000);
    expect(wire.of('rejected')).toHaveLength(1);
    expect(wire.of('accepted')).toEqual([]);
    expect(isIdle(wire.stack)).toBe(true);
  });

  it('[RFC3261 §17.1.1.2] has said enough with 100: from then on timer C counts', () => {
    const wire = calling();
    wire.receive(reply(invite(wire), '100 Trying'));
    wire.pass(60_000);
    expect(wire.of('rejected')).toEqual([]);
    wire.receive(reply(invite(wire), '486 Busy Here', { tag: 'b' }));
    expect(wire.of('rejected')).toMatchObject([{ status: 486, cause: 'remote' }]);
  });

  it('[RFC3261 §9.1] ends a call that was cancelled before it said anything', () => {
    const wire = calling();
    wire.stack.cancel({ sessionId: 's' }, wire.nowMs);
    wire.pass(4_000);
    expect(wire.of('cancelled')).toMatchObject([{ by: 'local', crossed: false }]);
    expect(wire.sent.some(({ text }) => text.startsWith('CANCEL'))).toBe(false);
  });
});
