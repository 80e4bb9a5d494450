import { afterAll, beforeAll, expect, test } from 'vitest';
import { PostgresServer, until, World } from '../src/index.ts';

let server: PostgresServer;
let world: World;

beforeAll(async () => {
  server = await PostgresServer.start();
  world = await World.start({ env: { DATABASE_URL: server.url } });
});
afterAll(async () => {
  await world?.stop();
  await server?.stop();
});

test('[OPS-01] DATABASE_URL: no own PostgreSQL is started, and a call leaves the same traces', async () => {
  const own = world.product.processes().filter(({ commandLine }) => commandLine.includes('postgres'));
  expect(own).toEqual([]);
  const scene = await world.scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(700, { forMs: 1_000 });
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({ outcome: 'answered', queue: scene.queueName });
  await until('the recording to be complete', async () =>
    (await world.api.recordings()).some(
      ({ contactId, status }) => contactId === contact.id && status === 'complete',
    ),
  );
  await world.settle();
});

test('[OPS-01] DATABASE_URL: everything is there again after a restart', async () => {
  const before = await world.api.contacts();
  expect(await world.product.stop()).toBe(0);
  await world.product.start();
  await world.login();
  expect(await world.api.contacts()).toEqual(before);
});

test('[OPS-01] a database that cannot be reached is named, without its password', async () => {
  const url = server.url.replace(/:\d+\//, ':1/');
  const failure = String(await World.start({ env: { DATABASE_URL: url } }).catch((error: unknown) => error));
  expect(failure).toContain('127.0.0.1');
  expect(failure).toContain('DATABASE_URL');
  expect(failure).not.toContain('end-to-end@');
});
