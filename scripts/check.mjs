/**
 * `npm run check`: types, lint, format, import directions, dead code, file lengths, translations, unit tests.
 * `npm run check -- --only types,lint` runs some of them.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runChecks } from './check/run.mjs';
import { printFailure } from './lib/failure.mjs';
import { findNode24 } from './lib/node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const only = (values.only ?? '').split(',').filter((name) => name !== '');
  const { ok } = await runChecks({ root, node: findNode24(root).path, only });
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  printFailure(error);
  process.exitCode = 2;
}
