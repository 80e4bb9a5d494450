import { expect, test } from 'vitest';
import { runKills, useWorld } from '../src/index.ts';

const world = useWorld();

test('[OPS-03] [OPS-09] kills of the control process at random instants: no established call is lost, and the books add up', async () => {
  const result = await runKills(world(), { seed: 7, kills: 3 });
  expect(result.survived).toBeGreaterThan(0);
  expect(result.contacts).toBeGreaterThan(0);
});
