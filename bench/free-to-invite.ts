/**
 * Time from an agent becoming free (the BYE leaves the agent's phone) to the INVITE of the next call at that phone,
 * with 1,000 contacts waiting and 1,000 agents. `npm run bench -- free-to-invite [--waiting 1000] [--agents 1000]`
 */
import { parseArgs } from 'node:util';
import { Sipp, sippScenarios, until } from '@crosspoint/e2e';
import { startCompany } from './company.ts';
import { percentile, printFigure } from './figures.ts';

const { values } = parseArgs({
  options: {
    waiting: { type: 'string', default: '1000' },
    agents: { type: 'string', default: '1000' },
    samples: { type: 'string', default: '500' },
  },
});
const waiting = Number(values.waiting);
const agentCount = Number(values.agents);
const sampleCount = Number(values.samples);
/** These few take the calls; the others are on a break, and are looked at for every decision all the same. */
const takingCount = 10;
const spacingMs = 20;

const freedAtMs = new Map<number, number>();
const samplesMs: number[] = [];

const company = await startCompany({
  agentCount,
  recording: 'never',
  available: () => false,
  onCall: (call, index) => {
    const freedAt = freedAtMs.get(index);
    if (freedAt !== undefined) samplesMs.push(call.at.begun - freedAt);
    call.answer();
    call.answered().then(
      () => {
        // Agents become free one after the other, as they do in life, and not all in the same instant.
        setTimeout(
          () => {
            freedAtMs.set(index, performance.now());
            call.hangUp();
          },
          spacingMs * (1 + (index % takingCount)),
        );
      },
      (error: unknown) => {
        // Whoever is in the middle of a call when the bench has all its samples is cut off.
        if (samplesMs.length < sampleCount) console.error(error);
      },
    );
  },
});
const callers = await Sipp.start({
  scenario: sippScenarios.callerStays,
  server: company.product.sip,
  service: company.number,
  calls: waiting + sampleCount,
  callsPerSecond: 200,
  timeoutMs: 90_000,
});
try {
  const { api, queueName, phones } = company;
  await until(
    'the callers to wait',
    async () => (await api.stats(queueName)).waiting >= waiting + sampleCount,
    {
      timeoutMs: 60_000,
    },
  );
  const ids = new Map((await api.liveAgents()).map(({ username, id }) => [username, id]));
  for (const { username } of phones.slice(0, takingCount)) {
    await api.request('PUT', `/agents/${ids.get(username)}/status`, { status: 'available' });
  }
  await until('the samples', () => samplesMs.length >= sampleCount, { timeoutMs: 60_000 });
  const taken = samplesMs.slice(0, sampleCount);
  console.log(`${taken.length} samples, at least ${waiting} waiting, ${agentCount} agents`);
  printFigure('from free agent to its INVITE, p50', percentile(taken, 0.5), 'ms');
  printFigure('from free agent to its INVITE, p99', percentile(taken, 0.99), 'ms', 'wanted: under 10');
  printFigure('from free agent to its INVITE, worst', Math.max(...taken), 'ms');
} finally {
  await callers.kill();
  await company.close();
}
// Telephones that were cut off in the middle of a call would hold the process until they give up waiting.
process.exit();
