/**
 * Makes everything ready that a fresh clone lacks (packages, Node 24, the console's build) and starts the server. Runs
 * on Node 20 without any package. Arguments go to `crosspoint start`: `node scripts/start.mjs --demo`.
 *
 * `npm start` calls it with `--prepare-only` and then lets the shell replace itself by `supervise.sh`, which runs the server: a
 * Node 20 that only waits for its child would cost 50 MB of memory for as long as the server runs.
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
let isInterrupted = false;
const interrupt = () => {
  isInterrupted = true;
};
process.once('SIGINT', interrupt);
try {
  const { phase } = await import('./lib/progress.mjs');
  const { ensurePackages } = await import('./lib/install.mjs');
  const { findNode24, linkNode, serverNodeOptions } = await import('./lib/node24.mjs');
  const { ensureConsole } = await import('./lib/console.mjs');
  const { ensureServer } = await import('./lib/server.mjs');
  const { handOver } = await import('./lib/handover.mjs');

  console.log('Crosspoint');
  await phase('packages', 'installing', () => ensurePackages(root));
  let node;
  await phase('Node', 'checking', () => {
    node = findNode24(root);
    return node.version;
  });
  await phase('console', 'building', () => ensureConsole(root, node));
  // Without its files, on a full disk for instance, a start only takes longer.
  await phase('server', 'building', () =>
    ensureServer(root, node).catch(() => 'not built, runs its sources'),
  );
  process.off('SIGINT', interrupt);
  if (args[0] === '--prepare-only') linkNode(root, node);
  else
    handOver(
      '/bin/sh',
      [
        join(root, 'scripts/supervise.sh'),
        node.path,
        ...serverNodeOptions,
        join(root, 'packages/server/src/cli/main.ts'),
        'start',
        ...args,
      ],
      {
        NODE_COMPILE_CACHE:
          process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.crosspoint/compile-cache'),
      },
    );
} catch (error) {
  if (isInterrupted) console.error('\nInterrupted; start again to go on from here.');
  else printFailure(error);
  process.exitCode = isInterrupted ? 130 : 1;
}
