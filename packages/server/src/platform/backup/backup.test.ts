import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, silentLog, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import { addUser } from '../accounts/index.ts';
import type { Database } from '../database/index.ts';
import { FactsWriter } from '../facts/index.ts';
import { newId } from '../ids.ts';
import { createBackup, restoreBackup } from './index.ts';
import { readManifest } from './manifest.ts';

const awkward = 'tab\t newline\n backslash \\ quote " \u{1F4DE} \\N';
let source: TestDatabase;
let folder: string;
const contactId = newId();
const teamId = newId();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-backup-'));
  source = await createTestDatabase();
  await fill(source);
  const dataDir = join(folder, 'data');
  await mkdir(join(dataDir, 'recordings/2026'), { recursive: true });
  await mkdir(join(dataDir, 'postgres'), { recursive: true });
  writeFileSync(join(dataDir, 'recordings/2026/one.wav'), 'RIFF of one');
  writeFileSync(join(dataDir, 'secret.key'), 'secret', { mode: 0o600 });
  writeFileSync(join(dataDir, 'lock'), '{}');
  writeFileSync(join(dataDir, 'postgres/PG_VERSION'), '18');
  const { connection } = source;
  await createBackup({
    connection,
    dataDir,
    directory: join(folder, 'backup'),
    now: new Date('2026-11-21T00:00:00Z'),
  });
});
afterAll(async () => {
  await source.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function fill({ database, connection }: TestDatabase): Promise<void> {
  await addUser(database, { username: 'alice', name: awkward, role: 'admin', password: 'correct horse' });
  await database.inTenant(DEFAULT_TENANT_ID, async (t) => {
    await t
      .insertInto('teams')
      .values({ id: teamId, tenant_id: DEFAULT_TENANT_ID, name: 'parent' })
      .execute();
    const child = { id: newId(), tenant_id: DEFAULT_TENANT_ID, name: awkward, parent_id: teamId };
    await t.insertInto('teams').values(child).execute();
  });
  const writer = new FactsWriter({ connection, log: silentLog });
  const at = Date.parse('2029-02-28T23:59:59.999Z');
  const event = (seq: number) => ({ contactId, seq, at, type: 'contact.closed', data: {} }) as never;
  // More than every buffer on the way holds, so that reading has to wait for writing.
  const contactEvents = Array.from({ length: 5_000 }, (_, index) => event(index + 1));
  await writer.append({ tenantId: DEFAULT_TENANT_ID, contactEvents });
  await writer.close();
}

function snapshot(database: Database) {
  return database.asSystem(async (t) => ({
    users: await t.selectFrom('users').selectAll().orderBy('id').execute(),
    teams: await t.selectFrom('teams').selectAll().orderBy('id').execute(),
    events: await t.selectFrom('contact_events').selectAll().orderBy('seq').execute(),
    tenants: await t.selectFrom('tenants').selectAll().execute(),
    audit: await t.selectFrom('audit_log').selectAll().execute(),
  }));
}

describe('backup and restore', () => {
  it('[OPS-07] brings back every row and every file, and nothing of the machine', async () => {
    const target = await createTestDatabase();
    const dataDir = join(folder, 'restored');
    const { database } = target;
    await restoreBackup({ database, dataDir, directory: join(folder, 'backup'), replace: false });
    expect(await snapshot(database)).toEqual(await snapshot(source.database));
    expect(readFileSync(join(dataDir, 'recordings/2026/one.wav'), 'utf8')).toBe('RIFF of one');
    expect(statSync(join(dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dataDir, 'lock'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
    await target.drop();
  });

  it('[OPS-07] leaves row-level security in force after a restore', async () => {
    const target = await createTestDatabase();
    await restoreBackup({
      database: target.database,
      dataDir: join(folder, 'restored-2'),
      directory: join(folder, 'backup'),
      replace: false,
    });
    expect(await target.database.unscoped.selectFrom('users').selectAll().execute()).toEqual([]);
    await target.drop();
  });

  it('[OPS-07] refuses to overwrite data unless told to', async () => {
    const directory = join(folder, 'backup');
    const again = restoreBackup({ database: source.database, dataDir: folder, directory, replace: false });
    await expect(again).rejects.toMatchObject({
      code: 'backup-invalid',
      remedy: expect.stringContaining('--replace'),
    });
    const before = await snapshot(source.database);
    await restoreBackup({
      database: source.database,
      dataDir: join(folder, 'replaced'),
      directory,
      replace: true,
    });
    expect(await snapshot(source.database)).toEqual(before);
  });

  it('[OPS-07] refuses a damaged backup before it changes anything', async () => {
    const { connection } = source;
    const directory = join(folder, 'damaged');
    await createBackup({ connection, dataDir: join(folder, 'data'), directory, now: new Date() });
    const { file } = readManifest(directory).tables.find(({ name }) => name === 'users') ?? { file: '' };
    writeFileSync(join(directory, file), 'x', { flag: 'a' });
    const before = await snapshot(source.database);
    const restoring = restoreBackup({ database: source.database, dataDir: folder, directory, replace: true });
    await expect(restoring).rejects.toThrow(/users\.copy\.gz is not what was written/);
    expect(await snapshot(source.database)).toEqual(before);
  });

  it('[OPS-07] refuses a manifest that points outside of the backup', async () => {
    const { connection } = source;
    const directory = join(folder, 'hostile');
    await createBackup({ connection, dataDir: join(folder, 'data'), directory, now: new Date() });
    const path = join(directory, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as { files: { path: string }[] };
    manifest.files.push({ ...manifest.files[0], path: '../../etc/cron.d/evil' });
    writeFileSync(path, JSON.stringify(manifest));
    expect(() => readManifest(directory)).toThrow(/leaves the backup/);
  });

  it('[OPS-07] never writes over an existing folder and leaves no half backup behind', async () => {
    const { connection } = source;
    const existing = createBackup({
      connection,
      dataDir: folder,
      directory: join(folder, 'backup'),
      now: new Date(),
    });
    await expect(existing).rejects.toThrow(/exists already/);
    const broken = createBackup({
      connection: { ...connection, connectionString: 'postgresql://nobody@127.0.0.1:1/none' },
      dataDir: join(folder, 'data'),
      directory: join(folder, 'unreachable'),
      now: new Date(),
    });
    await expect(broken).rejects.toThrow();
    expect(existsSync(join(folder, 'unreachable'))).toBe(false);
  });
});
