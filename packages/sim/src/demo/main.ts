/**
 * The demo company as a process of its own; the start command of the server runs it with `--demo`. It reads one line
 * from standard input (see `Handover`) and works until that pipe closes, so that it never outlives its server.
 */
import { createInterface } from 'node:readline';
import { Demo } from './demo.ts';
import { parseHandover } from './handover.ts';
import { describe, reportToServer } from './report.ts';

const handoverTimeoutMs = 10_000;

const stopped = Promise.withResolvers<void>();
const handover = Promise.withResolvers<string>();
const lines = createInterface({ input: process.stdin });
lines.once('line', handover.resolve);
// The server has closed the pipe, or is gone.
lines.once('close', stopped.resolve);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopped.resolve());
// Nobody listens any more: the pipe of standard input, which closes too, stops us.
process.stdout.on('error', () => undefined);
const impatience = setTimeout(
  () => handover.reject(new Error(`Nothing came on standard input for ${handoverTimeoutMs} ms.`)),
  handoverTimeoutMs,
);

let demo: Demo | undefined;
try {
  const line = await Promise.race([handover.promise, stopped.promise]);
  clearTimeout(impatience);
  if (line !== undefined) {
    demo = new Demo(parseHandover(line), reportToServer);
    await Promise.race([demo.open(), stopped.promise]);
    await stopped.promise;
  }
} catch (error) {
  reportToServer('error', `The demo company could not open: ${describe(error)}`);
  process.exitCode = 1;
} finally {
  clearTimeout(impatience);
  await demo?.close();
}
// A registration that is being repeated to a server that has gone would keep the process alive.
process.exit();
