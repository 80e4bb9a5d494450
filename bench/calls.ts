/**
 * CPU time per short queued call with 1,000 agents registered: INVITE, queue, offer, answer, bridge, hang-up, all
 * facts stored. `npm run bench -- calls [--seconds 20] [--rate 100] [--agents 1000] [--record]`
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
  },
});
const talkMs = 500;
const warmUpCalls = 1_500;
const callsPerSecond = Number(values.rate);
const callCount = callsPerSecond * Number(values.seconds);

const company = await startCompany({
  agentCount: Number(values.agents),
  recording: values.record ? 'always' : 'never',
  available: () => true,
  onCall: (call) => call.answer(),
});
try {
  const run = async (calls: number) => {
    const sipp = await Sipp.start({
      scenario: sippScenarios.callerHangsUp,
      server: company.product.sip,
      service: company.number,
      calls,
      callsPerSecond,
      pauseMs: talkMs,
    });
    return sipp.finished();
  };
  // The first thousand calls pay for compilation, in a server that then runs for months.
  await run(warmUpCalls);
  const settled = async (offered: number) =>
    until('every contact to be closed', async () => {
      const stats = await company.api.stats(company.queueName);
      return stats.offered === offered && stats.waiting === 0 && (await company.api.calls()).length === 0;
    });
  await settled(warmUpCalls);
  const before = usageOf(company.product);
  const result = await run(callCount);
  await settled(warmUpCalls + callCount);
  const cpu = cpuBetween(before, usageOf(company.product));
  if (result.failed > 0) throw new Error(`${result.failed} of ${callCount} calls failed: ${result.errors}`);

  console.log(`${callCount} calls of ${talkMs} ms, ${callsPerSecond} per second, ${values.agents} agents`);
  for (const part of parts) printFigure(`CPU per call, ${part}`, cpu[part] / callCount, 'ms');
  printFigure('CPU per call, all', cpu.total / callCount, 'ms', 'wanted: under 2');
  printFigure('calls per CPU second', callCount / (cpu.total / 1000), '');
} finally {
  await company.close();
}
