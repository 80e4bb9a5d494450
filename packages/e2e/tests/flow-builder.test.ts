import type { Flow } from '@crosspoint/contracts';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ConsoleWindow, launchChromium, type Scene, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser?.close());

/** @param refusals answers that are no fault of the page. */
async function signedIn(refusals: RegExp = /^$/): Promise<Page> {
  const opened = await ConsoleWindow.open(browser, world().product, { width: 1600, height: 900 });
  onTestFinished(async () => {
    await opened.close();
    expect(opened.errors.filter((error) => !refusals.test(error))).toEqual([]);
  });
  await opened.signIn();
  return opened.page;
}

async function newFlow(page: Page): Promise<void> {
  await page.goto(`${world().product.httpUrl}/operations/ivr/builder`);
  await node(page, 'say').waitFor();
}

const node = (page: Page, name: string): Locator => page.locator(`[data-node="${name}"]`);

async function middleOf(place: Locator): Promise<{ x: number; y: number }> {
  const box = await place.boundingBox();
  if (box === null) throw new Error('It is not on the screen.');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Draws an arrow from a way out of a node to another node. */
async function drawArrow(page: Page, from: string, exit: string, to: string): Promise<void> {
  const start = await middleOf(node(page, from).locator(`[data-handleid="${exit}"]`));
  const end = await middleOf(node(page, to).locator('.svelte-flow__handle-left'));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
  await page.mouse.move(end.x, end.y, { steps: 5 });
  await page.mouse.up();
}

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 100; presses += 1) {
    await page.keyboard.press('Tab');
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('The Tab key does not come there.');
}

/** Waits until the keyboard is there. */
async function focusOn(what: string, target: Locator): Promise<void> {
  await target.waitFor();
  await until(`the focus on ${what}`, () => target.evaluate((element) => element === document.activeElement));
}

async function stored(name: string): Promise<Flow> {
  return until(`the flow ${name} to be published`, async () => {
    const { items } = await world().api.request<{ items: Flow[] }>('GET', '/ivr/flows');
    return items.find((flow) => flow.name === name && flow.state === 'published');
  });
}

/** A call to that number is answered by the flow and, after those keys, by the agent. */
async function reachesTheAgent(scene: Scene, number: string, keys = ''): Promise<void> {
  const customer = await (await scene.caller()).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  if (keys !== '') customer.sound.sendDigits(keys);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  await scene.statsAre({ offered: 1, answered: 1 });
}

test('[IVR-05] a flow that is drawn by mouse is published, a number is led to it, and a call follows it', async () => {
  const scene = await world().scene();
  const name = world().freshName('By mouse');
  const page = await signedIn();
  await newFlow(page);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await node(page, 'say').click();
  await page.getByLabel('English').fill('Welcome. Please hold the line.');
  const pane = page.locator('.svelte-flow__pane');
  await page.getByRole('button', { name: 'Add: Queue' }).dragTo(pane, { targetPosition: { x: 320, y: 560 } });
  await page.getByLabel('Queue', { exact: true }).selectOption(scene.queueName);
  await drawArrow(page, 'say', 'next', 'queue');
  await drawArrow(page, 'queue', 'refused', 'end');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await page.getByText('is published as version 1').waitFor();
  expect((await stored(name)).draft.nodes).toMatchObject({
    say: { next: 'queue' },
    queue: { queue: scene.queueName, refused: 'end' },
  });

  const number = world().freshNumber();
  await page.goto(`${world().product.httpUrl}/admin/numbers`);
  await page.getByRole('button', { name: 'New number' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox').fill(number);
  await dialog.getByLabel('Leads to').selectOption('Flow');
  await dialog.getByLabel('Flow', { exact: true }).selectOption(name);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name }).waitFor();
  await reachesTheAgent(scene, number);
});

test('[IVR-05] a flow is made by keyboard alone, and a call follows it', async () => {
  const scene = await world().scene();
  const name = world().freshName('By keyboard');
  const page = await signedIn();
  const { keyboard } = page;
  await newFlow(page);
  await tabTo(page, node(page, 'say'));
  await keyboard.press('Enter');
  await focusOn('the text', page.getByLabel('English'));
  await keyboard.type('Welcome.');
  await keyboard.press('Escape');
  await focusOn('the step', node(page, 'say'));
  await keyboard.press('a');
  await focusOn('the kinds', page.getByLabel('What happens there'));
  await keyboard.type('menu');
  await keyboard.press('Enter');
  await focusOn('the menu', node(page, 'menu'));
  await keyboard.press('Enter');
  await focusOn('the text', page.getByLabel('English'));
  await keyboard.type('For help press 2.');
  await keyboard.press('Escape');
  await focusOn('the menu', node(page, 'menu'));
  // The first key leads to the end already; the second one to a new step.
  await keyboard.press('c');
  await focusOn('the targets', page.getByLabel('Leads to'));
  await keyboard.type('New');
  await keyboard.press('Enter');
  await focusOn('the kinds', page.getByLabel('What happens there'));
  await keyboard.type('queue');
  await keyboard.press('Enter');
  await focusOn('the queue', node(page, 'queue'));
  await keyboard.press('Enter');
  await focusOn('the queues', page.getByLabel('Queue', { exact: true }));
  await keyboard.type(scene.queueName);
  await keyboard.press('Escape');
  for (const from of ['queue', 'menu']) {
    if (from === 'menu') await keyboard.press('ArrowLeft');
    await focusOn(from, node(page, from));
    await keyboard.press('c');
    await focusOn('the targets', page.getByLabel('Leads to'));
    await keyboard.type('end');
    await keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  }
  await keyboard.press('Escape');
  await keyboard.press('Control+z');
  await keyboard.press('Control+y');
  // With no step selected the flow's own settings are shown.
  await tabTo(page, page.getByLabel('Name', { exact: true }));
  await keyboard.type(name);
  await keyboard.press('Control+s');
  await page.getByText(`${name} is saved`).waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).focus();
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Publish' }));
  await keyboard.press('Enter');
  const { draft } = await stored(name);
  expect(draft.nodes).toMatchObject({
    say: { prompt: [{ text: { en: 'Welcome.' } }], next: 'menu' },
    menu: {
      prompt: [{ text: { en: 'For help press 2.' } }],
      keys: { 1: 'end', 2: 'queue' },
      otherwise: 'end',
    },
    queue: { queue: scene.queueName, refused: 'end' },
  });
  const number = world().freshNumber();
  await world().api.apply({ numbers: [{ number, target: { flow: name } }] });
  await reachesTheAgent(scene, number, '2');
});

test('[IVR-05] a sample call lights up its path; of two people who edit, neither loses anything', async () => {
  const scene = await world().scene({ staffed: false });
  const { api } = world();
  const flow = await api.request<Flow>('POST', '/ivr/flows', {
    ...{ name: `try ${scene.queueName}`, start: 'menu' },
    nodes: {
      menu: { kind: 'menu', prompt: [{ text: { en: 'Press 1.' } }], keys: { 1: 'help' }, otherwise: 'bye' },
      help: { kind: 'queue', queue: scene.queueName, refused: 'bye' },
      bye: { kind: 'end', prompt: [{ text: { en: 'Goodbye.' } }] },
    },
  });
  const page = await signedIn(/412/);
  await page.goto(`${world().product.httpUrl}/operations/ivr/test?flow=${flow.id}`);
  await page.getByRole('button', { name: 'Start a sample call' }).click();
  const course = page.getByRole('list', { name: 'Course of the sample call' });
  await course.getByText('Press 1.').waitFor();
  await page.getByRole('button', { name: 'Key 1', exact: true }).click();
  await course.getByText(`To the queue ${scene.queueName}`).waitFor();
  await page.locator('.node.lit[data-node="menu"]').waitFor();
  await page.locator('.node.here[data-node="help"]').waitFor();
  await page.getByRole('button', { name: 'The queue is full' }).click();
  await course.getByText('Goodbye.').waitFor();

  await page.getByText('Step', { exact: true }).first().click();
  await node(page, 'bye').click();
  await page.getByLabel('English').fill('Goodbye, and thank you.');
  const nodes = { ...flow.draft.nodes, menu: { ...flow.draft.nodes['menu'], timeoutSeconds: 9 } };
  await api.request('PUT', `/ivr/flows/${flow.id}`, { ...flow.draft, nodes });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody changed it meanwhile').waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('both changes to be stored', async () => {
    const { draft } = await api.request<Flow>('GET', `/ivr/flows/${flow.id}`);
    const text = JSON.stringify(draft.nodes);
    return text.includes('and thank you') && text.includes('"timeoutSeconds":9');
  });
});

test('[IVR-05] of a long flow everything can be seen at once, and a step found again from there', async () => {
  const steps = 120;
  const chain = Array.from({ length: steps }, (_, index) => [
    `say-${index}`,
    {
      kind: 'say',
      prompt: [{ text: { en: `Words ${index}.` } }],
      next: index + 1 < steps ? `say-${index + 1}` : 'bye',
    },
  ]);
  const flow = await world().api.request<Flow>('POST', '/ivr/flows', {
    ...{ name: world().freshName('Long'), start: 'say-0' },
    nodes: { ...Object.fromEntries(chain), bye: { kind: 'end' } },
  });
  const page = await signedIn();
  await page.goto(`${world().product.httpUrl}/operations/ivr/builder?flow=${flow.id}`);
  await node(page, 'say-0').waitFor();
  expect(await page.locator('[data-node]').count()).toBeLessThan(steps);
  await page.getByRole('button', { name: 'Show everything' }).click();
  // Steps out of sight of a long flow are not in the page.
  await until('every step to be in sight', async () => {
    return (await page.locator('[data-node]').count()) === steps + 1;
  });
  const canvas = await page.getByRole('group', { name: 'Steps of the flow' }).boundingBox();
  for (const name of ['say-0', 'bye']) {
    const { x } = await middleOf(node(page, name));
    expect(x).toBeGreaterThan(canvas?.x ?? 0);
    expect(x).toBeLessThan((canvas?.x ?? 0) + (canvas?.width ?? 0));
  }
});
