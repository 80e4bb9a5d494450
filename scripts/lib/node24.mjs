import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';

const wantedMajor = 24;
const checkTimeoutMs = 20_000;

const majorOf = (version) => Number(/^v?(\d+)\./.exec(version)?.[1] ?? 0);

/**
 * The Node that runs the product: the one that npm installed or, where that does not run on this system, the one that
 * runs this script, if it is new enough.
 *
 * @param {string} root the checkout
 * @returns {{ path: string, version: string }}
 */
export function findNode24(root) {
  const path = join(root, 'node_modules', 'node', 'bin', 'node');
  let reason = 'is missing';
  if (existsSync(path)) {
    const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: checkTimeoutMs });
    if (answer.status === 0 && majorOf(answer.stdout) >= wantedMajor)
      return { path, version: answer.stdout.trim() };
    reason = answer.error?.message ?? `does not run: ${(answer.stderr || answer.stdout).trim()}`;
  }
  if (majorOf(process.version) >= wantedMajor) return { path: process.execPath, version: process.version };
  throw new Failure(
    `Node ${wantedMajor} from npm (${path}) ${reason}.`,
    `Run "npm ci" and start again. On a system that npm has no Node ${wantedMajor} for (older than glibc 2.28, or ` +
      `Alpine), install Node ${wantedMajor} yourself and start with it.`,
  );
}
