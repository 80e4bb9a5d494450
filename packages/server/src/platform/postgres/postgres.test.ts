import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { silentLog } from '../../../test/database.ts';
import { prepareDataDirectory } from '../data-directory.ts';
import { isAlive } from '../processes.ts';
import { abandonedBases, chooseAccount, EmbeddedPostgres, runningPostmaster } from './index.ts';

const isRoot = process.getuid?.() === 0;
const fixture = join(import.meta.dirname, '../../../test/run-postgres.ts');
let folder: string;
let dataDir: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-postgres-'));
  chmodSync(folder, 0o711);
  dataDir = prepareDataDirectory(join(folder, 'data'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(directory = dataDir): Promise<EmbeddedPostgres> {
  return EmbeddedPostgres.start({ dataDir: directory, log: silentLog });
}

async function ask(postgres: EmbeddedPostgres, text: string): Promise<unknown> {
  const client = new pg.Client(postgres.connection);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const answer = await client.query<{ value: unknown }>(text);
    return answer.rows[0]?.value;
  } finally {
    await client.end();
  }
}

function uidOf(pid: number): number {
  return Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/** The own PostgreSQL in a process of its own, which is then killed as the kernel or a person would. */
async function startAndKill(directory: string): Promise<number> {
  const child: ChildProcess = spawn(process.execPath, [fixture, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  return Number(line.toString());
}

describe('the own PostgreSQL', () => {
  it('[OPS-01] is made at the first start, under an unprivileged account, reachable on its socket only', async () => {
    const postgres = await start();
    expect(postgres.wasInitialised).toBe(true);
    expect(uidOf(postgres.pid)).toBe(chooseAccount().uid);
    expect(uidOf(postgres.pid)).not.toBe(0);
    expect(statSync(postgres.layout.socketDir).mode & 0o777).toBe(0o700);
    expect(await ask(postgres, "select current_setting('listen_addresses') as value")).toBe('');
    expect(await ask(postgres, 'select rolsuper as value from pg_roles where rolname = current_user')).toBe(
      false,
    );
    expect(
      await ask(
        postgres,
        'select pg_get_userbyid(datdba) as value from pg_database where datname = current_database()',
      ),
    ).toBe('crosspoint');
    expect(await ask(postgres, "select current_setting('data_checksums') as value")).toBe('on');
    expect(await ask(postgres, "select upper('žluťoučký') as value")).toBe('ŽLUŤOUČKÝ');
    await ask(postgres, 'create table kept (n integer)');
    await postgres.stop();
    expect(isAlive(postgres.pid)).toBe(false);
  });

  it('[OPS-03] is adopted after kill -9 of the server, with everything that was committed', async () => {
    const pid = await startAndKill(dataDir);
    expect(isAlive(pid)).toBe(true);
    const postgres = await start();
    expect(postgres.wasAdopted).toBe(true);
    expect(postgres.pid).toBe(pid);
    expect(await ask(postgres, 'select count(*)::int as value from kept')).toBe(0);
    await postgres.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('[OPS-03] is not adopted when its settings are not those of this release, but started anew', async () => {
    const pid = await startAndKill(dataDir);
    writeFileSync(join(dataDirOf(pid), 'postgresql.conf'), '\n# changed\n', { flag: 'a' });
    const postgres = await start();
    expect(postgres.wasAdopted).toBe(false);
    expect(postgres.pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
    await postgres.stop();
  });

  it('[OPS-03] is started again when it ends by itself', async () => {
    const postgres = await start();
    const { pid } = postgres;
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => postgres.pid !== pid, { timeout: 120_000, interval: 50 });
    expect(await ask(postgres, 'select 1 as value')).toBe(1);
    await postgres.stop();
    expect(isAlive(postgres.pid)).toBe(false);
  });

  it('[OPS-03] starts although a crash left a pid file whose pid now belongs to another process', async () => {
    const clusterDir = (await stopped()).layout.clusterDir;
    writeFileSync(
      join(clusterDir, 'postmaster.pid'),
      `${process.pid}\n${clusterDir}\n1\n5432\n/x\n\n  1 2\nready   \n`,
    );
    expect(runningPostmaster(clusterDir)).toBeUndefined();
    const postgres = await start();
    expect(postgres.wasAdopted).toBe(false);
    expect(await ask(postgres, 'select 1 as value')).toBe(1);
    await postgres.stop();
  });

  it('[OPS-01] works in a directory whose path is too long for a socket', async () => {
    const long = prepareDataDirectory(join(folder, 'x'.repeat(60), 'y'.repeat(60)));
    chmodSync(join(folder, 'x'.repeat(60)), 0o711);
    const postgres = await start(long);
    expect(Buffer.byteLength(`${postgres.layout.socketDir}/.s.PGSQL.5432`)).toBeLessThanOrEqual(107);
    expect(await ask(postgres, 'select 1 as value')).toBe(1);
    await postgres.stop();
    rmSync(postgres.layout.socketDir, { recursive: true });
  });

  it('[OPS-01] works in a home directory that other users cannot enter, and refuses a copy of it', async () => {
    const home = join(folder, 'home');
    mkdirSync(home, { mode: 0o700 });
    const closed = prepareDataDirectory(join(home, 'data'));
    const postgres = await start(closed);
    expect(postgres.layout.isOutside).toBe(isRoot);
    expect(await ask(postgres, 'select 1 as value')).toBe(1);
    await postgres.stop();
    if (postgres.layout.isOutside) {
      const copy = join(home, 'copy');
      cpSync(closed, copy, { recursive: true });
      await expect(start(copy)).rejects.toMatchObject({ code: 'data-directory-in-use' });
      rmSync(home, { recursive: true });
      expect(abandonedBases()).toContainEqual({ baseDir: postgres.layout.baseDir, dataDir: closed });
      rmSync(postgres.layout.baseDir, { recursive: true });
    }
  });

  it('[OPS-07] names the way out when the database is of another major version', async () => {
    const other = prepareDataDirectory(join(folder, 'other'));
    const { layout } = await stopped(other);
    writeFileSync(join(layout.clusterDir, 'PG_VERSION'), '17\n');
    await expect(start(other)).rejects.toMatchObject({
      code: 'database-version-mismatch',
      message: expect.stringContaining('is of PostgreSQL 17'),
      remedy: expect.stringContaining('crosspoint backup'),
    });
  });
});

function dataDirOf(pid: number): string {
  const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  return args[args.indexOf('-D') + 1] ?? '';
}

async function stopped(directory = dataDir): Promise<EmbeddedPostgres> {
  const postgres = await start(directory);
  await postgres.stop();
  return postgres;
}
