import { createHmac } from 'node:crypto';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();
const password = 'a-password-for-vera';
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

async function open(): Promise<ConsoleWindow> {
  const opened = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => opened.close());
  return opened;
}

/** Somebody who has never signed in. */
async function somebody(): Promise<string> {
  const username = world().freshName('vera');
  await world().api.request('POST', '/users', { username, name: username, role: 'supervisor', password });
  return username;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator app shows for a secret in the step of 30 s that lies so many steps from now (RFC 6238 §4). */
function codeOf(secret: string, steps = 0): string {
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = bits.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? [];
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', Buffer.from(bytes)).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

const continueIn = (dialog: Locator) => dialog.getByRole('button', { name: 'Continue' }).click();

/** Sets the second factor up on the own page; what the app and the page then know. */
async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole('button', { name: 'Set up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill(password);
  await continueIn(dialog);
  const secret = (await dialog.locator('.mono').innerText()).replaceAll(' ', '');
  // Of the step before, so that the code of this one still counts.
  await dialog.getByLabel('Code of the app').fill(codeOf(secret, -1));
  await continueIn(dialog);
  await dialog.getByRole('listitem').first().waitFor();
  const codes = await dialog.getByRole('listitem').allInnerTexts();
  await page.keyboard.press('Escape');
  expect(await dialog.getByRole('listitem').count()).toBe(codes.length);
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  return { secret, codes };
}

/** Signs in with the password, and leaves the page at the question for the code. */
async function begin(window: ConsoleWindow, username: string): Promise<Locator> {
  const { page } = window;
  await window.goTo('/login');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  const code = page.getByLabel('Code of the app');
  await code.waitFor();
  return code;
}

test('[API-04] with a second factor one signs in by the app or by a recovery code, each counts once, and new ones replace the old', async () => {
  const username = await somebody();
  const vera = await open();
  await vera.login(username, password);
  await vera.goTo('/profile');
  const { secret, codes } = await setUp(vera.page);
  const [first = '', second = ''] = codes;

  const other = await open();
  const asked = await begin(other, username);
  await asked.fill('000000');
  await other.page.keyboard.press('Enter');
  await other.page.getByRole('alert').waitFor();
  await asked.fill(first);
  await other.page.keyboard.press('Enter');
  await other.page.waitForURL((url) => url.pathname !== '/login');

  const again = await open();
  const askedAgain = await begin(again, username);
  await askedAgain.fill(first);
  await again.page.keyboard.press('Enter');
  await again.page.getByRole('alert').waitFor();
  await askedAgain.fill(codeOf(secret));
  await again.page.keyboard.press('Enter');
  await again.page.waitForURL((url) => url.pathname !== '/login');

  await vera.page.reload();
  await vera.page.getByText(`${codes.length - 1} recovery codes are left`, { exact: false }).waitFor();
  await vera.page.getByRole('button', { name: 'New recovery codes' }).click();
  const dialog = vera.page.getByRole('dialog');
  await dialog.getByLabel('Code of the app').fill(codeOf(secret, 1));
  await continueIn(dialog);
  await dialog.getByRole('listitem').first().waitFor();
  const renewed = await dialog.getByRole('listitem').allInnerTexts();
  expect(renewed.filter((code) => codes.includes(code))).toEqual([]);
  await dialog.getByRole('button', { name: 'I have kept them' }).click();

  const third = await open();
  const askedThird = await begin(third, username);
  await askedThird.fill(second);
  await third.page.keyboard.press('Enter');
  await third.page.getByRole('alert').waitFor();

  await vera.page.getByRole('button', { name: 'Switch off' }).click();
  await dialog.getByLabel('Current password').fill(password);
  await continueIn(dialog);
  await vera.page.getByRole('button', { name: 'Set up' }).waitFor();
  await third.login(username, password);
});

test('[API-04] who changes the password stays signed in here, and every other session ends', async () => {
  const username = await somebody();
  const [here, there] = [await open(), await open()];
  await here.login(username, password);
  await there.login(username, password);
  await here.goTo('/profile');
  const { page } = here;
  const next = 'another-password-for-vera';
  await page.getByLabel('Current password').fill('not-the-password');
  await page.getByLabel('New password', { exact: true }).fill(next);
  await page.getByLabel('New password again').fill(next);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Nothing was changed.', { exact: false }).first().waitFor();
  await page.getByLabel('Current password').fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await there.page.waitForURL((url) => url.pathname === '/login');
  await page.reload();
  await page.getByLabel('Current password').waitFor();
  await until('the old password to be refused', async () => {
    const { status } = await fetch(`${world().product.httpUrl}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    return status === 401;
  });
  await there.login(username, next);
});
