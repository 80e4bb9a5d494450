import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, useWorld, type WindowOptions } from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** A window of somebody at the console; the test fails when anything goes wrong in it unseen. */
async function consoleWindow(options?: WindowOptions): Promise<ConsoleWindow> {
  const opened = await ConsoleWindow.open(browser, world().product, options);
  onTestFinished(async () => {
    await opened.close();
    expect(opened.errors).toEqual([]);
  });
  return opened;
}

/** A window of somebody who is signed in as admin. */
async function signedIn(options?: WindowOptions): Promise<ConsoleWindow> {
  const opened = await consoleWindow(options);
  await opened.login();
  return opened;
}

test('[API-04] whoever is not signed in sees the login, and a wrong password is told in words', async () => {
  const { page, errors } = await consoleWindow();
  await page.goto(`${world().product.httpUrl}/contacts`);
  await page.getByLabel('Username').fill('admin');
  await page.getByLabel('Password', { exact: true }).fill('wrong password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
  // The browser itself reports the refused requests.
  expect(errors.every((error) => error.includes('401'))).toBe(true);
  errors.length = 0;
});

test('[SUP-01] the board moves during a call without a reload', async () => {
  const scene = await world().scene({ staffed: false });
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/supervisor/dashboard`);
  const queueRow = page.getByRole('row').filter({ hasText: scene.queueName });
  await queueRow.getByText('nobody waits').waitFor();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));

  const customer = await (await scene.caller()).call(scene.number);
  await queueRow.getByText('1 waiting').waitFor();
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  const agentRow = page.getByRole('row').filter({ hasText: scene.agent(1).username });
  await agentRow.getByText('Ringing').waitFor();
  agent.answer();
  await agentRow.getByText('Talking').waitFor();
  await queueRow.getByText('nobody waits').waitFor();
  await agent.hold();
  await agentRow.getByText('Hold').waitFor();
  await agent.resume();
  await agentRow.getByText('Talking').waitFor();
  customer.hangUp();
  await agentRow.getByText('Idle').waitFor();
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test('[I18N-01] the login speaks three languages and changes without a reload', async () => {
  const { page } = await consoleWindow({ language: 'en' });
  await page.goto(`${world().product.httpUrl}/login`);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  const titles = new Map<string, string>();
  for (const language of ['es', 'cs', 'en']) {
    await page.locator(`button[lang=${language}]`).click();
    await page.locator(`html[lang=${language}]`).waitFor();
    titles.set(language, await page.getByRole('heading', { level: 1 }).innerText());
  }
  expect(new Set(titles.values()).size).toBe(3);
  expect(titles.get('en')).toBe('Sign in');
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
});

test.each(['es', 'cs'])('[I18N-01] the language of the browser is taken: %s', async (language) => {
  const { page } = await consoleWindow({ language });
  await page.goto(`${world().product.httpUrl}/login`);
  await page.locator(`html[lang=${language}]`).waitFor();
  expect(await page.getByRole('heading', { level: 1 }).innerText()).not.toBe('Sign in');
});

test('[SUP-01] both themes follow the device, and the choice made here wins', async () => {
  const background = (page: ConsoleWindow['page']) =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await signedIn({ theme: 'light' });
  const dark = await signedIn({ theme: 'dark' });
  await light.page.locator('html[data-theme=light]').waitFor();
  await dark.page.locator('html[data-theme=dark]').waitFor();
  expect(await background(light.page)).not.toBe(await background(dark.page));
  await dark.page.getByRole('button', { name: 'Your account, language and theme' }).click();
  await dark.page.getByRole('menu').getByText('Light', { exact: true }).click();
  await dark.page.locator('html[data-theme=light]').waitFor();
  await dark.page.reload();
  await dark.page.locator('html[data-theme=light]').waitFor();
});

test('[OPS-10] the board is there within 2 s of opening the address', async () => {
  const { page } = await signedIn();
  const begunAt = performance.now();
  await page.goto(`${world().product.httpUrl}/supervisor/dashboard`);
  await page.getByRole('heading', { name: 'Board' }).waitFor();
  expect(performance.now() - begunAt).toBeLessThan(2_000);
});
