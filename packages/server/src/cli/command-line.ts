import { lowerBackgroundThreads, raisePriority, serverPriority } from '../platform/priority/index.ts';
import { failedStartCode } from './lifecycle.ts';
import type * as Program from './program.ts';
import { isSpare, waitForTurn } from './spare.ts';

/** Runs the command that this process was started with. */
export async function runCommandLine(): Promise<void> {
  if (isSpare()) await waitForTurn(async () => (await import('./server-program.ts')).loadServer(), comeFirst);
  // A busy machine should not hold up the start either: calls may wait for it.
  if (process.argv[2] === 'start') comeFirst();
  await (await loadProgram()).runProgram(process.argv);
}

/** Where it is not allowed, the server runs like everything else. */
function comeFirst(): void {
  raisePriority(serverPriority);
  lowerBackgroundThreads();
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
