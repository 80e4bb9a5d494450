import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, until, useWorld, type WindowOptions } from '../src/index.ts';

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

test('[SUP-01] a long name leaves the figures beside it in sight, and the pointer tells the whole of it', async () => {
  const name = world().freshName('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten');
  await world().scene({ staffed: false, queue: { name } });
  const { page } = await signedIn({ width: 1280, height: 720 });
  for (const path of ['/supervisor/queues', '/supervisor/dashboard', '/operations/queues', '/wallboard']) {
    await page.goto(`${world().product.httpUrl}${path}`);
    const link = page.getByRole('table').getByText(name, { exact: true });
    await link.waitFor();
    const hiddenPx = () =>
      link.evaluate((each) => {
        const box = each.closest('.table-scroll');
        return box === null ? -1 : box.scrollWidth - box.clientWidth;
      });
    expect.soft(await hiddenPx(), path).toBeLessThanOrEqual(1);
    if (path === '/operations/queues') {
      await link.hover();
      expect(await link.getAttribute('title')).toBe(name);
    }
  }
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

test('[API-04] a list asks for nothing that its reader may not see', async () => {
  const scene = await world().scene({ staffed: false });
  const { username, password } = scene.agent(1);
  const opened = await consoleWindow();
  await opened.signIn(username, password);
  for (const path of ['/operations/conferences', '/operations/callbacks', '/coaching', '/evaluations']) {
    await opened.goTo(path);
    await opened.settled();
  }
  expect(opened.errors).toEqual([]);
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
  await dark.page.getByRole('button', { name: /Your account, language and theme/ }).click();
  await dark.page.getByRole('menu').getByText('Light', { exact: true }).click();
  await dark.page.locator('html[data-theme=light]').waitFor();
  await dark.page.reload();
  await dark.page.locator('html[data-theme=light]').waitFor();
});

test('[REC-07] the contact tells its story, and its recording plays with both parties on their channels', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(700, { forMs: 2_500 });
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  await until('the recording to be complete', async () =>
    (await world().api.contact(contact.id)).recordings.some(({ status }) => status === 'complete'),
  );

  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/contacts`);
  await page.getByRole('row').filter({ hasText: contact.callerPhone }).first().click();
  await page.waitForURL(`**/contacts/${contact.id}`);
  await page.getByText('Timeline').first().waitFor();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForFunction(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.5);
  const durationSeconds = await page.evaluate(() => document.querySelector('audio')?.duration ?? 0);
  expect(durationSeconds).toBeGreaterThan(2);

  // What the browser decodes, measured there, each tone where it is strongest: 400 Hz of the customer on the left, 700 Hz of the agent on the right.
  const levels = await page.evaluate(async () => {
    const source = document.querySelector('audio')?.src ?? '';
    const bytes = await (await fetch(source)).arrayBuffer();
    const sound = await new OfflineAudioContext(2, 1, 48_000).decodeAudioData(bytes);
    const amplitudeOf = (samples: Float32Array, frequencyHz: number): number => {
      let [real, imaginary] = [0, 0];
      for (const [index, sample] of samples.entries()) {
        const angle = (2 * Math.PI * frequencyHz * index) / sound.sampleRate;
        real += sample * Math.cos(angle);
        imaginary += sample * Math.sin(angle);
      }
      return (2 * Math.hypot(real, imaginary)) / samples.length;
    };
    const half = sound.sampleRate / 2;
    const halves = Array.from({ length: Math.floor(sound.length / half) }, (_, index) => index * half);
    const strongest = (channel: number, frequencyHz: number): number =>
      Math.max(
        ...halves.map((from) =>
          amplitudeOf(sound.getChannelData(channel).subarray(from, from + half), frequencyHz),
        ),
      );
    return { left: [strongest(0, 400), strongest(0, 700)], right: [strongest(1, 400), strongest(1, 700)] };
  });
  const [customerLeft = 0, agentLeft = 1] = levels.left;
  const [customerRight = 1, agentRight = 0] = levels.right;
  expect(customerLeft).toBeGreaterThan(0.1);
  expect(agentRight).toBeGreaterThan(0.1);
  expect(agentLeft).toBeLessThan(0.01);
  expect(customerRight).toBeLessThan(0.01);
});

test('[QUE-01] a queue made and changed in the editor is there for the API', async () => {
  const name = world().freshName('Made in the browser');
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/operations/queues`);
  await page.getByRole('link', { name: 'New queue' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/operations\/queues\/[0-9a-f-]{36}$/);
  const { id } = await world().api.queue(name);
  await page.getByLabel('Ring time').fill('25');
  await page.getByRole('button', { name: 'Save' }).click();
  await until('the new ring time', async () => {
    const queue = await world().api.get<{ ringTimeoutSeconds: number }>(`/queues/${id}`);
    return queue.ringTimeoutSeconds === 25;
  });
  await page.reload();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('input')].some((input) => input.value === '25'),
  );
});

test('[TEAM-01] an agent made in the editor can register a phone and take a call', async () => {
  const scene = await world().scene({ staffed: false });
  const username = world().freshName('browser-agent');
  const { page } = await signedIn();
  await page.goto(`${world().product.httpUrl}/admin/users`);
  await page.getByRole('link', { name: 'New user' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(username);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('SIP password').fill('browser-agent-secret');
  await page.getByRole('button', { name: 'Create' }).click();
  const agent = await until('the agent to exist', async () => {
    return (await world().api.liveAgents()).find((each) => each.username === username);
  });
  const queue = await world().api.queue(scene.queueName);
  await world().api.request('POST', `/queues/${queue.id}/assign`, { add: [{ agentId: agent.id }] });
  const phone = await world().phone({
    username,
    password: 'browser-agent-secret',
    says: 700,
  });
  await phone.register();
  await world().api.setStatus(username, 'available');
  const customer = await (await scene.caller()).call(scene.number);
  const call = await phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(700);
});

test('[SUP-01] when the server goes away the page says so, and recovers alone', async () => {
  const scene = await world().scene({ staffed: false });
  const opened = await signedIn();
  const { page } = opened;
  await page.goto(`${world().product.httpUrl}/supervisor/dashboard`);
  const queueRow = page.getByRole('row').filter({ hasText: scene.queueName });
  await queueRow.getByText('nobody waits').waitFor();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await world().product.kill();
  await page.getByText('The live connection is lost.').waitFor();
  await world().product.start();
  await world().login();
  await page.getByText('The live connection is lost.').waitFor({ state: 'hidden' });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await queueRow.getByText('1 waiting').waitFor();
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  // The browser itself reports each attempt to connect while there was nobody.
  opened.errors.length = 0;
});

test('[SUP-01] what could not be read while the server was away is read as soon as it is back', async () => {
  const opened = await signedIn();
  const { page } = opened;
  const go = (to: string) => page.getByRole('navigation').locator(`a[href="${to}"]`).click();
  await page.goto(`${world().product.httpUrl}/contacts`);
  await page.getByRole('heading', { name: 'Contacts', exact: true }).waitFor();
  await go('/supervisor/dashboard');
  await page.getByRole('heading', { name: 'Board' }).waitFor();
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await world().product.kill();
  await page.getByText('The live connection is lost.').waitFor();
  await go('/contacts');
  const refused = page.getByText('The server does not answer').first();
  await refused.waitFor();
  await world().product.start();
  await world().login();
  await refused.waitFor({ state: 'hidden' });
  expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
  // The browser itself reports each attempt to connect while there was nobody.
  opened.errors.length = 0;
});
