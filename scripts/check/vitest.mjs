import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../lib/capture.mjs';
import { retriedMark } from './retries-reporter.mjs';
import { stampDir } from '../lib/install.mjs';

/**
 * Runs vitest and counts. A run that ends badly without a failed test (a file that does not load, an unhandled
 * rejection) counts as one failed test, so that no sum of "0 failed" ever hides it.
 *
 * @param {{ root: string, node: string, config: string, timeoutMs?: number, onOutput?: (text: string) => void }} options
 * @returns {Promise<{ code: number, output: string, passed: number, failed: number, retried: string[], durationMs: number }>}
 *   `retried` names the tests that did not pass at once, a line each
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
    const { passed, failed, skipped } = countTests(report);
    let { code, output } = run;
    if (skipped > 0) {
      code ||= 1;
      output += `\n${skipped} tests were skipped: a test runs, or it is not there.\n`;
    }
    if (passed + failed === 0) {
      code ||= 1;
      output += '\nNo test ran.\n';
    }
    return {
      code,
      output,
      passed,
      failed: code !== 0 && failed === 0 ? 1 : failed,
      retried: output.split('\n').filter((line) => line.startsWith(retriedMark)),
      durationMs: run.durationMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countTests(report) {
  let text;
  try {
    text = readFileSync(report, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return { passed: 0, failed: 0, skipped: 0 };
    throw error;
  }
  const result = JSON.parse(text);
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
