import { connect, createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, silentLog, type TestDatabase } from '../../../test/database.ts';
import { type ConnectionOptions, Database } from './index.ts';
import { SilenceWatch, type SilenceWatchOptions } from './silence.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** Where the server listens, as `connect` of Node takes it. */
function placeOf({ connectionString, host = '', port = 5432 }: ConnectionOptions) {
  if (connectionString === undefined) return { path: join(host, `.s.PGSQL.${port}`) };
  const url = new URL(connectionString);
  return { host: url.hostname, port: Number(url.port || 5432) };
}

/** A way to the database on which everything can be swallowed, on connections that are up and on new ones. */
class Way {
  isOpen = true;
  /** Connections from before its loss of memory. */
  readonly #forgotten = new Set<Socket>();
  readonly connection: ConnectionOptions;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(target: ConnectionOptions, folder: string) {
    this.#server = createServer((near) => {
      this.#sockets.add(near);
      near.on('error', () => undefined);
      if (!this.isOpen) return;
      const far = connect(placeOf(target));
      far.on('error', () => near.destroy());
      near.on('close', () => far.destroy());
      const passes = () => this.isOpen && !this.#forgotten.has(near);
      near.on('data', (bytes) => passes() && far.write(bytes));
      far.on('data', (bytes) => passes() && near.write(bytes));
    });
    this.#server.listen(join(folder, '.s.PGSQL.5432'));
    const { user, password, database } = new pg.Client(target);
    this.connection = {
      ...{ host: folder, port: 5432, ssl: false },
      ...(user === undefined ? {} : { user }),
      ...(typeof password === 'string' ? { password } : {}),
      ...(database === undefined ? {} : { database }),
    };
  }

  /** Everything that is up is swallowed for ever; new connections pass. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
    this.isOpen = true;
  }

  static async open(): Promise<Way> {
    const folder = mkdtempSync(join(tmpdir(), 'crosspoint-way-'));
    const way = new Way(test.connection, folder);
    onTestFinished(() => {
      for (const socket of way.#sockets) socket.destroy();
      way.#server.close();
      rmSync(folder, { recursive: true, force: true });
    });
    await new Promise((resolve) => way.#server.once('listening', resolve));
    return way;
  }
}

async function watchedClient(way: Way, options: Omit<SilenceWatchOptions, 'connection'>): Promise<pg.Client> {
  const client = new pg.Client(way.connection);
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => void client.end().catch(() => undefined));
  const watch = new SilenceWatch({ connection: way.connection, everyMs: 20, ...options });
  watch.opened(client);
  watch.begin(client);
  onTestFinished(() => watch.end(client));
  return client;
}

const quick = { suspectMs: 100, probeTimeoutMs: 1_000 };
/** For a server that is there: its machine may be slow. */
const patient = { suspectMs: 100, probeTimeoutMs: 60_000 };

describe('a network that drops everything', () => {
  it('[OPS-03] ends what was asked, with an error that says why', async () => {
    const way = await Way.open();
    const client = await watchedClient(way, quick);
    await client.query('select 1');
    way.isOpen = false;
    await expect(client.query('select 1')).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: expect.stringMatching(/^Connection terminated: no answer of the database for \d+ ms$/),
    });
  });

  it('[OPS-03] a statement that takes its time is waited for while the server lets others in', async () => {
    const way = await Way.open();
    const client = await watchedClient(way, patient);
    const { rows } = await client.query<{ done: number }>('select 1 as done from pg_sleep(0.8)');
    expect(rows).toEqual([{ done: 1 }]);
  });

  it('[OPS-03] nobody waits longer than the server itself would let it', async () => {
    const way = await Way.open();
    const client = await watchedClient(way, { suspectMs: 60_000, silentMaxMs: 200 });
    await expect(client.query('select pg_sleep(20)')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('[OPS-03] whoever waits when the process is about to end does so for seconds only', async () => {
    const way = await Way.open();
    const watch = new SilenceWatch({
      ...{ connection: way.connection, everyMs: 20, suspectMs: 60_000, hurriedMaxMs: 200 },
    });
    const client = new pg.Client(way.connection);
    client.on('error', () => undefined);
    await client.connect();
    onTestFinished(() => void client.end().catch(() => undefined));
    watch.begin(client);
    const waiting = client.query('select pg_sleep(20)');
    watch.hurry();
    await expect(waiting).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    watch.end(client);
  });

  it('[OPS-03] connections from before that have been forgotten on the way are not trusted again', async () => {
    const way = await Way.open();
    const options = { connection: way.connection, everyMs: 20, ...quick, silentMaxMs: 60_000 };
    const watch = new SilenceWatch(options);
    const clients = [new pg.Client(way.connection), new pg.Client(way.connection)];
    for (const client of clients) {
      client.on('error', () => undefined);
      await client.connect();
      onTestFinished(() => void client.end().catch(() => undefined));
      watch.opened(client);
    }
    const [first, second] = clients;
    if (first === undefined || second === undefined) throw new Error('There are two.');
    way.isOpen = false;
    watch.begin(first);
    await expect(first.query('select 1')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    watch.end(first);
    // The server answers again, and what this connection asked before is lost.
    way.forget();
    watch.begin(second);
    await expect(second.query('select 1')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    watch.end(second);
  });

  it('[OPS-03] of work that waits for a connection there is a limit', async () => {
    const database = new Database({
      ...{ connection: test.connection, log: silentLog, connectionsMax: 1, waitingMax: 1 },
    });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    onTestFinished(() => {
      letGo();
      return database.close();
    });
    const holding = database.asSystem(() => held);
    const waiting = database.asSystem(async () => 'served');
    await expect(database.asSystem(async () => 'refused')).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    letGo();
    await holding;
    expect(await waiting).toBe('served');
  });
});
