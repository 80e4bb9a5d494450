/** `npm run chaos -- [--seed N] [--kills N] [--rounds N]`: kills of the control process amid calls in all states. */
import { parseArgs } from 'node:util';
import { World } from '../world.ts';
import { runControlKills } from './control-kills.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '1' },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (let round = 0; round < Number(values.rounds); round++) {
  const seed = Number(values.seed) + round;
  print(`seed ${seed}: repeat it with npm run chaos -- --seed ${seed} --kills ${values.kills}`);
  const world = await World.start();
  try {
    const result = await runControlKills(world, {
      seed,
      kills: Number(values.kills),
      tell: (line) => print(`  ${line}`),
    });
    await world.settle();
    const { survived, contacts, recordings, readyMs } = result;
    const worstMs = Math.max(...readyMs);
    print(
      `  ${result.kills} kills: ${survived} ends of calls went on; ${contacts} contacts, ${recordings} recordings; ready again after ${worstMs} ms at most`,
    );
  } catch (error) {
    print(world.product.output.slice(-4_000));
    throw error;
  } finally {
    await world.stop();
  }
}
