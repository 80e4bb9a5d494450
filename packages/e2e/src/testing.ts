import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import type { Product, ProductOptions } from './product/index.ts';
import { World } from './world.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A data directory after the first start; undefined when each product makes its own. */
    template?: string;
  }
}

/**
 * One product for the tests of a file. After each test no call may be left, and rule 17 of the queue semantics must
 * hold to the unit. When a file has failed, the end of the product's log is printed. Every attempt of a test finds the
 * product running, but not untouched: whatever a test makes gets a name or number of its own.
 *
 * @param options a function when they are known only after something else has been started
 */
export function useWorld(options: ProductOptions | (() => ProductOptions) = {}): () => World {
  let world: World | undefined;
  const current = (): World => {
    if (world === undefined) throw new Error('The product has not been started.');
    return world;
  };
  beforeAll(async () => {
    const given = typeof options === 'function' ? options() : options;
    // The template holds a database of the product's own.
    const template = given.env?.['DATABASE_URL'] === undefined ? inject('template') : undefined;
    world = await World.start({ ...given, ...(template === undefined ? {} : { template }) });
  });
  beforeEach(() => current().revive());
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') printEnd(current().product);
    await current().settle();
  });
  afterAll(async () => {
    try {
      if (process.env['E2E_REPLAY'] === '1') await replayAll(world?.product);
    } finally {
      await world?.stop();
    }
  });
  return current;
}

/** Every contact of a file decides the same again. */
async function replayAll(product: Product | undefined): Promise<void> {
  if (product?.isRunning !== true) return;
  const { code, output } = await product.cli('replay', '--all');
  process.stderr.write(output);
  if (code !== 0) throw new Error('Contacts decide otherwise when they are run again.');
}

/** Prints the end of what a product printed, to be read beside a test that has failed. */
export function printEnd({ output, mediaOutput }: Product): void {
  process.stderr.write(
    `\nThe product printed last:\n${output.slice(-6_000)}\nIts media processes:\n${mediaOutput}\n`,
  );
}
