/** `npm run chaos -- [--seed N] [--kills N] [--rounds N] [--media PERCENT]`: kills of processes amid calls in all states. */
import { parseArgs } from 'node:util';
import { World } from '../world.ts';
import { mediaProcesses, runControlKills } from './control-kills.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    media: { type: 'string', default: '0' },
  },
});

const replayedMax = 5;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The middle and the worst of them. */
function spread(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'no kill';
  return `${sorted[sorted.length >> 1]} ms in the middle, ${sorted.at(-1)} ms at most`;
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

for (let round = 0; round < Number(values.rounds); round++) {
  const seed = Number(values.seed) + round;
  print(
    `seed ${seed}: repeat it with npm run chaos -- --seed ${seed} --kills ${values.kills} --media ${values.media}`,
  );
  const processes = values.media === '0' ? 1 : mediaProcesses;
  const world = await World.start({ env: { CROSSPOINT_MEDIA_PROCESSES: String(processes) } });
  try {
    const result = await runControlKills(world, {
      seed,
      kills: Number(values.kills),
      mediaPercent: Number(values.media),
      tell: (line) => print(`  ${line}`),
    });
    await world.settle();
    const replayed = await replaySome(world);
    const { survived, contacts, recordings, readyMs, answeredMs, heardAgainMs, gapMs } = result;
    print(
      `  ${result.kills} kills: ${survived} ends of calls went on; ${contacts} contacts, ${recordings} recordings; ${replayed} contacts decide the same again`,
    );
    print(
      `  control: SIP answers after ${spread(answeredMs)}, all is ready after ${spread(readyMs)}; media: all hear again after ${spread(heardAgainMs)}, an end hears nothing for ${spread(gapMs)} (${gapMs.length} ends)`,
    );
  } catch (error) {
    // Now, because what cannot even be stopped afterwards would be told instead.
    print(world.product.output.slice(-4_000));
    print(error instanceof Error ? (error.stack ?? error.message) : String(error));
    throw error;
  } finally {
    await world.stop();
  }
}
