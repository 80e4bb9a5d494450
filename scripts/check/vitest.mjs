import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { capture } from '../lib/capture.mjs';
import { retriedMark } from './retries-reporter.mjs';
import { stampDir } from '../lib/install.mjs';

/** Lines of a failed test's reason that are repeated at the end of all. */
const reasonLinesMax = 12;

/**
 * Runs vitest and counts. A run that ends badly without a failed test (a file that does not load, an unhandled
 * rejection) counts as one failed test, so that no sum of "0 failed" ever hides it.
 *
 * @param {{ root: string, node: string, config: string, timeoutMs?: number, onOutput?: (text: string) => void }} options
 * @returns {Promise<{ code: number, output: string, passed: number, failed: number, retried: string[], failures: string[], durationMs: number }>}
 *   `retried` names the tests that did not pass at once, a line each; `failures` those that failed, each with the
 *   beginning of its reason
 */
export async function runVitest({ root, node, config, timeoutMs, onOutput }) {
  const folder = mkdtempSync(join(tmpdir(), 'crosspoint-vitest-'));
  const report = join(folder, 'report.json');
  try {
    const run = await capture(
      node,
      [
        'node_modules/vitest/vitest.mjs',
        'run',
        `--config=${config}`,
        '--reporter=default',
        '--reporter=json',
        `--reporter=${join(root, 'scripts/check/retries-reporter.mjs')}`,
        `--outputFile.json=${report}`,
      ],
      {
        cwd: root,
        timeoutMs,
        onOutput,
        env: {
          ...process.env,
          NO_COLOR: '1',
          FORCE_COLOR: undefined,
          DATABASE_URL: undefined,
          // Media processes and command lines are started by the hundred, with the same modules.
          NODE_COMPILE_CACHE: join(stampDir(root), 'compile-cache'),
          E2E_WHOLE_SUITE: '1',
        },
      },
    );
    const { passed, failed, skipped, failures } = readReport(report, root);
    let { code, output } = run;
    if (skipped > 0) {
      code ||= 1;
      output += `\n${skipped} tests were skipped: a test runs, or it is not there.\n`;
    }
    if (passed + failed === 0) {
      code ||= 1;
      output += '\nNo test ran.\n';
    }
    if (code !== 0 && failures.length === 0) failures.push(`failed: the run of ${config} ended with ${code}`);
    return {
      code,
      output,
      passed,
      failed: code !== 0 && failed === 0 ? 1 : failed,
      failures,
      retried: output.split('\n').filter((line) => line.startsWith(retriedMark)),
      durationMs: run.durationMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(report, root) {
  let text;
  try {
    text = readFileSync(report, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return { passed: 0, failed: 0, skipped: 0, failures: [] };
    throw error;
  }
  const result = JSON.parse(text);
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests,
    skipped: result.numPendingTests + result.numTodoTests,
    failures: result.testResults.flatMap((file) => failuresOf(file, root)),
  };
}

/** What failed in one file, each with its name and the beginning of its reason; a file that does not load is one. */
function failuresOf(file, root) {
  const tests = file.assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0 && file.status !== 'failed') return [];
  const told = tests.length === 0 ? [{ fullName: 'does not load', failureMessages: [file.message] }] : tests;
  return told.map(({ fullName, failureMessages }) => {
    const lines = failureMessages.join('\n').trim().split('\n');
    const reason = lines.filter((line) => !line.includes('node_modules')).slice(0, reasonLinesMax);
    return [`failed: ${relative(root, file.name)} > ${fullName}`, ...reason.map((line) => `  ${line}`)].join(
      '\n',
    );
  });
}
