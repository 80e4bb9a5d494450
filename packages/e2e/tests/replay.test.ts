import type { Flow, Page } from '@crosspoint/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleWindow, launchChromium, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** The key 1 leads to the queue, or to the end where there is none. */
const flowOf = (name: string, queue?: string) => ({
  ...{ name, start: 'menu' },
  nodes: {
    menu: {
      ...{ kind: 'menu', prompt: [{ recording: 'greeting' }], otherwise: 'bye' },
      keys: { 1: queue === undefined ? 'bye' : 'sales', 2: 'support' },
    },
    support: { kind: 'end' },
    bye: { kind: 'end' },
    ...(queue !== undefined && { sales: { kind: 'queue', queue, refused: 'bye' } }),
  },
});

test('[RTE-03] on the page the calls of a week meet the draft of a flow; each that goes elsewhere opens its contact, and a week without any says so', async () => {
  const { api, product } = world();
  const scene = await world().scene({ staffed: false });
  const [number, name, quiet] = [
    world().freshNumber(),
    world().freshName('replayed'),
    world().freshName('quiet'),
  ];
  await api.apply({
    flows: [flowOf(name), { name: quiet, start: 'bye', nodes: { bye: { kind: 'end' } } }],
    numbers: [{ number, target: { flow: name } }],
  });
  for (const key of ['1', '2']) {
    const call = await (await scene.caller({ says: 'silence', username: `presses${key}` })).call(number);
    await call.sound.ear.hears('sound', { forMs: 300 });
    call.sound.sendDigits(key);
    await call.ended();
    await api.closedContact(number);
  }
  const { items } = await api.request<Page<Flow>>('GET', `/ivr/flows?search=${encodeURIComponent(name)}`);
  await api.request('PUT', `/ivr/flows/${items[0]?.id}`, flowOf(name, scene.queueName));

  const opened = await ConsoleWindow.open(browser, product);
  const { page } = opened;
  await opened.login();
  await page.getByRole('link', { name: 'Replay', exact: true }).click();
  await page.getByLabel('What is tried').selectOption({ label: `Draft of the flow ${name}` });
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByText('Done', { exact: true }).waitFor();
  await page.getByText('2 of 2', { exact: true }).waitFor();
  const row = page.getByRole('row').filter({ hasText: 'presses1' });
  await row.getByText(`queue ${scene.queueName}`).first().waitFor();
  expect(await page.getByRole('row').filter({ hasText: 'presses2' }).count()).toBe(0);
  await page.getByRole('button', { name: '1', exact: true }).click();
  await row.getByRole('link').click();
  await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
  await page.getByText('presses1').first().waitFor();

  await page.goBack();
  await page.getByLabel('What is tried').selectOption({ label: `Draft of the flow ${quiet}` });
  await page.getByRole('button', { name: 'Replay', exact: true }).click();
  await page.getByText('No contact of that time was decided by it.').waitFor();
  expect(opened.errors).toEqual([]);
});
