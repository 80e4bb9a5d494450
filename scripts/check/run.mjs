import { Failure } from '../lib/failure.mjs';
import { steps } from './steps.mjs';

/** Lines of a failed step that are shown; the rest is one command away. */
const shownLinesMax = 200;
/** The unit tests use all cores by themselves, so they run alone and last. */
const concurrencyMax = 2;

/**
 * Runs the named steps (all when none is named) and prints one line for each, in the order of the table, with the
 * details of those that failed.
 *
 * @param {{ root: string, node: string, only?: string[], build?: () => Promise<string> }} options
 *   `build` makes the console beside the steps that need nothing of it, and says whether it was `built` now
 * @returns {Promise<{ ok: boolean, passed: number, failed: number, failures: string[] }>} `failures` says what failed, step by
 *   step and test by test
 */
export async function runChecks({ root, node, only = [], build }) {
  const known = new Set(steps.map((step) => step.name));
  const unknown = only.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new Failure(`There is no step "${unknown.join(', ')}".`, `The steps are ${[...known].join(', ')}.`);
  }
  const chosen = steps.filter((step) => only.length === 0 || only.includes(step.name));
  const alone = chosen.filter((step) => step.name === 'tests');
  const together = chosen.filter((step) => step.name !== 'tests');
  const total = { ok: true, passed: 0, failed: 0, failures: [] };

  const slot = limitedTo(concurrencyMax);
  const built = build ? slot(build) : Promise.resolve('');
  const results = together.map((step) => {
    const run = (state) => slot(() => timed(step, { root, node, isConsoleBuilt: state === 'built' }));
    return step.needsConsole ? built.then(run) : run('');
  });
  // When the console cannot be built, all that wait for it reject, and only the first is heard below.
  for (const result of results) result.catch(() => undefined);
  await built;
  for (const [index, step] of together.entries()) report(step, await results[index], total);
  for (const step of alone) report(step, await timed(step, { root, node }), total);
  return total;
}

/** At most `max` pieces of work at the same time, begun in the order in which they were handed over. */
function limitedTo(max) {
  let free = max;
  const waiting = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

async function timed(step, context) {
  const startedAt = performance.now();
  const result = await step.run(context);
  return { ...result, seconds: (performance.now() - startedAt) / 1000 };
}

function report(step, result, total) {
  const ok = result.code === 0;
  const seconds = `${result.seconds.toFixed(1)} s`.padStart(8);
  const note = result.note ? `  ${result.note}` : '';
  console.log(`${ok ? '✓' : '✗'} ${step.title.padEnd(22)}${seconds}${note}`);
  for (const line of result.retried ?? []) console.log(`    ${line}`);
  total.ok &&= ok;
  total.passed += result.passed ?? 0;
  // A step that is not a test run counts as one failure, so that the sum of a red run is never "0 failed".
  total.failed += result.failed ?? (ok ? 0 : 1);
  if (ok) return;
  total.failures.push(...(result.failures ?? [`failed: ${step.title}`]));
  const lines = result.output.trimEnd().split('\n');
  for (const line of lines.slice(-shownLinesMax)) console.log(`    ${line}`);
  if (lines.length > shownLinesMax) {
    console.log(`    (${lines.length - shownLinesMax} earlier lines; npm run check -- --only ${step.name})`);
  }
}
