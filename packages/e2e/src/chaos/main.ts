/**
 * `npm run chaos -- [--seed N] [--kills N] [--rounds N] [--calls N] [--desks N] [--media PERCENT] [--hang PERCENT]
 * [--both PERCENT] [--restart PERCENT]`: kills of processes amid calls in all states. The server runs under its supervisor, as
 * with `npm start`. The percents are of the kills: of a media process, one that is stopped instead, one together with the control
 * process, `crosspoint restart`; the rest hits the control process.
 * `npm run chaos -- --cuts N [--seed N] [--calls N]`: as root, cuts of the power of the disk instead.
 */
import { cpSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CuttableDisk } from '../disks.ts';
import { freeTcpPort } from '../ports.ts';
import { World } from '../world.ts';
import { type KillsResult, mediaProcesses, runKills } from './kills.ts';
import { cutPower } from './power.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    calls: { type: 'string', default: '50' },
    media: { type: 'string', default: '0' },
    hang: { type: 'string', default: '0' },
    both: { type: 'string', default: '0' },
    restart: { type: 'string', default: '0' },
    desks: { type: 'string', default: '0' },
    cuts: { type: 'string', default: '0' },
  },
});

const replayedMax = 5;
/** Of the disk whose power is cut: the database takes 300 before the first call. */
const diskMegabytes = 1_500;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The telephones are elsewhere in truth: a server that takes all of this machine while it starts must not make them deaf. */
function hearFirst(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
  } catch (error) {
    print(`  phones may miss sound when this machine is busy: ${(error as Error).message}`);
  }
}

/** The middle, the ninety-ninth of a hundred and the worst of them. */
function spread(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'none';
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, worst ${sorted.at(-1)} ms`;
}

function tellResult({ kills, missed, ...result }: KillsResult, replayed: number): void {
  print(
    `  ${kills.control} kills of the control process, ${kills.media} of media processes, ${kills.both} of both at once, ` +
      `${kills.hang} media processes stopped, ${kills.restart} restarts: ` +
      `${result.survived} ends of calls went on; ${result.contacts} contacts, ${result.recordings} recordings; ` +
      `${replayed} contacts decide the same again`,
  );
  print(
    `  control: a new call is answered after ${spread(result.answeredMs)}; all is ready after ${spread(result.readyMs)}`,
  );
  for (const when of ['before', 'across'] as const) {
    const all = missed.map((each) => each[when]);
    print(
      `  control, ${when === 'before' ? 'a second before it' : 'until all is ready'}: an end misses ` +
        `${spread(all.map(({ lostMs }) => lostMs))} of sound, and waits for a packet for ` +
        `${spread(all.map(({ pauseMs }) => pauseMs))}; the phones stand still for ${spread(all.map(({ stillMs }) => stillMs))}`,
    );
  }
  print(
    `  media: an end hears nothing for ${spread(result.gapMs)} (${result.gapMs.length} ends), all hear again after ` +
      spread(result.heardAgainMs),
  );
}

/** What was decided amid the kills is decided again from the journal. Each takes a start of the command line. */
async function replaySome(world: World): Promise<number> {
  const contacts = (await world.api.contacts(200)).slice(0, replayedMax);
  for (const { id } of contacts) {
    const { code, output } = await world.product.cli('replay', id);
    if (code !== 0) throw new Error(`Contact ${id} is decided otherwise when it is run again:\n${output}`);
  }
  return contacts.length;
}

/** What the server has said and has on disk besides its database, and the calls as it sees them, in a folder. */
async function keepEvidence(seed: number, { product, api }: World): Promise<string> {
  const path = join(tmpdir(), `crosspoint-chaos-${seed}-${Date.now()}`);
  mkdirSync(path);
  writeFileSync(join(path, 'output.log'), product.output);
  const isKept = (file: string) => !file.includes('postgres') && !statSync(file).isSocket();
  try {
    writeFileSync(join(path, 'calls.json'), JSON.stringify(await api.calls(), undefined, 2));
    cpSync(product.dataDir, join(path, 'data'), { recursive: true, filter: isKept });
  } catch (error) {
    print(`  not all could be kept: ${(error as Error).message}`);
  }
  return path;
}

async function cutsOfPower(seed: number): Promise<void> {
  const [cuts, calls] = [Number(values.cuts), Number(values.calls)];
  print(`seed ${seed}: repeat it with npm run chaos -- --cuts ${cuts} --seed ${seed} --calls ${calls}`);
  const disk = CuttableDisk.make(diskMegabytes);
  if (disk === undefined) throw new Error('No disk can be mounted by this account: run it as root.');
  const world = await World.start({ dataDir: join(disk.folder, 'data') });
  hearFirst();
  try {
    const tell = (line: string) => print(`  ${line}`);
    const { lostMs, readyMs, ...counts } = await cutPower(world, disk, { seed, cuts, calls, tell });
    print(
      `  ${cuts} cuts: ${counts.contacts} contacts with ${counts.facts} facts and ${counts.endedRecordings} ended recordings are there ` +
        `as they were; of ${lostMs.length} that ran and did not go on the end is missing for ${spread(lostMs)}; ready after ${spread(readyMs)}`,
    );
  } catch (error) {
    print(world.product.output.slice(-4_000));
    throw error;
  } finally {
    await world.stop();
    await disk.remove();
  }
}

for (let round = 0; round < Number(values.rounds); round++) {
  const seed = Number(values.seed) + round;
  if (values.cuts !== '0') {
    await cutsOfPower(seed);
    continue;
  }
  const { kills, calls, desks, media, hang, both, restart } = values;
  const told = { kills, calls, desks, media, hang, both, restart };
  const same = Object.entries(told).flatMap(([name, value]) => (value === '0' ? [] : [`--${name} ${value}`]));
  print(`seed ${seed}: repeat it with npm run chaos -- --seed ${seed} ${same.join(' ')}`);
  const world = await World.start({
    isSupervised: true,
    env: {
      CROSSPOINT_HTTP_PORT: String(await freeTcpPort()),
      CROSSPOINT_SIP_PORT: String(await freeTcpPort()),
      CROSSPOINT_MEDIA_PROCESSES: String(media + hang + both === '000' ? 1 : mediaProcesses),
      // Each former kill is forgiven: the supervisor does not wait longer and longer.
      SUPERVISE_STABLE_SECONDS: '0',
    },
  });
  hearFirst();
  try {
    const result = await runKills(world, {
      ...{ seed, kills: Number(kills), calls: Number(calls), desks: Number(desks), isSupervised: true },
      ...{ mediaPercent: Number(media), hangPercent: Number(hang), bothPercent: Number(both) },
      restartPercent: Number(restart),
      tell: (line) => print(`  ${line}`),
    });
    await world.settle();
    tellResult(result, await replaySome(world));
  } catch (error) {
    // Now, because what cannot even be stopped afterwards would be told instead.
    print(`  what the server said and did: ${await keepEvidence(seed, world)}`);
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    throw error;
  } finally {
    await world.stop();
  }
}
