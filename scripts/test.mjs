/**
 * `npm test`: the whole test suite on a fresh clone. Installs what is missing (packages, programs that the end-to-end
 * tests drive), builds the console beside `npm run check`, then runs the end-to-end tests. The last line is the sum of all
 * tests: `N passed, N failed`. Runs on Node 20 without any package.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecks } from './check/run.mjs';
import { runVitest } from './check/vitest.mjs';
import { ensureConsole } from './lib/console.mjs';
import { ensureServer } from './lib/server.mjs';
import { printFailure } from './lib/failure.mjs';
import { ensurePackages } from './lib/install.mjs';
import { findNode24 } from './lib/node24.mjs';
import { phase } from './lib/progress.mjs';
import { ensureSystemPackages } from './lib/system-packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** A quarter of an hour on an idle machine. */
const endToEndTimeoutMs = 120 * 60_000;
const total = { passed: 0, failed: 0, failures: [] };

try {
  let node;
  await phase('packages', 'installing', () => ensurePackages(root));
  await phase('Node', 'checking', () => {
    node = findNode24(root);
    return node.version;
  });
  await phase('programs', 'installing', ensureSystemPackages);
  // What the tests start is what `npm start` starts.
  await phase('server', 'building', () => ensureServer(root, node));

  console.log('\nCheck');
  const build = () => phase('console', 'building', () => ensureConsole(root, node));
  add(await runChecks({ root, node: node.path, build }));

  console.log('\nEnd-to-end tests');
  const run = await runVitest({
    root,
    node: node.path,
    config: 'packages/e2e/vitest.config.ts',
    timeoutMs: endToEndTimeoutMs,
    onOutput: (text) => process.stdout.write(text),
  });
  add(run);
  if (run.code !== 0 || total.failed > 0) process.exitCode = 1;
} catch (error) {
  printFailure(error);
  total.failed += 1;
  process.exitCode = 1;
}
// Named once more at the very end: of a long log often only the end is kept.
for (const failure of total.failures) console.log(`\n${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);

function add({ passed, failed, failures }) {
  total.passed += passed;
  total.failed += failed;
  total.failures.push(...failures);
}
