/** One line per phase: on a terminal it counts the seconds while the phase runs, elsewhere it tells each ten seconds. */

const TICK_MS = 250;
const REPORT_EVERY_MS = 10_000;
const NAME_WIDTH = 10;
const ERASE_LINE = '\r\u001b[2K';

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs one phase and prints its name, outcome and duration.
 *
 * @param {string} name short name, such as `packages`
 * @param {string} doing what is shown while it runs, such as `installing`
 * @param {() => Promise<string> | string} work returns what is shown when it is done
 * @param {{ isTTY?: boolean, write(text: string): unknown }} [output]
 */
export async function phase(name, doing, work, output = process.stdout) {
  const startedAt = performance.now();
  const label = `  ${name.padEnd(NAME_WIDTH)}`;
  let reportedAt = startedAt;
  const tick = () => {
    const elapsedMs = performance.now() - startedAt;
    if (output.isTTY) {
      output.write(`${ERASE_LINE}${label} ${doing} … ${Math.floor(elapsedMs / 1000)} s`);
    } else if (performance.now() - reportedAt >= REPORT_EVERY_MS) {
      reportedAt = performance.now();
      output.write(`${label} ${doing}, ${Math.floor(elapsedMs / 1000)} s so far\n`);
    }
  };
  const timer = setInterval(tick, TICK_MS);
  try {
    const result = await work();
    const duration = seconds(performance.now() - startedAt);
    output.write(`${output.isTTY ? ERASE_LINE : ''}${label} ${result.padEnd(30)} ${duration.padStart(8)}\n`);
    return result;
  } catch (error) {
    output.write(`${output.isTTY ? ERASE_LINE : ''}${label} failed\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
