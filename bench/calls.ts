/**
 * CPU time per short queued call with 1,000 agents registered: INVITE, queue, offer, answer, bridge, hang-up, all
 * facts stored. `npm run bench -- calls [--seconds 12] [--rate 40] [--agents 1000] [--record]`
 */
import { parseArgs } from 'node:util';
import { Sipp, sippScenarios, until } from '@crosspoint/e2e';
import { startCompany } from './company.ts';
import { cpuBetween, parts, printFigure, usageOf } from './figures.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '12' },
    rate: { type: 'string', default: '40' },
    agents: { type: 'string', default: '1000' },
    record: { type: 'boolean', default: false },
  },
});
const talkMs = 500;
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
  // The first calls pay for compilation and for connections.
  await run(callsPerSecond * 2);
  const settled = async (offered: number) =>
    until('every contact to be closed', async () => {
      const stats = await company.api.stats(company.queueName);
      return stats.offered === offered && stats.waiting === 0 && (await company.api.calls()).length === 0;
    });
  await settled(callsPerSecond * 2);
  const before = usageOf(company.product);
  const result = await run(callCount);
  await settled(callsPerSecond * 2 + callCount);
  const cpu = cpuBetween(before, usageOf(company.product));
  if (result.failed > 0) throw new Error(`${result.failed} of ${callCount} calls failed: ${result.errors}`);

  console.log(`${callCount} calls of ${talkMs} ms, ${callsPerSecond} per second, ${values.agents} agents`);
  for (const part of parts) printFigure(`CPU per call, ${part}`, cpu[part] / callCount, 'ms');
  printFigure('CPU per call, all', cpu.total / callCount, 'ms', 'wanted: under 2');
  printFigure('calls per CPU second', callCount / (cpu.total / 1000), '');
} finally {
  await company.close();
}
