/** `npm run chaos -- [--seed N] [--kills N] [--rounds N] [--media PERCENT]`: kills of processes amid calls in all states. */
import { parseArgs } from 'node:util';
import { World } from '../world.ts';
import { runControlKills } from './control-kills.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
    media: { type: 'string', default: '0' },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The middle and the worst of them. */
function spread(ms: readonly number[]): string {
  const sorted = ms.toSorted((a, b) => a - b);
  if (sorted.length === 0) return 'no kill';
  return `${sorted[sorted.length >> 1]} ms in the middle, ${sorted.at(-1)} ms at most`;
}

for (let round = 0; round < Number(values.rounds); round++) {
  const seed = Number(values.seed) + round;
  print(
    `seed ${seed}: repeat it with npm run chaos -- --seed ${seed} --kills ${values.kills} --media ${values.media}`,
  );
  const world = await World.start({ env: { CROSSPOINT_MEDIA_PROCESSES: values.media === '0' ? '1' : '2' } });
  try {
    const result = await runControlKills(world, {
      seed,
      kills: Number(values.kills),
      mediaPercent: Number(values.media),
      tell: (line) => print(`  ${line}`),
    });
    await world.settle();
    const { survived, contacts, recordings, readyMs, answeredMs, heardAgainMs } = result;
    print(
      `  ${result.kills} kills: ${survived} ends of calls went on; ${contacts} contacts, ${recordings} recordings`,
    );
    print(
      `  control: SIP answers after ${spread(answeredMs)}, all is ready after ${spread(readyMs)}; media: heard again after ${spread(heardAgainMs)}`,
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
