/**
 * The hostile line: structured and byte-wise mutations of SIP at a started product over UDP, TCP, WebSocket and TLS, with a
 * call in progress. `npm run bench -- hostile [--messages 200000] [--rate 1500] [--seed 1]`. Exits with 1 when the product
 * does not hold.
 */
import { parseArgs } from 'node:util';
import { besiege, callerToneHz, freeTcpPort, heldBytes, processInfo, until, World } from '@crosspoint/e2e';
import { printFigure } from './figures.ts';

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '1500' },
    seed: { type: 'string', default: '1' },
  },
});
const messages = Number(values.messages);
const agentToneHz = 700;
const mebibyte = 1 << 20;
/** Transactions last 32 s, a call without an ACK as long again. */
const settleMs = 36_000;

const tlsPort = await freeTcpPort();
const inspectorPort = await freeTcpPort();
const world = await World.start({
  env: {
    CROSSPOINT_SIP_TLS_PORT: String(tlsPort),
    NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}`,
  },
});
const problems: string[] = [];
const check = (holds: boolean, what: string) => {
  if (!holds) problems.push(what);
};
try {
  const scene = await world.scene();
  // Nobody serves the queue that hostile calls get into.
  const other = await world.scene({ staffed: false, queue: { maxSize: 1_000 } });
  const { customer, agent } = await scene.connect();
  const aim = { number: other.number, username: scene.agent(1).username, tlsPort };
  const residentBytes = () => processInfo(world.product.pid)?.residentBytes ?? 0;
  const settled = async () => {
    await until('hostile calls to be gone', async () => (await world.api.calls()).length <= 2, {
      timeoutMs: 140_000,
    });
    await pause(settleMs);
    return heldBytes(inspectorPort);
  };
  await besiege(world, { ...aim, messages: messages / 10, perSecond: Number(values.rate), seed: 7 });
  const before = await settled();
  const lostBefore = customer.sound.statistics.packetsLost + agent.sound.statistics.packetsLost;
  const beganMs = performance.now();
  customer.sound.ear.forgetRecording();
  agent.sound.ear.forgetRecording();
  let silences = 0;
  const listener = setInterval(() => {
    void Promise.all([
      customer.sound.ear.hears(agentToneHz, { forMs: 500, timeoutMs: 3_000 }),
      agent.sound.ear.hears(callerToneHz, { forMs: 500, timeoutMs: 3_000 }),
    ]).catch(() => silences++);
  }, 4_000);
  const figures = await besiege(world, {
    ...aim,
    messages,
    perSecond: Number(values.rate),
    seed: Number(values.seed),
  });
  clearInterval(listener);
  const lost = customer.sound.statistics.packetsLost + agent.sound.statistics.packetsLost - lostBefore;
  const packets = ((performance.now() - beganMs) / 20) * 2;
  const { answersMs } = figures;
  const worstMs = answersMs.at(-1) ?? Infinity;
  printFigure('hostile messages sent', figures.sent, '');
  printFigure('the same per second', (figures.sent / figures.durationMs) * 1_000, '/s');
  printFigure('OPTIONS answered meanwhile', answersMs.length, '', `not answered: ${figures.unanswered}`);
  printFigure('OPTIONS p50', answersMs[Math.floor(answersMs.length / 2)] ?? 0, 'ms');
  printFigure('OPTIONS worst', worstMs, 'ms', 'wanted: under 500');
  printFigure('sound lost of the call', (lost / packets) * 100, '%', `silences of 3 s: ${silences}`);
  printFigure('resident memory at the end of it', residentBytes() / mebibyte, 'MiB');
  check(worstMs < 500 && figures.unanswered === 0, 'an OPTIONS was late');
  check(silences === 0 && lost / packets < 0.01, 'the call lost its sound');
  check(customer.isUp && agent.isUp, 'the call ended');
  const after = await settled();
  printFigure('memory held before, settled', before / mebibyte, 'MiB');
  printFigure('memory held after, settled', after / mebibyte, 'MiB', 'wanted: no more than 10 % above');
  printFigure('log written', world.product.output.length / 1_000, 'kB', 'the newest 2,000 kB are kept');
  check(after < before * 1.1, 'memory grew');
  const alarms = world.product.output
    .split('\n')
    .filter((line) => /"level":(50|60)|\b(ERROR|FATAL)\b/.test(line));
  for (const line of alarms.slice(0, 20)) console.log(line);
  check(alarms.length === 0, 'errors in the log');
  customer.hangUp();
  await agent.ended();
} catch (error) {
  console.log(world.product.output.slice(-6_000));
  throw error;
} finally {
  await world.stop();
}
for (const problem of problems) console.log(`NOT HELD: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The measurement itself takes time. */
function pause(durationMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, durationMs);
  return promise;
}
