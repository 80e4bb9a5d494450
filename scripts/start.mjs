/**
 * `npm start`: makes everything ready that a fresh clone lacks (packages, Node 24, the console's build) and starts the
 * server. Runs on Node 20 without any package. Arguments go to `crosspoint start`: `npm start -- --demo`.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
  console.error(`Crosspoint needs Node ${nodeMajorMin} or newer to start; this is ${process.version}.`);
  process.exit(1);
}

const { printFailure } = await import('./lib/failure.mjs');
try {
  const { phase } = await import('./lib/progress.mjs');
  const { ensurePackages } = await import('./lib/install.mjs');
  const { findNode24 } = await import('./lib/node24.mjs');
  const { ensureConsole } = await import('./lib/console.mjs');
  const { handOver } = await import('./lib/handover.mjs');

  console.log('Crosspoint');
  await phase('packages', 'installing', () => ensurePackages(root));
  let node;
  await phase('Node', 'checking', () => {
    node = findNode24(root);
    return node.version;
  });
  await phase('console', 'building', () => ensureConsole(root, node));
  handOver(node.path, [join(root, 'packages/server/src/cli/main.ts'), 'start', ...args], {
    NODE_COMPILE_CACHE:
      process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.crosspoint/compile-cache'),
  });
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
