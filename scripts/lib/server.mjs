import { join } from 'node:path';
import { capture } from './capture.mjs';
import { Failure } from './failure.mjs';

const buildTimeoutMs = 10 * 60_000;
const shownCharsMax = 4_000;

/**
 * Puts the server into few files when anything that it is made of has changed; see `packages/server/src/bundle.ts`.
 *
 * @param {string} root the checkout
 * @param {{ path: string }} node the Node to build with
 * @returns {Promise<'built' | 'up to date'>}
 */
export async function ensureServer(root, node) {
  const result = await capture(node.path, [join(root, 'scripts/build-server.mjs')], {
    cwd: root,
    timeoutMs: buildTimeoutMs,
  });
  if (result.code === 0) return result.output.trim().split('\n').at(-1);
  throw new Failure(
    `The server could not be put into few files (exit code ${result.code}).`,
    'If you changed its source, correct the error above. If not: "rm -rf packages/server/build" and try again.',
    result.output.slice(-shownCharsMax),
  );
}
