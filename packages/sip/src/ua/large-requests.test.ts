import { describe, expect, it } from 'vitest';
import { flow, headerOf, reply, Wire } from '../../test/wire.ts';
import type { Flow, SipStackOptions } from '../index.ts';

const stream: Flow = { ...flow, protocol: 'tcp' };

/** A stack that may go over to TCP, calling with a body of so many bytes. */
function call(bytes: number, options: Partial<SipStackOptions> = { largeRequestFlow: () => stream }): Wire {
  const wire = new Wire(options);
  const result = wire.stack.invite(
    {
      sessionId: 's',
      uri: 'sip:bob@192.0.2.9',
      flow,
      from: 'sip:alice@example.test',
      to: 'sip:bob@192.0.2.9',
      body: 'x'.repeat(bytes),
      credentials: { username: 'alice', password: 'secret' },
    },
    wire.nowMs,
  );
  expect(result).toEqual({ ok: true });
  wire.collect();
  return wire;
}

describe('requests that are too long for a datagram', () => {
  it('[BIG-01] [RFC3261 §18.1.1] go over TCP above 1,300 bytes, when there is a way', () => {
    const over = call(1_200);
    expect(over.sent).toHaveLength(1);
    expect(over.sent[0]?.flow).toEqual(stream);
    expect(headerOf(over.last, 'Via')).toMatch(/^SIP\/2.0\/TCP /);
    for (const wire of [call(100), call(1_200, {}), call(1_200, { largeRequestFlow: () => undefined })]) {
      expect(wire.sent[0]?.flow).toEqual(flow);
      expect(headerOf(wire.last, 'Via')).toMatch(/^SIP\/2.0\/UDP /);
    }
  });

  it('[BIG-01] exactly at the limit, whatever is in the headers', () => {
    const plain = call(0).last.length + 'Content-Type: application/sdp\r\n'.length;
    const protocols = [-60, 60].map((difference) => call(1_300 - plain + difference).sent[0]?.flow.protocol);
    expect(protocols).toEqual(['udp', 'tcp']);
  });

  it('[BIG-02] come back to UDP with the same CSeq when no connection can be made', () => {
    const wire = call(1_200);
    wire.stack.flowClosed(stream, wire.nowMs);
    wire.collect();
    const [first, second] = wire.sent;
    expect(second?.flow).toEqual(flow);
    expect(headerOf(second?.text ?? '', 'Via')).toMatch(/^SIP\/2.0\/UDP /);
    expect(headerOf(second?.text ?? '', 'Via')).not.toBe(headerOf(first?.text ?? '', 'Via'));
    expect(headerOf(second?.text ?? '', 'CSeq')).toBe('1 INVITE');
    expect(wire.of('rejected')).toEqual([]);
    // There is no second way back.
    wire.stack.flowClosed(flow, wire.nowMs);
    wire.collect();
    expect(wire.of('rejected')).toHaveLength(1);
  });

  it('[BIG-02] but not after the peer was heard on the connection, or the call was given up', () => {
    const heard = call(1_200);
    heard.receive(reply(heard.last, '180 Ringing', { tag: 'b' }), { ...stream, connectionId: 1 });
    heard.stack.flowClosed({ ...stream, connectionId: 1 }, heard.nowMs);
    heard.collect();
    expect(heard.sent).toHaveLength(1);
    const cancelled = call(1_200);
    cancelled.stack.cancel({ sessionId: 's' }, cancelled.nowMs);
    cancelled.stack.flowClosed(stream, cancelled.nowMs);
    cancelled.collect();
    expect(cancelled.sent).toHaveLength(1);
    expect(cancelled.of('cancelled')).toHaveLength(1);
  });

  it('[BIG-03] stay on the connection with their credentials', () => {
    const wire = call(1_200);
    const headers = ['WWW-Authenticate: Digest realm="example.test", nonce="n", qop="auth"'];
    wire.receive(reply(wire.last, '401 Unauthorized', { tag: 'b', headers }), { ...stream, connectionId: 1 });
    expect(wire.sent.map((output) => output.flow.protocol)).toEqual(['tcp', 'tcp', 'tcp']);
    expect(headerOf(wire.last, 'Authorization')).not.toBe('');
  });
});
