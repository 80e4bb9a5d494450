import { describe, expect, it } from 'vitest';
import { Wire, headerOf, reply, write } from '../../test/wire.ts';
import { decodeUtf8, SipRequest, SipResponse } from '../message/index.ts';
import { TimerQueue } from '../timers/index.ts';
import type { Flow } from '../flow/index.ts';
import { createCancel, TransactionLayer } from './index.ts';

const udp: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '10.0.0.2',
  remotePort: 5060,
};
const tcp: Flow = { ...udp, protocol: 'tcp', connectionId: 1 };

/** A layer whose sends are noted as "time first-line". */
class Bench {
  nowMs = 0;
  readonly timers = new TimerQueue();
  readonly log: string[] = [];
  readonly layer = new TransactionLayer(
    this.timers,
    { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 },
    (_flow, bytes) => {
      this.log.push(
        `${this.nowMs} ${decodeUtf8(bytes)
          .split('\r\n')[0]
          ?.replace(/ ?SIP\/2.0 ?/, '')}`,
      );
    },
  );
  readonly user = {
    onResponse: (response: SipResponse): void => {
      this.log.push(`${this.nowMs} got ${response.status}`);
    },
    onFailure: (cause: string): void => {
      this.log.push(`${this.nowMs} failed ${cause}`);
    },
  };

  run(untilMs: number): void {
    for (
      let next = this.timers.nextDeadlineMs();
      next !== undefined && next <= untilMs;
      next = this.timers.nextDeadlineMs()
    ) {
      this.nowMs = next;
      this.timers.fire(next);
    }
    this.nowMs = untilMs;
  }

  respond(status: number): void {
    this.layer.receiveResponse(response(status, this.method), this.nowMs);
  }

  method = 'INVITE';

  start(method: string, flow: Flow): void {
    this.method = method;
    this.layer.request(request(method), flow, this.user, 0);
  }

  get alive(): number[] {
    return [this.layer.clientCount, this.layer.serverCount, this.timers.size];
  }
}

function request(method: string): SipRequest {
  const message = new SipRequest(method, 'sip:b');
  message.push('Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx');
  message.push('From', '<sip:a@h>;tag=1');
  message.push('To', '<sip:b@h>');
  message.push('Call-ID', 'c');
  message.push('CSeq', `1 ${method}`);
  return message;
}

function response(status: number, method: string): SipResponse {
  const message = new SipResponse(status, 'X');
  message.push('Via', 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKx');
  message.push('To', '<sip:b@h>;tag=2');
  message.push('CSeq', `1 ${method}`);
  return message;
}

describe('INVITE client transaction', () => {
  it('[TXN-01] [RFC3261 §17.1.1.2] repeats with timer A and gives up with timer B', () => {
    const bench = new Bench();
    bench.start('INVITE', udp);
    bench.run(100_000);
    expect(bench.log).toEqual([
      ...[0, 500, 1_500, 3_500, 7_500, 15_500, 31_500].map((at) => `${at} INVITE sip:b`),
      '32000 failed timeout',
    ]);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-02] over a reliable transport repeats nothing and still gives up', () => {
    const bench = new Bench();
    bench.start('INVITE', tcp);
    bench.run(100_000);
    expect(bench.log).toEqual(['0 INVITE sip:b', '32000 failed timeout']);
  });

  it('[TXN-03] [RFC3261 §17.1.1.2] acknowledges a refusal each time it comes, until timer D', () => {
    const bench = new Bench();
    bench.start('INVITE', udp);
    bench.respond(180);
    bench.run(1_000);
    bench.respond(486);
    bench.run(32_999);
    bench.respond(486);
    expect(bench.log).toEqual([
      '0 INVITE sip:b',
      '0 got 180',
      '1000 ACK sip:b',
      '1000 got 486',
      '32999 ACK sip:b',
    ]);
    bench.run(33_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-04] [RFC6026 §7.2] passes each 2xx up until timer M, and ignores refusals after one', () => {
    const bench = new Bench();
    bench.start('INVITE', udp);
    bench.respond(200);
    bench.run(31_999);
    bench.respond(200);
    bench.respond(486);
    bench.respond(180);
    expect(bench.log).toEqual(['0 INVITE sip:b', '0 got 200', '31999 got 200']);
    bench.run(32_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-05] over a reliable transport a refusal ends it at once', () => {
    const bench = new Bench();
    bench.start('INVITE', tcp);
    bench.respond(486);
    expect(bench.log).toEqual(['0 INVITE sip:b', '0 ACK sip:b', '0 got 486']);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-06] [RFC3261 §17.1.4] tells of a path that cannot deliver', () => {
    const bench = new Bench();
    bench.start('INVITE', tcp);
    bench.layer.flowClosed({ ...tcp, connectionId: 2 }, 0);
    expect(bench.alive).toEqual([1, 0, 1]);
    bench.layer.flowClosed(tcp, 0);
    expect(bench.log.at(-1)).toBe('0 failed transport');
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-07] [RFC3261 §9.1] CANCEL copies what identifies the INVITE', () => {
    const cancel = createCancel(request('INVITE'));
    expect([cancel.method, cancel.uriText, cancel.header('CSeq'), cancel.header('Via')]).toEqual([
      'CANCEL',
      'sip:b',
      '1 CANCEL',
      request('INVITE').header('Via'),
    ]);
  });
});

describe('non-INVITE client transaction', () => {
  it('[TXN-10] [RFC3261 §17.1.2.2] repeats with timer E up to T2 and gives up with timer F', () => {
    const bench = new Bench();
    bench.start('OPTIONS', udp);
    bench.run(100_000);
    const times = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(bench.log).toEqual([...times.map((at) => `${at} OPTIONS sip:b`), '32000 failed timeout']);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-11] repeats every T2 after a provisional response', () => {
    const bench = new Bench();
    bench.start('OPTIONS', udp);
    bench.respond(100);
    bench.run(10_000);
    expect(bench.log).toEqual([
      '0 OPTIONS sip:b',
      '0 got 100',
      '500 OPTIONS sip:b',
      '4500 OPTIONS sip:b',
      '8500 OPTIONS sip:b',
    ]);
  });

  it('[TXN-12] absorbs repeated responses until timer K', () => {
    const bench = new Bench();
    bench.start('BYE', udp);
    bench.respond(200);
    bench.respond(200);
    expect(bench.log).toEqual(['0 BYE sip:b', '0 got 200']);
    bench.run(4_999);
    expect(bench.alive).toEqual([1, 0, 1]);
    bench.run(5_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });
});

describe('INVITE server transaction', () => {
  it('[TXN-20] [RFC3261 §17.2.1] repeats a refusal with timer G until timer H', () => {
    const bench = new Bench();
    const transaction = bench.layer.createInviteServer(request('INVITE'), udp);
    transaction.respond(response(486, 'INVITE'), 0);
    expect(transaction.respond(response(200, 'INVITE'), 0)).toBe(false);
    bench.run(100_000);
    const times = [0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(bench.log).toEqual(times.map((at) => `${at} 486 X`));
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-21] ACK stops the repetition; repeated ACKs are absorbed until timer I', () => {
    const bench = new Bench();
    const transaction = bench.layer.createInviteServer(request('INVITE'), udp);
    transaction.respond(response(486, 'INVITE'), 0);
    expect(bench.layer.findServer(request('ACK'))).toBe(transaction);
    transaction.receive(request('ACK'), 0);
    transaction.receive(request('ACK'), 0);
    transaction.receive(request('INVITE'), 0);
    bench.run(4_999);
    expect([bench.log.length, bench.alive]).toEqual([1, [0, 1, 1]]);
    bench.run(5_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-22] [RFC6026 §7.1] after a 2xx it absorbs repeated INVITEs, passes ACKs up, and ends with timer L', () => {
    const bench = new Bench();
    const transaction = bench.layer.createInviteServer(request('INVITE'), udp);
    let acks = 0;
    transaction.user = { onAck: () => acks++ };
    transaction.respond(response(100, 'INVITE'), 0);
    transaction.receive(request('INVITE'), 0);
    transaction.respond(response(200, 'INVITE'), 0);
    transaction.receive(request('INVITE'), 0);
    transaction.receive(request('ACK'), 0);
    expect(bench.log).toEqual(['0 100 X', '0 100 X', '0 200 X']);
    expect(acks).toBe(1);
    bench.run(31_999);
    expect(bench.alive).toEqual([0, 1, 1]);
    bench.run(32_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-23] finds the INVITE of a CANCEL and tells merged requests', () => {
    const bench = new Bench();
    const transaction = bench.layer.createInviteServer(request('INVITE'), udp);
    expect(bench.layer.findCancelled(request('CANCEL'))).toBe(transaction);
    const copy = request('INVITE');
    copy.replaceTopVia({
      transport: 'UDP',
      host: '10.9.9.9',
      port: undefined,
      parameters: new Map([['branch', 'z9hG4bKy']]),
    });
    expect(bench.layer.findServer(copy)).toBeUndefined();
    expect(bench.layer.isMerged(copy)).toBe(true);
    transaction.terminate();
    expect(bench.layer.isMerged(copy)).toBe(false);
  });
});

describe('non-INVITE server transaction', () => {
  it('[TXN-30] [RFC3261 §17.2.2] repeats the answer to repeated requests until timer J', () => {
    const bench = new Bench();
    const transaction = bench.layer.createServer(request('OPTIONS'), udp);
    transaction.receive();
    transaction.respond(response(200, 'OPTIONS'), 0);
    transaction.receive();
    expect(bench.log).toHaveLength(2);
    bench.run(31_999);
    expect(bench.alive).toEqual([0, 1, 1]);
    bench.run(32_000);
    expect(bench.alive).toEqual([0, 0, 0]);
  });

  it('[TXN-31] over a reliable transport it is forgotten with its answer', () => {
    const bench = new Bench();
    bench.layer.createServer(request('OPTIONS'), tcp).respond(response(200, 'OPTIONS'), 0);
    expect(bench.alive).toEqual([0, 0, 0]);
  });
});

describe('on the wire', () => {
  it('[TXN-40] a response that arrives twice or belongs to nobody is dropped', () => {
    const wire = new Wire();
    wire.stack.options({ key: 'k', uri: 'sip:192.0.2.9', flow: udp }, wire.nowMs);
    wire.collect();
    const text = reply(wire.last, '200 OK', { tag: 'x' });
    wire.receive(text);
    wire.receive(text);
    wire.receive(text.replace('branch=z9hG4bK', 'branch=z9hG4bKother'));
    wire.receive(text.replace('\r\nFrom', ', SIP/2.0/UDP proxy\r\nFrom'));
    expect(wire.of('options-result')).toHaveLength(1);
    expect(wire.of('log').map((event) => event.what)).toEqual(['response dropped', 'response dropped']);
  });

  it('[TXN-41] [RFC3261 §17.1.1.3] the ACK of a refusal has the branch of the INVITE and the To of the response', () => {
    const wire = new Wire();
    wire.stack.invite(
      { sessionId: 's', uri: 'sip:a@b', flow: udp, from: 'sip:x@y', to: 'sip:a@b' },
      wire.nowMs,
    );
    wire.collect();
    const invite = wire.last;
    wire.receive(reply(invite, '486 Busy Here', { tag: 'busy' }));
    expect(headerOf(wire.last, 'Via')).toBe(headerOf(invite, 'Via'));
    expect(headerOf(wire.last, 'To')).toBe('<sip:a@b>;tag=busy');
    expect(headerOf(wire.last, 'CSeq')).toBe('1 ACK');
  });

  it('[TXN-42] requests of the same branch from two senders are two transactions', () => {
    const wire = new Wire();
    wire.receive(write({ via: 'SIP/2.0/UDP one;branch=z9hG4bKsame', callId: '1' }));
    wire.receive(write({ via: 'SIP/2.0/UDP two;branch=z9hG4bKsame', callId: '2' }));
    expect(wire.of('invite')).toHaveLength(2);
  });
});
