import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld } from '../src/index.ts';

const world = useWorld();
let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

test('[SUP-04] an alert is acknowledged by keyboard, which leaves the focus at its row', async () => {
  const scene = await world().scene({
    staffed: false,
    queue: {
      alerts: { waitingCount: 1, longestWaitSeconds: null, serviceLevel: null, noAgents: false },
    },
  });
  const admin = await ConsoleWindow.open(browser, world().product);
  onTestFinished(() => admin.close());
  await admin.login();
  await admin.goTo('/supervisor/alerts');
  const call = await (await scene.caller()).call(scene.number);
  await call.answered();
  const { page } = admin;
  const row = page.getByRole('row').filter({ hasText: scene.queueName });
  await row.getByRole('button', { name: 'Acknowledge' }).press('Enter');
  await page.keyboard.type('Called somebody in');
  await page.keyboard.press('Enter');
  await row.getByText('Called somebody in').waitFor();
  await until('its row has the focus', () => row.evaluate((each) => each === document.activeElement));
  call.hangUp();
});
