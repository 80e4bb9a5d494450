/** `npm run chaos -- [--seed N] [--kills N] [--rounds N] [--media PERCENT] …`: kills processes amid calls, and checks what must hold. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24 } from './lib/node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'packages/e2e/src/chaos/main.ts');
const run = spawnSync(findNode24(root).path, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = run.status ?? 1;
