/**
 * CPU time per short queued call with 1,000 agents registered: INVITE, queue, offer, answer, bridge, hang-up, all
 * facts stored. `npm run bench -- calls [--seconds 20] [--rate 100] [--agents 1000] [--record] [--sound]`
 */
import { parseArgs } from 'node:util';
import { Sipp, sippScenarios, until } from '@crosspoint/e2e';
import { startCompany } from './company.ts';
import { cpuBetween, parts, printFigure, usageOf } from './figures.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '100' },
    agents: { type: 'string', default: '1000' },
    record: { type: 'boolean', default: false },
    // The agents send silence while they talk; otherwise nobody sends anything, and what is measured is calls alone.
    sound: { type: 'boolean', default: false },
  },
});
const talkMs = 500;
const warmUpCalls = 2_000;
/** A server without compiled code refuses calls above what it can read in time, and those would be missing. */
const warmUpCallsPerSecond = 100;
const callsPerSecond = Number(values.rate);
const callCount = callsPerSecond * Number(values.seconds);

const company = await startCompany({
  agentCount: Number(values.agents),
  recording: values.record ? 'always' : 'never',
  available: () => true,
  onCall: (call) => call.answer(),
  sendSilence: values.sound,
});
try {
  const run = async (calls: number, rate: number) => {
    const sipp = await Sipp.start({
      scenario: sippScenarios.callerHangsUp,
      server: company.product.sip,
      service: company.number,
      calls,
      callsPerSecond: rate,
      pauseMs: talkMs,
      timeoutMs: (calls / rate) * 1_000 + 30_000,
    });
    const result = await sipp.finished();
    if (result.failed > 0) throw new Error(`${result.failed} of ${calls} calls failed: ${result.errors}`);
  };
  // The first calls pay for compilation, in a server that then runs for months.
  await run(warmUpCalls, warmUpCallsPerSecond);
  const settled = async (offered: number) =>
    until('every contact to be closed', async () => {
      const stats = await company.api.stats(company.queueName);
      return stats.offered === offered && stats.waiting === 0 && (await company.api.calls()).length === 0;
    });
  await settled(warmUpCalls);
  const before = usageOf(company.product);
  await run(callCount, callsPerSecond);
  await settled(warmUpCalls + callCount);
  const cpu = cpuBetween(before, usageOf(company.product));

  console.log(`${callCount} calls of ${talkMs} ms, ${callsPerSecond} per second, ${values.agents} agents`);
  for (const part of parts) printFigure(`CPU per call, ${part}`, cpu[part] / callCount, 'ms');
  printFigure('CPU per call, all', cpu.total / callCount, 'ms', 'wanted: under 2');
  printFigure('calls per CPU second', callCount / (cpu.total / 1000), '');
} finally {
  await company.close();
}
