/**
 * What it costs that calls outlive processes and power cuts: CPU time per short, recorded, queued call with the journal, the
 * synchronisation of recordings and the database's `fsync`, beside a product without them. Both run at the same time and take
 * calls in turns, so that only the ratio of each pair counts.
 * `npm run bench -- durability [--rounds 10] [--calls 200] [--agents 100]`
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { signal, until } from '@crosspoint/e2e';
import { Phone, PhoneHost } from '@crosspoint/sim/phones';
import { type Company, startCompany } from './company.ts';
import { cpuBetween, parts, percentile, printFigure, usageOf } from './figures.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    calls: { type: 'string', default: '200' },
    agents: { type: 'string', default: '100' },
  },
});
const talkMs = 500;
/** As many callers call one time after the other, so that no machine is asked for more than it can do. */
const callersAtOnce = 20;
const [rounds, calls] = [Number(values.rounds), Number(values.calls)];
/** The first calls pay for compilation. */
const warmUpRounds = 4;
const preload = new URL('./without-durability.ts', import.meta.url).href;
type Cpu = ReturnType<typeof cpuBetween>;

const open = (env: Record<string, string>) =>
  startCompany({
    agentCount: Number(values.agents),
    recording: 'always',
    available: () => true,
    onCall: (call) => call.answer(),
    sendSilence: true,
    env,
  });

/** The database of that product leaves it to the kernel when what is committed reaches the disk. */
function withoutFsync({ product }: Company): void {
  const folder = join(product.dataDir, 'postgres');
  const data = [folder, ...readdirSync(folder).map((name) => join(folder, name))].find((each) =>
    existsSync(join(each, 'postgresql.conf')),
  );
  if (data === undefined) throw new Error(`${folder}: there is no database here`);
  writeFileSync(join(data, 'local.conf'), 'fsync = off\nsynchronous_commit = off\n');
  const postmaster = product.processes().find(({ commandLine }) => /\/bin\/postgres /.test(commandLine));
  if (postmaster === undefined) throw new Error('There is no database server.');
  signal(postmaster.pid, 'SIGHUP');
}

/** Places one call after the other; one that is refused, because a busy machine is behind, is tried again. */
async function place(company: Company, host: PhoneHost, username: string, count: number): Promise<void> {
  const phone = new Phone({ host, server: company.product.sip, username });
  for (let placed = 0; placed < count; ) {
    const call = await phone.call(company.number);
    const isAnswered = await call.answered().then(
      () => true,
      () => false,
    );
    if (!isAnswered) continue;
    placed++;
    await setTimeout(talkMs);
    call.hangUp();
    await call.ended();
  }
}

/** CPU time of these calls, until everything about them is stored. */
async function callsOf(company: Company): Promise<Cpu> {
  const { product, api, queueName } = company;
  const host = await PhoneHost.open({ keptSecondsMax: 0 });
  const before = usageOf(product);
  const callers = Array.from({ length: callersAtOnce }, (_, index) => `+42077700${1_000 + index}`);
  await Promise.all(callers.map((username) => place(company, host, username, calls / callersAtOnce)));
  await until('every contact to be closed', async () => {
    return (await api.stats(queueName)).waiting === 0 && (await api.calls()).length === 0;
  });
  await api.allStored();
  host.close();
  return cpuBetween(before, usageOf(product));
}

const companies: Company[] = [];
try {
  // The preload replaces functions in modules, of which a bundle has copies of its own.
  const sources = { SERVER_FROM_SOURCES: '1' };
  const kept = await open(sources);
  companies.push(kept);
  const lost = await open({ ...sources, NODE_OPTIONS: `--import=${preload}` });
  companies.push(lost);
  withoutFsync(lost);
  const pairs: { kept: Cpu; lost: Cpu }[] = [];
  for (let round = -warmUpRounds; round < rounds; round++) {
    const isKeptFirst = round % 2 === 0;
    const first = await callsOf(isKeptFirst ? kept : lost);
    const second = await callsOf(isKeptFirst ? lost : kept);
    if (round >= 0) pairs.push(isKeptFirst ? { kept: first, lost: second } : { kept: second, lost: first });
  }
  console.log(`${rounds} pairs of ${calls} recorded calls of ${talkMs} ms, ${values.agents} agents`);
  for (const part of [...parts, 'total'] as const) {
    const perCall = (of: 'kept' | 'lost') =>
      percentile(
        pairs.map((pair) => pair[of][part] / calls),
        0.5,
      );
    printFigure(`CPU per call, ${part}, with / without: with`, perCall('kept'), 'ms');
    printFigure('  without', perCall('lost'), 'ms');
  }
  const costs = pairs.map(({ kept: { total }, lost: { total: without } }) => (total / without - 1) * 100);
  printFigure('cost of durability, middle of the pairs', percentile(costs, 0.5), '%', 'wanted: under 15');
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / Math.max(1, costs.length - 1);
  printFigure('  mean', mean, '%');
  printFigure('  its standard error', Math.sqrt(variance / costs.length), '%');
  printFigure('  lowest', Math.min(...costs), '%');
  printFigure('  highest', Math.max(...costs), '%');
} finally {
  for (const company of companies) await company.close();
}
