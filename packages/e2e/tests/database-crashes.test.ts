import { expect, onTestFailed, onTestFinished, test } from 'vitest';
import {
  databasePids,
  PostgresServer,
  printEnd,
  type Scene,
  signal,
  takenBy,
  until,
  World,
} from '../src/index.ts';

/** A database that goes down again and again while calls begin and end. */
const agents = 4;
const total = 20;

async function worldWith(env: Record<string, string>): Promise<World> {
  const world = await World.start({ env });
  onTestFinished(() => world.stop());
  onTestFailed(() => printEnd(world.product));
  return world;
}

/** Twenty callers at once, and agents who take one after the other and hang up. */
async function talkAll(scene: Scene): Promise<void> {
  const customers = Array.from({ length: total }, async () => {
    const customer = await (await scene.caller()).call(scene.number);
    await customer.ended();
  });
  const over = Promise.all(customers).then(() => undefined);
  const workdays = scene.agents.map(async ({ phone }) => {
    for (;;) {
      const agent = await Promise.race([takenBy(phone), over]);
      if (agent === undefined) return;
      await agent.sound.ear.hears('sound');
      agent.hangUp();
      await agent.ended();
    }
  });
  await Promise.all([over, ...workdays]);
}

/** Lets `down` end and begin the database until all have talked; how often it did. */
async function downUntil(over: Promise<void>, world: World, down: () => Promise<void>): Promise<number> {
  let isOver = false;
  const ended = over.finally(() => {
    isOver = true;
  });
  let times = 0;
  do {
    await down();
    times += 1;
    await until('the server to be ready again', () => world.product.isReady());
    // Others are on their way when it goes down the next time.
    await world.api.allStored();
  } while (!isOver);
  await ended;
  return times;
}

const expected = { offered: total, answered: total, abandoned: 0, waiting: 0 };

/** Every call is in the database once, and whole. */
async function allIsThereOnce(world: World, scene: Scene): Promise<void> {
  await world.settle();
  await scene.statsAre(expected);
  await world.api.allStored();
  const mine = (await world.api.contacts(200)).filter(({ number }) => number === scene.number);
  expect(mine).toHaveLength(total);
  for (const { id } of mine) {
    const { timeline, outcome, closedAt } = await world.api.contact(id);
    expect({ outcome, isClosed: closedAt !== null }).toEqual({ outcome: 'answered', isClosed: true });
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_fact, index) => index + 1));
  }
}

const queue = { wrapUp: { mode: 'none' as const } };

test('[OPS-03] the own PostgreSQL is killed again and again while twenty calls begin and end: all of them are there, once', async () => {
  const world = await worldWith({});
  const scene = await world.scene({ agents, queue });
  const times = await downUntil(talkAll(scene), world, () => {
    for (const pid of databasePids(world.product)) signal(pid, 'SIGKILL');
    return Promise.resolve();
  });
  expect(times).toBeGreaterThan(0);
  await allIsThereOnce(world, scene);
  // A process that knows nothing but the database counts the same.
  await world.product.stop();
  await world.product.start();
  await world.login();
  await scene.statsAre(expected);
});

test('[OPS-03] a PostgreSQL of the operator is restarted, fast and at once, while twenty calls begin and end: all of them are there, once', async () => {
  const server = await PostgresServer.start();
  onTestFinished(() => server.stop());
  const world = await worldWith({ DATABASE_URL: server.url });
  const scene = await world.scene({ agents, queue });
  const modes = ['immediate', 'fast'] as const;
  let turn = 0;
  const times = await downUntil(talkAll(scene), world, async () => {
    await server.restart(modes[turn++ % modes.length] ?? 'fast');
  });
  expect(times).toBeGreaterThan(0);
  await allIsThereOnce(world, scene);
});
