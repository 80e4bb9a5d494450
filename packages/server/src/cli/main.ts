/** The command line of Crosspoint; see `--help`. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { failedStartCode } from './lifecycle.ts';
import { raisePriority } from './priority.ts';
import type * as Program from './program.ts';
import { isSpare, waitForTurn } from './spare.ts';

// Before anything large is loaded: compiled code is kept between runs, which halves the time to the first line.
enableCompileCache(join(import.meta.dirname, '../../../../node_modules/.crosspoint/compile-cache'));
if (isSpare())
  await waitForTurn(async () => (await import('./server-program.ts')).loadServer(), raisePriority);
// A busy machine should not hold up the start either: calls may wait for it.
if (process.argv[2] === 'start') raisePriority();
await (await loadProgram()).runProgram(process.argv);

/** A new version that cannot even be loaded is a start that fails: calls wait for the next attempt. */
async function loadProgram(): Promise<typeof Program> {
  try {
    return await import('./program.ts');
  } catch (error) {
    console.error(error);
    process.exit(failedStartCode());
  }
}
