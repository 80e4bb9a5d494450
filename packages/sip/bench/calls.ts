// Prints microseconds of CPU time and bytes per call between two stacks that hand each other their bytes: INVITE, 180, 200, ACK, BYE, 200.
import { type Flow, SipStack } from '../src/index.ts';

const body =
  'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 8 101\r\n' +
  'a=rtpmap:101 telephone-event/8000\r\n';
let state = 1;
const random32 = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state;
};

function createStack(host: string): SipStack {
  return new SipStack({
    random32,
    secret: new Uint8Array(32),
    userAgent: 'Bench',
    realm: 'bench',
    sentBy: () => ({ host, port: 5060 }),
    credentials: () => undefined,
    requireAuthentication: () => false,
    limits: { sessionsMax: 200_000, transactionsMax: 2_000_000 },
  });
}

const caller = createStack('10.0.0.1');
const callee = createStack('10.0.0.2');
const toCallee: Flow = {
  protocol: 'udp',
  localAddress: '10.0.0.1',
  localPort: 5060,
  remoteAddress: '10.0.0.2',
  remotePort: 5060,
};
const toCaller: Flow = { ...toCallee, localAddress: '10.0.0.2', remoteAddress: '10.0.0.1' };
let nowMs = 0;

/** Carries bytes and answers calls until both are quiet. */
function settle(): void {
  for (let isBusy = true; isBusy; ) {
    isBusy = false;
    for (const output of caller.drain()) {
      isBusy = true;
      if (output.type === 'send') callee.receive(output.bytes, toCaller, nowMs);
    }
    for (const output of callee.drain()) {
      isBusy = true;
      if (output.type === 'send') caller.receive(output.bytes, toCallee, nowMs);
      else if (output.type === 'event' && output.event.type === 'invite') {
        const { sessionId } = output.event;
        callee.progress({ sessionId, status: 180 }, nowMs);
        callee.accept({ sessionId, body }, nowMs);
      }
    }
  }
}

function call(sessionId: string): void {
  caller.invite(
    {
      sessionId,
      uri: 'sip:700@10.0.0.2',
      flow: toCallee,
      from: 'sip:a@10.0.0.1',
      to: 'sip:700@10.0.0.2',
      body,
    },
    nowMs,
  );
  settle();
}

function pass(milliseconds: number): void {
  nowMs += milliseconds;
  caller.advance(nowMs);
  callee.advance(nowMs);
  settle();
}

function churn(calls: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < calls; i++) {
    call(`c${i}`);
    caller.bye({ sessionId: `c${i}` }, nowMs);
    settle();
    // 500 calls a second keep 16,000 finished transactions alive on each side, as in production.
    pass(2);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

churn(5_000);
console.log(`both sides of a call   ${churn(20_000).toFixed(1)} µs`);
pass(60_000);

const held = 10_000;
globalThis.gc?.();
const before = process.memoryUsage();
for (let i = 0; i < held; i++) call(`h${i}`);
pass(60_000);
globalThis.gc?.();
const after = process.memoryUsage();
const used = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
console.log(
  `standing call, a side  ${Math.round(used / held / 2)} bytes${globalThis.gc ? '' : ' (run with --expose-gc)'}`,
);
