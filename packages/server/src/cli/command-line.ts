import { failedStartCode } from './lifecycle.ts';
import { raisePriority } from './priority.ts';
import type * as Program from './program.ts';
import { isSpare, waitForTurn } from './spare.ts';

/** Runs the command that this process was started with. */
export async function runCommandLine(): Promise<void> {
  if (isSpare())
    await waitForTurn(async () => (await import('./server-program.ts')).loadServer(), raisePriority);
  // A busy machine should not hold up the start either: calls may wait for it.
  if (process.argv[2] === 'start') raisePriority();
  await (await loadProgram()).runProgram(process.argv);
}

/** A new version that cannot even be loaded is a start that fails: calls wait for the next attempt. */
async function loadProgram(): Promise<typeof Program> {
  try {
    return await import('./program.ts');
  } catch (error) {
    console.error(error);
    process.exit(failedStartCode());
  }
}
