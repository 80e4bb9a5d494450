import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { capture } from './capture.mjs';
import { Failure } from './failure.mjs';
import { stampDir } from './install.mjs';

const buildTimeoutMs = 40 * 60_000;
const shownCharsMax = 4_000;
const heapMegabytes = 2048;

/** What the build reads besides the installed packages. Generated folders are made by the build itself. */
const inputs = ['packages/console', 'packages/contracts/src', 'packages/core/src', 'package-lock.json'];
const generated = new Set([
  ...['build', 'node_modules', '.svelte-kit', 'paraglide', 'test-results'],
  // Written into project.inlang by the translation compiler; no source has such a name.
  ...['.meta.json', 'README.md', '.gitignore', 'cache'],
]);

/** Every input file, in a stable order. */
function* filesOf(path) {
  if (!existsSync(path)) return;
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (error.code !== 'ENOTDIR') throw error;
    yield path;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (generated.has(entry.name) || entry.name.endsWith('.test.ts')) continue;
    if (entry.isDirectory()) yield* filesOf(join(path, entry.name));
    else if (entry.isFile()) yield join(path, entry.name);
  }
}

function hashOfInputs(root, nodeVersion) {
  const hash = createHash('sha256').update(nodeVersion);
  for (const input of inputs) {
    for (const file of filesOf(join(root, input)))
      hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/**
 * Builds the console into packages/console/build when anything that it is made of has changed.
 *
 * @param {string} root the checkout
 * @param {{ path: string, version: string }} node the Node to build with
 * @returns {Promise<'built' | 'up to date'>}
 */
export async function ensureConsole(root, node) {
  const stamp = join(stampDir(root), 'console');
  const folder = join(root, 'packages', 'console');
  const wanted = hashOfInputs(root, node.version);
  const isBuilt = existsSync(join(folder, 'build', 'index.html'));
  if (isBuilt && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 'up to date';
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = await capture(node.path, [`--max-old-space-size=${heapMegabytes}`, vite, 'build'], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production' },
    timeoutMs: buildTimeoutMs,
  });
  if (result.code !== 0) throw explainBuildFailure(result);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  return 'built';
}

function explainBuildFailure({ code, output }) {
  const details = output.slice(-shownCharsMax);
  if (/ENOSPC|no space left/i.test(output)) {
    return new Failure(
      'The console could not be built: the disk is full.',
      'Free 200 MB and start again.',
      details,
    );
  }
  if (/EACCES|EPERM|EROFS/.test(output)) {
    const remedy = 'Give this account the folder packages/console and start again.';
    return new Failure('The console could not be built: its folder may not be written.', remedy, details);
  }
  return new Failure(
    `The console could not be built (vite, exit code ${code}).`,
    'If you changed its source, correct the error above. If not: "rm -rf node_modules" and start again.',
    details,
  );
}
