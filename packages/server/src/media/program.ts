/**
 * A media process: `node main.ts --socket=… --bind=… --rtp-port-min=… --rtp-port-max=…`. With `--spare` alone it waits with
 * everything loaded until it is told its options, each on a line of its standard input, and ends when that closes without any.
 */
import { text } from 'node:stream/consumers';
import { lowerBackgroundThreads, mediaPriority, raisePriority } from '../platform/priority/index.ts';
import { compilePacketPathSoon } from './compiler.ts';
import { MediaProcess } from './process/process.ts';
import { type MediaSettings, settingsFromArguments, spareOption } from './process/settings.ts';

const exitFailure = 1;
/** The exit code of a wrong command line (EX_USAGE), which a supervisor need not try again. */
const exitUsage = 64;
/** What is still open after the orderly end is not waited for. */
const exitGraceMs = 2000;

function log(message: string): void {
  process.stderr.write(`${new Date().toISOString()} media ${process.pid}: ${message}\n`);
}

function readSettings(args: string[]): MediaSettings {
  try {
    return settingsFromArguments(args);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.exit(exitUsage);
  }
}

/** Sound comes before everything else on the machine, where the system lets us say so. */
function comeFirst(): void {
  const refusal = raisePriority(mediaPriority);
  if (refusal !== undefined) log(`priority stays normal: ${refusal.message}`);
  lowerBackgroundThreads();
}

function onEnd(): void {
  log('ended');
  setTimeout(() => process.exit(0), exitGraceMs).unref();
}

/** What a spare is told; it ends when the control process dies. */
async function toldArguments(): Promise<string[]> {
  process.title = 'crosspoint-spare-media';
  const told = (await text(process.stdin)).split('\n').filter((line) => line !== '');
  if (told.length === 0) process.exit(0);
  return told;
}

const given = process.argv.slice(2);
const args = given.join() === spareOption ? await toldArguments() : given;
process.title = 'crosspoint-media';
// The log is a file: where the disk of it is full a line is lost, and not the calls.
process.stderr.on('error', () => undefined);
comeFirst();
const media = new MediaProcess(readSettings(args), log, onEnd);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    log(`${signal}: closing recordings and legs`);
    media.end().catch((error: unknown) => {
      log(`ending failed: ${String(error)}`);
      process.exit(exitFailure);
    });
  });
}

media.start().then(compilePacketPathSoon, (error: unknown) => {
  log(error instanceof Error ? error.message : String(error));
  process.exit(exitFailure);
});
