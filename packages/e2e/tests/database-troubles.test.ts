import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ApiError, callerToneHz, PostgresServer, type Scene, until, useWorld } from '../src/index.ts';

/** What a database does that is there and does not work as it should, with calls in progress. */
let server: PostgresServer;

beforeAll(async () => {
  server = await PostgresServer.start();
});
afterAll(() => server?.stop());
const world = useWorld(() => ({ env: { DATABASE_URL: server.url } }));

const agentToneHz = 700;
const cutEveryMs = 300;
/** Statements of the superuser, one after the other: some do not want to be in a transaction with others. */
const run = (...statements: string[]) => statements.forEach((statement) => server.run(statement));
/** For as long as the test lasts, at most. Returns what ends it earlier. */
function during(begin: readonly string[], end: readonly string[]): () => void {
  let isOver = false;
  const over = () => {
    if (!isOver) run(...end);
    isOver = true;
  };
  onTestFinished(over);
  run(...begin);
  return over;
}

/** A conversation that goes on, a new one that begins and ends, and a caller who waits and gives up. */
async function callsGoOn(scene: Scene, talk: Awaited<ReturnType<Scene['connect']>>): Promise<void> {
  const waiting = await (await scene.caller()).call(scene.number);
  await waiting.answered();
  await Promise.all([
    talk.customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    talk.agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  waiting.hangUp();
  talk.customer.hangUp();
  await talk.agent.ended();
  const next = await scene.connect();
  await next.customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  next.customer.hangUp();
  await next.agent.ended();
}

/** Three contacts, each with a timeline that counts from 1 without gap or repetition, as the phones saw them. */
async function allIsWrittenOnce(scene: Scene): Promise<void> {
  const mine = await until('three closed contacts', async () => {
    const all = (await world().api.contacts()).filter(({ number }) => number === scene.number);
    return all.length === 3 && all.every(({ closedAt }) => closedAt !== null) && all;
  });
  const outcomes = mine.map(({ outcome }) => outcome).toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
  expect(outcomes).toEqual(['abandoned', 'answered', 'answered']);
  for (const { id } of mine) {
    const { timeline } = await world().api.contact(id);
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_fact, index) => index + 1));
  }
}

const databasePart = async () => {
  const answer = await fetch(`${world().product.httpUrl}/readyz`);
  return ((await answer.json()) as { parts: { database: { healthy: boolean; detail: string } } }).parts
    .database;
};

test('[OPS-03] a database that can only be read: calls go on, changes are refused, and all is written once', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const talk = await scene.connect();
  const over = during(
    ['alter system set default_transaction_read_only = on', 'select pg_reload_conf()'],
    ['alter system reset default_transaction_read_only', 'select pg_reload_conf()'],
  );
  await until('the server to say so', async () =>
    /only be read|read-only/.test((await databasePart()).detail),
  );
  await callsGoOn(scene, talk);
  const refused = await world()
    .api.request('POST', '/teams', { name: world().freshName('team') })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect((refused as ApiError).status).toBe(503);
  expect((await databasePart()).healthy).toBe(false);
  over();
  await until('the server to be ready again', () => world().product.isReady());
  await allIsWrittenOnce(scene);
});

test('[OPS-03] a database that ends every connection again and again, amid commits: calls go on, and all is written once', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const talk = await scene.connect();
  const others = 'pid <> pg_backend_pid() and backend_type = $$client backend$$';
  const cut = setInterval(
    () => run(`select pg_terminate_backend(pid) from pg_stat_activity where ${others}`),
    cutEveryMs,
  );
  onTestFinished(() => clearInterval(cut));
  await callsGoOn(scene, talk);
  clearInterval(cut);
  await until('the server to be ready again', () => world().product.isReady());
  await allIsWrittenOnce(scene);
});

test('[OPS-03] a database whose commits take two seconds: calls go on, and all is written once', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const talk = await scene.connect();
  const over = during(
    [
      `create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(2); return null; end $$`,
      'create trigger slowly after insert on contact_events execute function slowly()',
    ],
    ['drop trigger slowly on contact_events', 'drop function slowly'],
  );
  await callsGoOn(scene, talk);
  await allIsWrittenOnce(scene);
  over();
  await until('the server to be ready again', () => world().product.isReady());
});
