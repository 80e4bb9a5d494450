/**
 * Generates the types of the database tables from a freshly migrated database:
 * `node scripts/generate-schema.mjs` writes them, with `--verify` it only says whether they are up to date.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture } from './lib/capture.mjs';
import { printFailure } from './lib/failure.mjs';
import { handOver } from './lib/handover.mjs';
import { findNode24 } from './lib/node24.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const platform = join(root, 'packages/server/src/platform');
const outFile = join(platform, 'database/generated/schema.ts');
const timeoutMs = 60_000;
const nodeMajorMin = 24;

const silent = () => undefined;
const log = { info: silent, warn: silent, error: silent };

async function generate(connection, verify) {
  const url = `postgresql://${connection.user}@localhost/${connection.database}?host=${encodeURIComponent(connection.host)}`;
  const codegen = join(root, 'node_modules/kysely-codegen/dist/cli/bin.js');
  const args = ['--dialect', 'postgres', '--url', url, '--out-file', outFile, '--log-level', 'error'];
  // bigint arrives as number and jsonb as its value, see platform/database/connection.ts.
  args.push('--type-mapping', '{"int8":"number"}', '--exclude-pattern', 'kysely_*');
  if (verify) args.push('--verify');
  return capture(process.execPath, [codegen, ...args], { cwd: root, timeoutMs });
}

async function main(verify) {
  const { Database, migrateUp } = await import(join(platform, 'index.ts'));
  const { EmbeddedPostgres } = await import(join(platform, 'postgres/index.ts'));
  const dataDir = mkdtempSync(join(tmpdir(), 'crosspoint-schema-'));
  // The database may run under another account, which must be able to pass through.
  chmodSync(dataDir, 0o711);
  const postgres = await EmbeddedPostgres.start({ dataDir, log });
  try {
    const database = new Database({ connection: postgres.connection, log });
    await migrateUp(database);
    await database.close();
    const result = await generate(postgres.connection, verify);
    if (result.code === 0) {
      console.log(
        verify ? 'The types of the tables are up to date.' : 'The types of the tables were generated.',
      );
    } else {
      console.error(result.output);
      console.error(
        'Run "node scripts/generate-schema.mjs" after changing a migration, and commit the result.',
      );
    }
    return result.code;
  } finally {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

try {
  if (Number(process.versions.node.split('.')[0]) < nodeMajorMin) {
    handOver(findNode24(root).path, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  } else {
    process.exitCode = await main(process.argv.includes('--verify'));
  }
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
