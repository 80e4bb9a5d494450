import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  busyCentre,
  ConsoleWindow,
  launchPhoneChromium,
  layoutFaults,
  places,
  useWorld,
} from '../src/index.ts';

declare const axe: { run(on: Document, options: object): Promise<AxeResults> };

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2, levels A and AA, with what the former versions asked for. */
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Some thirty pages, each looked at for a second or two. */
const timeoutMs = 900_000;

const world = useWorld();
let browser: Browser;
let contactId = '';

beforeAll(async () => {
  browser = await launchPhoneChromium();
  contactId = await busyCentre(world());
});
afterAll(() => browser?.close());

/** What stands in the way of somebody who cannot see or point, in one line each. */
async function faultsBy(page: Page, options: object): Promise<string[]> {
  const { violations } = await page.evaluate(
    (wanted) => axe.run(document, { ...wanted, resultTypes: ['violations'] }),
    options,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

/** A page that was reached without loading the document anew has it already. */
async function bringAxe(page: Page): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
}

/** Colours on their way from one theme to the other belong to none. */
async function turn(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
  await page.waitForFunction(() => !document.getAnimations().some((one) => one instanceof CSSTransition));
}

/**
 * Looks in both themes, first in that which the last look ended with. Between them only colours change, so the second look is for
 * contrast alone.
 */
async function faults(page: Page): Promise<string[]> {
  await bringAxe(page);
  const shown = await page.evaluate(() => document.documentElement.dataset['theme']);
  const other = shown === 'dark' ? 'light' : 'dark';
  const all = await faultsBy(page, { runOnly: rules });
  await turn(page, other);
  const contrast = await faultsBy(page, { runOnly: { type: 'rule', values: ['color-contrast'] } });
  return [
    ...all.map((fault) => `${shown} theme: ${fault}`),
    ...contrast.map((fault) => `${other} theme: ${fault}`),
  ];
}

/** Pages of single things. */
async function details(): Promise<string[]> {
  const queueId = (await world().api.queues())[0]?.id;
  const userId = (await world().api.liveAgents())[0]?.id;
  return [
    `/contacts/${contactId}`,
    `/operations/queues/${queueId}`,
    `/supervisor/queues/${queueId}`,
    `/admin/users/${userId}`,
    `/admin/shifts/${userId}`,
  ];
}

test('[I18N-01] every page can be read and used by everybody, in both themes', {
  timeout: timeoutMs,
}, async () => {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => opened.close());
  await opened.goTo('/login');
  await opened.page.locator('button[type=submit]').waitFor();
  const found: Record<string, string[]> = { '/login': await faults(opened.page) };
  await opened.login();
  for (const path of [...places, ...(await details())]) {
    await opened.follow(path);
    await opened.settled();
    found[path] = await faults(opened.page);
    // A page that failed has nothing to find fault with.
    if ((await opened.page.getByText('This page failed').count()) > 0) found[path] = ['the page failed'];
  }
  const wrong = Object.entries(found).filter(([, list]) => list.length > 0);
  expect(Object.fromEntries(wrong)).toEqual({});
});

test('[I18N-01] every page fits the screen of a telephone, also in the language of the longest words', {
  timeout: timeoutMs,
}, async () => {
  const narrow = { width: 390, height: 844, language: 'es' };
  const opened = await ConsoleWindow.open(browser, world().product, narrow);
  onTestFinished(() => opened.close());
  const { page } = opened;
  await opened.signIn();
  await opened.goTo('/');
  const say = async (language: string) => world().api.request('PATCH', '/auth/me', { language });
  await say('es');
  onTestFinished(async () => void (await say('en')));
  const found: Record<string, string[]> = {};
  for (const path of [...places, ...(await details())]) {
    await opened.goTo(path);
    await opened.settled();
    await bringAxe(page);
    found[path] = [...(await layoutFaults(page)), ...(await faultsBy(page, { runOnly: rules }))];
  }
  expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({});
});

test('[CAR-03] the desk can be read and used by everybody: free, called, in a call, asking, in a conference, in wrap-up', {
  timeout: timeoutMs,
}, async () => {
  const scene = await world().scene({
    agents: 2,
    staffed: false,
    queue: {
      recording: 'always',
      wrapUp: { mode: 'timed', seconds: 600 },
      dispositions: [{ code: 'sold', label: 'Sold' }],
      screenPopUrl: 'https://crm.example/{contactId}',
    },
  });
  const colleague = scene.agent(2);
  await world().api.setStatus(colleague.username, 'offline');
  await colleague.phone.register();
  const desk = await AgentDesk.open(browser, world().product, scene.agent(1));
  onTestFinished(() => desk.window.close());
  const { page } = desk;
  await desk.switchOn();
  await page.getByRole('radio', { name: 'Available' }).click();
  const found: Record<string, string[]> = {};
  const look = async (name: string) => (found[name] = await faults(page));
  await look('free');
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await look('called');
  await page.keyboard.press('a');
  await customer.answered();
  await page.getByRole('radio', { name: 'Sold' }).waitFor();
  await look('talking');
  await page.keyboard.press('t');
  await page.getByRole('listbox').waitFor();
  await look('transfer');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('p');
  await page.getByRole('combobox').fill(colleague.username);
  await page.getByRole('option', { name: colleague.username }).waitFor();
  await look('calling in');
  await page.keyboard.press('Enter');
  const party = await colleague.phone.nextCall();
  party.answer();
  await party.answered();
  await desk.button(`Mute ${colleague.username}`).click();
  await desk.button('Pause recording').click();
  await page.getByText('Recording is paused').waitFor();
  await look('conference');
  await desk.button(`Remove ${colleague.username}`).click();
  await party.ended();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await look('shortcuts');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await customer.ended();
  await desk.button('Finish wrap-up').waitFor();
  await look('wrap-up');
  expect(Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0))).toEqual({});
});
