import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { IdentityProvider } from '../../server/test/identity-provider.ts';
import { ConsoleWindow, launchPhoneChromium, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

async function windowOf(): Promise<ConsoleWindow> {
  const window = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => window.close());
  return window;
}

test('[API-04] a provider that is set up in the console signs people in, and the login page says why it does not', async () => {
  const provider = await IdentityProvider.start();
  onTestFinished(() => provider.close());
  provider.person = { sub: 'p-1', preferred_username: 'ann', name: 'Ann Lee', groups: ['leads'] };
  const { page: form } = await administrator();
  await form.getByLabel('Name of the provider').fill('Acme account');
  await form.getByLabel('Issuer').fill(provider.issuer);
  await form.getByLabel('Client ID').fill(provider.clientId);
  await form.getByLabel('Client secret').fill(provider.clientSecret);
  await form.getByRole('button', { name: 'Add a group' }).click();
  await form.getByLabel('Group at the provider').fill('leads');
  await form.getByLabel('Role', { exact: true }).selectOption('supervisor');
  await form.getByLabel('Make accounts').click();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Single sign-on is saved').waitFor();

  const { page } = await windowOf();
  const way = page.getByRole('link', { name: 'Sign in with Acme account' });
  provider.refuses = true;
  await page.goto(`${world().product.httpUrl}/login?next=%2Fcontacts`);
  await way.click();
  await page.getByRole('alert').filter({ hasText: 'did not let you in' }).waitFor();
  provider.refuses = false;
  // The page that was wanted at first is not forgotten over it.
  await way.click();
  await page.waitForURL((url) => url.pathname === '/contacts');
  await page.getByText('Ann Lee').first().waitFor();
  await page.getByRole('link', { name: 'Active calls' }).waitFor();
  const { items } = await world().api.get<{ items: { role: string }[] }>('/users?search=ann');
  expect(items).toMatchObject([{ role: 'supervisor' }]);
});

async function administrator(): Promise<ConsoleWindow> {
  const window = await windowOf();
  await window.signIn();
  await window.goTo('/admin/sign-on');
  return window;
}
