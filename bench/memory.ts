/**
 * Memory per bridged call: resident memory of control and media process with calls up, less that before, divided by
 * the number of calls. `npm run bench -- memory [--calls 400] [--record]`
 */
import { parseArgs } from 'node:util';
import { Sipp, sippScenarios, until } from '@crosspoint/e2e';
import { startCompany } from './company.ts';
import { printFigure, usageOf } from './figures.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '400' }, record: { type: 'boolean', default: false } },
});
const callCount = Number(values.calls);

const company = await startCompany({
  agentCount: callCount,
  recording: values.record ? 'always' : 'never',
  available: () => true,
  onCall: (call) => call.answer(),
  sendSilence: true,
});
let callers: Sipp | undefined;
try {
  const bridge = async (calls: number): Promise<Sipp> => {
    const run = await Sipp.start({
      scenario: sippScenarios.callerStays,
      server: company.product.sip,
      service: company.number,
      calls,
      callsPerSecond: 50,
    });
    await until(
      `${calls} calls to be bridged`,
      async () => (await company.api.calls()).filter(({ state }) => state === 'talking').length === calls * 2,
      { timeoutMs: 60_000 },
    );
    return run;
  };
  const before = usageOf(company.product);
  callers = await bridge(callCount);
  const during = usageOf(company.product);
  console.log(`${callCount} calls up, ${values.record ? 'recorded' : 'not recorded'}`);
  let total = 0;
  for (const part of ['control', 'media'] as const) {
    const bytes = (during[part].residentBytes - before[part].residentBytes) / callCount;
    total += bytes;
    printFigure(`memory per call, ${part}`, bytes / 1000, 'kB');
  }
  printFigure('memory per call, both', total / 1000, 'kB', 'wanted: under 100');
} finally {
  await callers?.kill();
  await company.close();
}
