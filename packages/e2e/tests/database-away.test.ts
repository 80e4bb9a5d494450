import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { QueueStats } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import {
  ApiClient,
  callerToneHz,
  ConsoleWindow,
  databasePids,
  launchChromium,
  type Scene,
  signal,
  stopDatabase,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

/** The database falls silent, until the test ends at the latest. Returns what lets it go on. */
function pauseDatabase(): () => void {
  const goOn = stopDatabase(world().product);
  onTestFinished(goOn);
  return goOn;
}

/** The figures of the scene's queue without a question to the database. */
async function figuresOf(scene: Scene): Promise<(expected: Partial<QueueStats>) => Promise<unknown>> {
  const { api } = world();
  const { id } = await api.queue(scene.queueName);
  let seen: QueueStats | undefined;
  return (expected) =>
    until(
      `the queue to show ${JSON.stringify(expected)}`,
      async () => {
        const shown = (seen = await api.get<QueueStats>(`/queues/${id}/stats`));
        return Object.entries(expected).every(([name, value]) => Reflect.get(shown, name) === value);
      },
      { seen: () => seen },
    );
}

const spooled = () => {
  const folder = join(world().product.dataDir, 'facts');
  return existsSync(folder) && readdirSync(folder).length > 0;
};

/** What came of the contacts of the scene, in alphabetical order. Each timeline counts from 1 without gap or repetition. */
async function outcomesOf(scene: Scene): Promise<string[]> {
  const { api } = world();
  const mine = await until('every contact to be closed in the database', async () => {
    await api.allStored();
    const all = (await api.contacts()).filter(({ number }) => number === scene.number);
    return all.every(({ closedAt }) => closedAt !== null) && all;
  });
  for (const { id } of mine) {
    const { timeline } = await api.contact(id);
    expect(timeline.map(({ seq }) => seq)).toEqual(timeline.map((_fact, index) => index + 1));
  }
  return mine.map(({ outcome }) => outcome ?? '').toSorted((a, b) => a.localeCompare(b));
}

test('[OPS-03] a database that hangs: talk, waiting, new calls and the console go on, and all is written once', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const { customer, agent } = await scene.connect();
  const waiting = await (await scene.caller({ says: 600 })).call(scene.number);
  await waiting.answered();
  await scene.statsAre({ waiting: 1 });
  const figuresAre = await figuresOf(scene);
  const { username, password } = scene.agent(1);
  const own = await ApiClient.login(world().product.httpUrl, username, password);
  await own.get('/agents/live-status');
  const goOn = pauseDatabase();
  await until('the server to say so', async () => !(await world().product.isReady()));
  await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
  // A call that begins and ends meanwhile.
  const brief = await (await scene.caller()).call(scene.number);
  await brief.answered();
  await brief.sound.ear.hears('sound');
  await figuresAre({ waiting: 2, offered: 3 });
  brief.hangUp();
  await brief.ended();
  await figuresAre({ waiting: 1, abandoned: 1 });
  // The agent goes on with the next one, and chooses a status that must outlive it all.
  const next = scene.agent(1).phone.nextCall();
  customer.hangUp();
  await agent.ended();
  const second = await next;
  second.answer();
  await Promise.all([waiting.sound.ear.hears(agentToneHz), second.sound.ear.hears(600)]);
  await own.request('PUT', '/agents/me/status', { status: 'break' });
  await until('facts to be on disk', spooled);
  goOn();
  await until('the server to be ready again', () => world().product.isReady());
  await until('no fact to be left on disk', () => !spooled());
  second.hangUp();
  await waiting.ended();
  expect(await outcomesOf(scene)).toEqual(['abandoned', 'answered', 'answered']);
  await scene.statsAre({ offered: 3, answered: 2, abandoned: 1, waiting: 0 });
  expect(world().product.output).toContain('facts cannot be written now; they are kept on disk');
  await world().product.stop();
  await world().product.start();
  await world().login();
  expect((await world().api.liveAgent(username)).status).toBe('break');
  await scene.statsAre({ offered: 3, answered: 2, abandoned: 1, waiting: 0 });
});

test('[OPS-03] every page of the console says that the database is away, and that it is back', async () => {
  const browser = await launchChromium();
  onTestFinished(() => browser.close());
  const window = await ConsoleWindow.open(browser, world().product);
  await window.signIn();
  await window.goTo('/supervisor/dashboard');
  await window.page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  const told = window.page.getByRole('alert').filter({ hasText: 'The database does not answer.' });
  const goOn = pauseDatabase();
  await told.waitFor();
  goOn();
  await told.waitFor({ state: 'detached' });
});

test('[OPS-03] PostgreSQL is killed: it is started again, and calls do not notice', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  for (const pid of databasePids(world().product)) signal(pid, 'SIGKILL');
  const meanwhile = await (await scene.caller()).call(scene.number);
  await meanwhile.answered();
  meanwhile.hangUp();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 1_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 1_000 }),
  ]);
  await until('the server to be ready again', () => world().product.isReady());
  customer.hangUp();
  await agent.ended();
  expect(await outcomesOf(scene)).toEqual(['abandoned', 'answered']);
});

test('[OPS-03] a server that stops while the database hangs leaves its facts on disk for the next one', async () => {
  const scene = await world().scene({ staffed: false });
  const call = await (await scene.caller()).call(scene.number);
  await call.answered();
  await scene.statsAre({ waiting: 1 });
  const goOn = pauseDatabase();
  const stopped = world().product.stop();
  await call.ended();
  await until('facts to be on disk', spooled);
  goOn();
  await stopped;
  await world().product.start();
  await world().login();
  expect(spooled()).toBe(false);
  expect(await outcomesOf(scene)).toHaveLength(1);
});
