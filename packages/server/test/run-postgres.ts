/** Starts the own PostgreSQL on the data directory of its argument, says so, and waits to be killed. */
import { EmbeddedPostgres } from '../src/platform/postgres/index.ts';

const [, , dataDir = ''] = process.argv;
const silent = (): void => undefined;
const postgres = await EmbeddedPostgres.start({
  dataDir,
  log: { info: silent, warn: silent, error: silent },
});
process.stdout.write(`${postgres.pid}\n`);
setInterval(silent, 60_000);
