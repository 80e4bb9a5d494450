import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ApiError, DatabaseLine, PostgresServer, until, useWorld, World } from '../src/index.ts';

let server: PostgresServer;
let line: DatabaseLine;
/** What a client that asked while nothing came back is told. */
const refusedStatus = 503;

beforeAll(async () => {
  server = await PostgresServer.start();
  line = await DatabaseLine.open(server.url);
});
afterAll(async () => {
  line?.close();
  await server?.stop();
});
const world = useWorld(() => ({ env: { DATABASE_URL: line.url } }));

test('[OPS-01] DATABASE_URL: no own PostgreSQL is started, and a call leaves the same traces', async () => {
  const own = world()
    .product.processes()
    .filter(({ commandLine }) => commandLine.includes('postgres'));
  expect(own).toEqual([]);
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(700, { forMs: 1_000 });
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({ outcome: 'answered', queue: scene.queueName });
  await until('the recording to be complete', async () =>
    (await world().api.recordings()).some(
      ({ contactId, status }) => contactId === contact.id && status === 'complete',
    ),
  );
});

test('[OPS-01] DATABASE_URL: everything is there again after a restart', async () => {
  await world().api.allStored();
  const before = await world().api.contacts();
  expect(await world().product.stop()).toBe(0);
  await world().product.start();
  await world().login();
  expect(await world().api.contacts()).toEqual(before);
});

test('[OPS-03] a network that drops every packet to the database: calls go on, requests are refused in time, and all is written once', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const { customer, agent } = await scene.connect();
  const restore = line.swallow();
  onTestFinished(restore);
  const asked = Array.from({ length: 40 }, () =>
    world()
      .api.get('/contacts')
      .then(
        () => 200,
        (error: unknown) => (error instanceof ApiError ? error.status : String(error)),
      ),
  );
  const meanwhile = await (await scene.caller()).call(scene.number);
  await meanwhile.answered();
  meanwhile.hangUp();
  await until('the server to say so', async () => !(await world().product.isReady()));
  await customer.sound.ear.hears(700, { forMs: 500 });
  expect(new Set(await Promise.all(asked))).toEqual(new Set([refusedStatus]));
  customer.hangUp();
  await agent.ended();
  restore();
  await until('the server to be ready again', () => world().product.isReady());
  const outcomes = await until('both contacts to be stored to their end', async () => {
    const mine = (await world().api.contacts()).filter(({ number }) => number === scene.number);
    return mine.length === 2 && mine.every(({ closedAt }) => closedAt !== null) && mine;
  });
  for (const { id } of outcomes) {
    const { timeline } = await world().api.contact(id);
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_fact, index) => index + 1));
  }
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['abandoned', 'answered']));
  expect(outcomes).toHaveLength(2);
  await scene.statsAre({ offered: 2, answered: 1, abandoned: 1, waiting: 0 });
});

test('[OPS-03] a server that is stopped while the network drops every packet to the database ends in time', async () => {
  const restore = line.swallow();
  onTestFinished(restore);
  // 1 says that something could not be stored or closed any more, 0 that there was nothing of that kind.
  expect([0, 1]).toContain(await world().product.stop());
  restore();
  await world().product.start();
  await world().login();
});

test('[OPS-03] a server whose connections the network has forgotten stops in time, though it could open others', async () => {
  line.swallow()();
  expect([0, 1]).toContain(await world().product.stop());
  await world().product.start();
  await world().login();
});

test('[OPS-01] a database that cannot be reached is named, without its password', async () => {
  const url = server.url.replace(/:\d+\//, ':1/');
  const failure = String(await World.start({ env: { DATABASE_URL: url } }).catch((error: unknown) => error));
  expect(failure).toContain('127.0.0.1');
  expect(failure).toContain('DATABASE_URL');
  expect(failure).not.toContain('end-to-end@');
});
