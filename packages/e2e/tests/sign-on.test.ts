import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { IdentityProvider } from '../../server/test/identity-provider.ts';
import { ConsoleWindow, launchChromium, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

async function open(): Promise<ConsoleWindow> {
  const window = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => window.close());
  return window;
}

/** Sets the provider up on its page, as an administrator does. */
async function setUp(provider: IdentityProvider): Promise<void> {
  const administrator = await open();
  await administrator.signIn();
  await administrator.goTo('/admin/sign-on');
  const { page } = administrator;
  await page.getByLabel('Name of the provider').fill('Acme account');
  await page.getByLabel('Issuer').fill(provider.issuer);
  await page.getByLabel('Client ID').fill(provider.clientId);
  await page.getByLabel('Client secret').fill(provider.clientSecret);
  await page.getByRole('button', { name: 'Add a group' }).click();
  await page.getByLabel('Group at the provider').fill('leads');
  await page.getByLabel('Role', { exact: true }).selectOption('supervisor');
  await page.getByLabel('Make accounts').click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Single sign-on is saved').waitFor();
}

test('[API-04] a provider that is set up in the console signs people in, and the login page says why it does not', async () => {
  const provider = await IdentityProvider.start();
  onTestFinished(() => provider.close());
  const username = world().freshName('ann');
  provider.person = { sub: username, preferred_username: username, name: 'Ann Lee', groups: ['leads'] };
  await setUp(provider);

  const { page } = await open();
  const way = page.getByRole('link', { name: 'Sign in with Acme account' });
  provider.refuses = true;
  await page.goto(`${world().product.httpUrl}/login?next=%2Fcontacts`);
  await way.click();
  await page.getByRole('alert').filter({ hasText: 'did not let you in' }).waitFor();
  provider.refuses = false;
  // The page that was wanted at first is not forgotten over it.
  await way.click();
  await page.waitForURL((url) => url.pathname === '/contacts');
  await page.getByRole('link', { name: 'Active calls' }).waitFor();
  const { items } = await world().api.get<{ items: { role: string }[] }>(`/users?search=${username}`);
  expect(items).toMatchObject([{ role: 'supervisor' }]);

  // Nobody is asked for a password that is not there.
  await page.goto(`${world().product.httpUrl}/profile`);
  await page.getByText('You have no password here').waitFor();
  expect(await page.locator('input[type=password]').count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Second factor' }).count()).toBe(0);
});
