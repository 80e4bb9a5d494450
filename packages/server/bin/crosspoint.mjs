#!/usr/bin/env node
/** `npx crosspoint <command>`: runs the command line of the server with the Node 24 that npm installed. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { printFailure } from '../../../scripts/lib/failure.mjs';
import { handOver } from '../../../scripts/lib/handover.mjs';
import { findNode24, serverNodeOptions } from '../../../scripts/lib/node24.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
try {
  const node = findNode24(root);
  handOver(
    node.path,
    [...serverNodeOptions, join(root, 'packages/server/src/cli/main.ts'), ...process.argv.slice(2)],
    {
      NODE_COMPILE_CACHE:
        process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.crosspoint/compile-cache'),
    },
  );
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
