import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import { CuttableDisk, cutPower, printEnd, World } from '../src/index.ts';

/** The end of a recording is brought to the disk twice a second; a slow machine takes longer, and `npm run chaos` measures it. */
const lostMsMax = 3_000;

test('[OPS-03] [REC-02] [OPS-01] the power is cut: what was said to be so is there, recordings to their last moments, and nothing stays open', async ({
  annotate,
}) => {
  const disk = CuttableDisk.make(1_500);
  if (disk === undefined) {
    // Others than root, and many containers, mount none.
    await annotate('no disk could be mounted here: the power was not cut', 'warning');
    return;
  }
  onTestFinished(() => disk.remove());
  const world = await World.start({ dataDir: join(disk.folder, 'data') });
  onTestFinished(() => world.stop());
  onTestFailed(() => printEnd(world.product));
  // While nothing is recorded nothing else brings files to the disk either.
  await cutPower(world, disk, { seed: 10, cuts: 1, calls: 0 });
  const result = await cutPower(world, disk, { seed: 11, cuts: 2, calls: 5 });
  expect(result.contacts).toBeGreaterThan(0);
  expect(result.lostMs.length).toBeGreaterThan(0);
  for (const lostMs of result.lostMs) expect(lostMs).toBeLessThan(lostMsMax);
  // And calls are taken as before.
  const scene = await world.scene();
  const { customer } = await scene.connect();
  await customer.sound.ear.hears(700);
  customer.hangUp();
  await world.settle();
});
