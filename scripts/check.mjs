/**
 * `npm run check`: types, lint, format, import directions, dead code, file lengths, translations, unit tests.
 * `npm run check -- --only types,lint` runs some of them.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runChecks } from './check/run.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const node = join(root, 'node_modules/node/bin/node');

try {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  if (!existsSync(node)) throw new Error('The packages are not installed: run "npm ci" first.');
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  const { ok } = await runChecks({ root, node, only });
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
