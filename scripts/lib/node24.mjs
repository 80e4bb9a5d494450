import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './failure.mjs';
import { stampDir } from './install.mjs';

const wantedMajor = 24;
const checkTimeoutMs = 120_000;

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

/**
 * Puts the chosen Node where the script `start` of package.json calls it.
 *
 * @param {string} root the checkout
 * @param {{ path: string }} node
 */
export function linkNode(root, { path }) {
  const link = join(stampDir(root), 'node');
  let target;
  try {
    target = readlinkSync(link);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (target === path) return;
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(path, link);
}

/**
 * How V8 runs the server; `npm start` reads the same file. The young generation may grow to 16 MiB: at 300 short calls per
 * second, 2 MiB meant 23 collections a second that took 10 % of the time and moved what was about to die into the old
 * generation. With 32 MiB a call costs the same, and each collection holds everybody up for twice as long; with 8 MiB a call
 * costs 8 % more. It grows only under load. One thread collects garbage: helping threads wait behind the media processes, and
 * the pause waits for them. When functions are compiled well is said by `packages/server/src/cli/compile-soon.ts`.
 */
export const serverNodeOptions = JSON.parse(
  readFileSync(new URL('../../packages/server/node-options.json', import.meta.url), 'utf8'),
);
