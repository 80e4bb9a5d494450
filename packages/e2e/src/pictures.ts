/**
 * `npm run pictures -w @crosspoint/e2e`: makes the pictures of the guides anew, into `docs/images/`. A reception with
 * three queues answers real calls meanwhile, so that figures and logs show what happened.
 */
import { join } from 'node:path';
import type { Flow, RoutingDraft } from '@crosspoint/contracts';
import type { Locator, Page } from 'playwright-core';
import { ConsoleWindow, launchChromium } from './browser/index.ts';
import { checkoutDir } from './product/index.ts';
import { until } from './wait.ts';
import { type Scene, World } from './world.ts';

const folder = join(checkoutDir, 'docs/images');
const number = '+420555010100';
const rulesNumber = '+420555010200';
const callers = [
  '+420601234567',
  '+420602345678',
  '+34911223344',
  '+447700900123',
  '+420603456789',
  '+420604567890',
];

const text = (en: string, es: string, cs: string) => [{ text: { en, es, cs } }];
const nodes = (sales: string, support: string) => ({
  welcome: {
    kind: 'say',
    prompt: text('Welcome to Northwind.', 'Bienvenido a Northwind.', 'Dobrý den, volali jste Northwind.'),
    next: 'menu',
  },
  menu: {
    kind: 'menu',
    prompt: text(
      'For sales press one. For support press two.',
      'Para ventas, pulse uno. Para asistencia, pulse dos.',
      'Pro prodej stiskněte jedničku. Pro podporu dvojku.',
    ),
    keys: { 1: 'sales', 2: 'support' },
    otherwise: 'message',
  },
  sales: { kind: 'queue', queue: sales, refused: 'message' },
  support: { kind: 'queue', queue: support, refused: 'message' },
  message: { kind: 'voicemail', box: 'office', next: 'goodbye', failed: 'goodbye' },
  goodbye: { kind: 'end', prompt: text('Goodbye.', 'Adiós.', 'Na shledanou.') },
});

const world = await World.start();
const browser = await launchChromium();
const { api } = world;
try {
  const sales = await world.scene({ queue: { name: 'sales' } });
  const support = await world.scene({ queue: { name: 'support' } });
  await api.apply({ voicemailBoxes: [{ name: 'office' }] });
  const flow = await makeFlow(sales, support);
  await makeRules();
  await callThem(sales, support);
  const opened = await ConsoleWindow.open(browser, world.product, { width: 1440, height: 860 });
  await opened.login();
  await takePictures(opened.page, flow);
} finally {
  await browser.close();
  await world.stop();
}

async function makeFlow(sales: Scene, support: Scene): Promise<Flow> {
  const document = { name: 'Reception', start: 'welcome', nodes: nodes(sales.queueName, support.queueName) };
  const { id } = await api.request<Flow>('POST', '/ivr/flows', document);
  await api.request('POST', `/ivr/flows/${id}/publish`, {});
  await api.apply({
    numbers: [
      { number, target: { flow: 'Reception' } },
      { number: rulesNumber, target: { rules: true } },
    ],
  });
  return api.request<Flow>('GET', `/ivr/flows/${id}`);
}

async function makeRules(): Promise<void> {
  const add = (rule: object) => api.request('POST', '/routing/rules', rule);
  await add({
    name: 'Spanish callers',
    when: {
      all: [
        { field: 'country', is: 'one-of', values: ['ES'] },
        { field: 'dialled', is: 'one-of', values: [rulesNumber] },
      ],
    },
    targets: [{ to: { queue: 'sales' } }],
    fallbacks: [{ voicemail: 'office' }],
  });
  await add({
    name: 'Support is crowded',
    when: {
      any: [
        { field: 'queue', queue: 'support', figure: 'waiting', is: 'at-least', value: 10 },
        { field: 'queue', queue: 'support', figure: 'ready', is: 'at-most', value: 0 },
      ],
    },
    targets: [
      { to: { flow: 'Reception' }, weight: 3 },
      { to: { queue: 'sales' }, weight: 1 },
    ],
    share: 50,
  });
  await add({
    name: 'Everybody else',
    targets: [{ to: { queue: 'support' } }],
    fallbacks: [{ voicemail: 'office' }],
  });
  await api.request<RoutingDraft>('POST', '/routing/rules/publish', {});
}

/** Some press a key, some none, one hangs up; two more come by the rules. */
async function callThem(sales: Scene, support: Scene): Promise<void> {
  for (const scene of [sales, support]) scene.agent(1).phone.onCall = (call) => call.answer();
  for (const [index, username] of callers.entries()) {
    const dialled = index < 4 ? number : rulesNumber;
    const caller = await (await sales.caller({ username })).call(dialled);
    await caller.answered();
    await caller.sound.ear.hears('sound', { forMs: 300 });
    const isKeying = dialled === number && index < 3;
    if (isKeying) caller.sound.sendDigits(index === 0 ? '1' : '2');
    if (isKeying || dialled === rulesNumber) {
      await until('an agent to answer', async () =>
        (await api.calls()).some(({ state }) => state === 'talking'),
      );
    }
    caller.hangUp();
    await until('the call to be over', async () => (await api.calls()).length === 0);
  }
}

async function takePictures(page: Page, flow: Flow): Promise<void> {
  const open = async (path: string): Promise<void> => {
    await page.goto(`${world.product.httpUrl}${path}`);
    await page.waitForLoadState('networkidle');
  };
  const shoot = (name: string, of: Page | Locator = page) =>
    of.screenshot({ path: join(folder, `${name}.png`) });
  await open(`/operations/ivr/builder?flow=${flow.id}`);
  await page.locator('[data-node="menu"]').click();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await shoot('flow-builder');
  await open(`/operations/ivr/test?flow=${flow.id}`);
  await page.getByRole('button', { name: 'Start a sample call' }).click();
  await page.getByRole('button', { name: 'Key 2', exact: true }).click();
  await page.locator('.node.here[data-node="support"]').waitFor();
  await page.getByRole('button', { name: 'Show everything' }).click();
  await shoot('flow-sample-call');
  await open('/admin/numbers');
  await shoot('flow-number');
  await open('/operations/routing');
  await shoot('rules');
  await page.getByRole('button', { name: 'Edit rule Support is crowded' }).click();
  await page.getByRole('dialog').waitFor();
  await shoot('rule', page.getByRole('dialog'));
}
