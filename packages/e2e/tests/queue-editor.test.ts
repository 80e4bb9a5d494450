import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** @param refusals answers of the server that the test provokes. */
async function signedIn(refusals?: RegExp): Promise<ConsoleWindow> {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(async () => {
    await opened.close();
    expect(opened.errors.filter((error) => refusals?.test(error) !== true)).toEqual([]);
  });
  await opened.login();
  return opened;
}

test('[IVR-01] [QUE-01] a queue that a published flow leads to is not deleted on its page, which names the flow', async () => {
  const { api, product } = world();
  const name = world().freshName('kept');
  const flow = world().freshName('leads there');
  await api.apply({
    queues: [{ name, agents: [] }],
    flows: [
      {
        ...{ name: flow, start: 'queue' },
        nodes: { queue: { kind: 'queue', queue: name, refused: 'bye' }, bye: { kind: 'end' } },
      },
    ],
  });
  const { page } = await signedIn(/409/);
  await page.goto(`${product.httpUrl}/operations/queues/${(await api.queue(name)).id}`);
  await page.getByRole('button', { name: 'Delete queue' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(name);
  await dialog.getByRole('button', { name: 'Delete queue' }).click();
  await page.getByText(`Used by: flow ${flow}. Change that first.`).waitFor();
  expect((await api.queues()).map((queue) => queue.name)).toContain(name);
});

test('[QUE-03 QUE-04 QUE-05 QUE-07 QUE-08] every part of a queue is set in the editor and stored', async () => {
  const other = await world().scene({ staffed: false });
  const scene = await world().scene({ staffed: false });
  const { id } = await world().api.queue(scene.queueName);
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/operations/queues/${id}`);
  await page.getByLabel('Strategy').selectOption('best-skill-match');
  await page.getByRole('button', { name: 'Add a step' }).click();
  const requirement = page.getByLabel('Requirement', { exact: true });
  await requirement.fill('billing>=9');
  await requirement.blur();
  await page.getByText('This cannot be read at character 1.').waitFor();
  await requirement.fill('billing>=3 and (lang=cs or lang=en)');
  await requirement.blur();
  await page.getByLabel('Raise the class every').fill('60');
  const overflow = page.locator('.card', { hasText: 'When it takes too long' }).last();
  await overflow.getByRole('button', { name: 'Add a rule' }).click();
  await overflow.getByLabel('After').fill('90');
  await overflow.getByLabel('Queue', { exact: true }).selectOption({ label: other.queueName });
  await page.getByText('Own hours', { exact: true }).click();
  await page.getByLabel('Monday').fill('8-12, 13-17');
  await page.getByLabel('Monday').blur();
  await page.getByRole('button', { name: 'Save' }).click();
  const { id: otherId } = await world().api.queue(other.queueName);
  const stored = await until('the queue to be stored', async () => {
    const queue = await world().api.get<Record<string, unknown>>(`/queues/${id}`);
    return queue['strategy'] === 'best-skill-match' ? queue : undefined;
  });
  expect(stored).toMatchObject({
    requirementSteps: [
      {
        requirement: {
          all: [{ skill: 'billing', level: 3 }, { any: [{ language: 'cs' }, { language: 'en' }] }],
        },
      },
    ],
    ageing: { everySeconds: 60 },
    overflow: [
      { condition: { when: 'waited', afterSeconds: 90 }, target: { kind: 'queue', queueId: otherId } },
    ],
    hours: {
      week: {
        monday: [
          { from: '08:00', to: '12:00' },
          { from: '13:00', to: '17:00' },
        ],
      },
    },
  });
});

test('[QUE-03 QUE-14] a supervisor sees why a call waits and removes it, after being asked', async () => {
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  const { id } = await world().api.queue(scene.queueName);
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/supervisor/queues?queue=${id}`);
  const acts = page.getByRole('group', { name: /^Act on/ });
  await acts.waitFor();
  await acts.getByLabel('Class').selectOption('7');
  await until('the class', async () => {
    const [entry] = await world().api.all<{ priority: number }>(`/queues/${id}/entries`);
    return entry?.priority === 7;
  });
  await acts.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  expect(await customer.ended()).toMatchObject({ by: 'remote' });
  await scene.statsAre({ offered: 1, overflowed: 1, waiting: 0 });
});
