import type { Flow, FlowTests } from '@crosspoint/contracts';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  ConsoleWindow,
  flowPath,
  launchChromium,
  recordToneHz,
  sayBriefly,
  type Scene,
  until,
  useWorld,
} from '../src/index.ts';

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

async function widthOf(place: Locator): Promise<number> {
  return (await place.boundingBox())?.width ?? 0;
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

/** What the flows of these tests lead to: a queue with an agent, one that takes nobody, and a box for messages. */
async function targets() {
  const scene = await world().scene();
  const [closed, box] = [world().freshName('closed'), world().freshName('box')];
  const one = { name: 'Opening', day: '2099-01-01', open: [{ from: '09:00', to: '10:00' }] };
  await world().api.apply({
    queues: [{ name: closed, agents: [], hours: { timeZone: 'UTC', specialDays: [one] } }],
    voicemailBoxes: [{ name: box, silenceSeconds: 2 }],
  });
  return { scene, closed, box };
}

/** Calls to that number hear the greeting and the menu; key 1 leads to the agent, key 2 to a closed queue and on to the box. */
async function callsFollow(scene: Scene, number: string, closedQueue: string): Promise<void> {
  const customer = await (await scene.caller()).call(number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 300 });
  customer.sound.sendDigits('1');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  await scene.statsAre({ offered: 1, answered: 1 });

  const phone = await scene.caller();
  const late = await phone.call(number);
  await late.answered();
  await late.sound.ear.hears('sound', { forMs: 300 });
  late.sound.sendDigits('2');
  await late.sound.ear.hears(recordToneHz, { forMs: 100 });
  sayBriefly(late, 1_500);
  await late.ended();
  const contact = await world().api.closedContact(number, phone.username);
  const ways = ['say:next', 'menu:key-2', `${closedQueue}:refused`, 'voicemail:next', 'end:end'];
  expect(flowPath(contact)).toEqual(ways);
}

test('[IVR-05] a flow that is drawn by mouse is published, a number is led to it, and calls follow it', async () => {
  const { scene, closed, box } = await targets();
  const name = world().freshName('By mouse');
  const page = await signedIn();
  await newFlow(page);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await node(page, 'say').click();
  await page.getByLabel('English').fill('Welcome.');
  const pane = page.locator('.svelte-flow__pane');
  const drag = (kind: string, x: number, y: number) =>
    page.getByRole('button', { name: `Add: ${kind}` }).dragTo(pane, { targetPosition: { x, y } });
  await drag('Menu', 20, 60);
  await page.getByLabel('English').first().fill('For help press 1, for sales press 2.');
  await drag('Queue', 320, 40);
  await page.getByLabel('Queue', { exact: true }).selectOption(scene.queueName);
  await drag('Queue', 320, 560);
  await page.getByLabel('Queue', { exact: true }).selectOption(closed);
  await drag('Voicemail', 600, 480);
  await page.getByLabel('Voicemail box', { exact: true }).selectOption(box);
  await drawArrow(page, 'say', 'next', 'menu');
  await drawArrow(page, 'menu', 'keys.1', 'queue');
  await drawArrow(page, 'menu', 'keys.2', 'queue-2');
  await drawArrow(page, 'menu', 'otherwise', 'end');
  await drawArrow(page, 'queue', 'refused', 'voicemail');
  await drawArrow(page, 'queue-2', 'refused', 'voicemail');
  await drawArrow(page, 'voicemail', 'next', 'end');
  await drawArrow(page, 'voicemail', 'failed', 'end');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
  await page.getByText('is published as version 1').waitFor();
  expect((await stored(name)).draft.nodes).toMatchObject({
    say: { next: 'menu' },
    menu: { keys: { 1: 'queue', 2: 'queue-2' }, otherwise: 'end' },
    queue: { queue: scene.queueName, refused: 'voicemail' },
    'queue-2': { queue: closed, refused: 'voicemail' },
    voicemail: { box, next: 'end', failed: 'end' },
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
  await callsFollow(scene, number, 'queue-2');
});

test('[IVR-05] an arrow held at a step near the edge leaves the step there, and beside all steps it brings out what lies beyond', async () => {
  const page = await signedIn();
  await newFlow(page);
  const pane = page.locator('.svelte-flow__pane');
  const menu = page.getByRole('button', { name: 'Add: Menu' });
  await menu.dragTo(pane, { targetPosition: { x: 20, y: 60 } });
  await node(page, 'menu').waitFor();
  const [start, end] = [
    await middleOf(node(page, 'say').locator('[data-handleid="next"]')),
    await middleOf(node(page, 'menu').locator('.svelte-flow__handle-left')),
  ];
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame += 1) {
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
  };
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
  await page.mouse.move(end.x, end.y, { steps: 5 });
  await frames(20);
  expect(await middleOf(node(page, 'menu').locator('.svelte-flow__handle-left'))).toEqual(end);
  const canvas = await page.getByRole('group', { name: 'Steps of the flow' }).boundingBox();
  if (canvas === null) throw new Error('There is no canvas.');
  await page.mouse.move(canvas.x + 34, canvas.y + canvas.height / 2, { steps: 5 });
  await until('the steps to come in from the left', async () => {
    const { x } = await middleOf(node(page, 'menu').locator('.svelte-flow__handle-left'));
    return x > end.x + 40;
  });
  // Away from the edge it stands still again.
  await page.mouse.move(canvas.x + canvas.width / 2, canvas.y + canvas.height / 2, { steps: 5 });
  await frames(2);
  const now = await middleOf(node(page, 'menu').locator('.svelte-flow__handle-left'));
  await page.mouse.move(now.x, now.y, { steps: 5 });
  await page.mouse.up();
  await node(page, 'say').click();
  expect(await page.getByRole('combobox', { name: 'then', exact: true }).inputValue()).toBe('menu');
});

/** The builder under one's fingers. */
function keysOf(page: Page) {
  const { keyboard } = page;
  return {
    /** Opens the selected step and fills the field of it that has the focus then. */
    fill: async (name: string, field: Locator, words: string) => {
      await keyboard.press('Enter');
      await focusOn('the field', field);
      await keyboard.type(words);
      await keyboard.press('Escape');
      await focusOn('the step', node(page, name));
    },
    /** Leads a way of the selected step to another one; the first way that leads nowhere yet unless one is named. */
    lead: async (to: string, way?: string) => {
      await keyboard.press('c');
      await focusOn('the targets', page.getByLabel('Leads to'));
      if (way !== undefined) {
        await keyboard.press('Shift+Tab');
        await keyboard.type(way);
        await keyboard.press('Tab');
      }
      await keyboard.type(to);
      await keyboard.press('Enter');
      if (to !== 'New') await page.getByRole('dialog').waitFor({ state: 'hidden' });
    },
    /** Chooses the kind of a step that is asked for, which gets that name. */
    choose: async (kind: string, name: string) => {
      await focusOn('the kinds', page.getByLabel('What happens there'));
      await keyboard.type(kind);
      await keyboard.press('Enter');
      await focusOn('the new step', node(page, name));
    },
    go: async (key: string, name: string) => {
      await keyboard.press(key);
      await focusOn(name, node(page, name));
    },
  };
}

test('[IVR-05] a flow is made by keyboard alone, and calls follow it', async () => {
  const { scene, closed, box } = await targets();
  const name = world().freshName('By keyboard');
  const page = await signedIn();
  const { keyboard } = page;
  const { fill, lead, choose, go } = keysOf(page);
  const queues = page.getByLabel('Queue', { exact: true });
  await newFlow(page);
  await tabTo(page, node(page, 'say'));
  await fill('say', page.getByLabel('English'), 'Welcome.');
  await keyboard.press('a');
  await choose('menu', 'menu');
  await fill('menu', page.getByLabel('English'), 'For help press 1, for sales press 2.');
  // The first key leads to the end already; the second one to a new step.
  await lead('New');
  await choose('queue', 'queue');
  await fill('queue', queues, closed);
  await lead('New');
  await choose('voicemail', 'voicemail');
  await fill('voicemail', page.getByLabel('Voicemail box', { exact: true }), box);
  await lead('end');
  await lead('end');
  await go('ArrowLeft', 'queue');
  await go('ArrowLeft', 'menu');
  await lead('end');
  await lead('New', 'Key 1');
  await choose('queue', 'queue-2');
  await fill('queue-2', queues, scene.queueName);
  await lead('voicemail');
  await keyboard.press('Escape');
  await keyboard.press('Control+z');
  await keyboard.press('Control+y');
  await keyboard.press('?');
  await page.getByText('duplicate it', { exact: true }).waitFor();
  await keyboard.press('?');
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
      prompt: [{ text: { en: 'For help press 1, for sales press 2.' } }],
      keys: { 1: 'queue-2', 2: 'queue' },
      otherwise: 'end',
    },
    queue: { queue: closed, refused: 'voicemail' },
    'queue-2': { queue: scene.queueName, refused: 'voicemail' },
    voicemail: { box, next: 'end', failed: 'end' },
  });
  const number = world().freshNumber();
  await world().api.apply({ numbers: [{ number, target: { flow: name } }] });
  await callsFollow(scene, number, 'queue');
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

test('[IVR-06] a sample call is kept as a test, runs with every change, and fails before callers do', async () => {
  const { api } = world();
  const flow = await api.request<Flow>('POST', '/ivr/flows', {
    ...{ name: world().freshName('Tested'), start: 'menu' },
    nodes: {
      menu: {
        ...{ kind: 'menu', bargeIn: false, prompt: [{ text: { en: 'Press 1.' } }] },
        ...{ keys: { 1: 'thanks' }, otherwise: 'bye' },
      },
      thanks: { kind: 'end', prompt: [{ text: { en: 'Thank you.' } }] },
      bye: { kind: 'end', prompt: [{ text: { en: 'Goodbye.' } }] },
    },
  });
  const page = await signedIn();
  await page.goto(`${world().product.httpUrl}/operations/ivr/test?flow=${flow.id}`);
  await page.getByRole('button', { name: 'Start a sample call' }).click();
  await page.getByRole('button', { name: /^Key nothing for/ }).waitFor();
  await page.getByRole('button', { name: 'Key 1', exact: true }).click();
  const course = page.getByRole('list', { name: 'Course of the sample call' });
  await course.getByText('Thank you.').waitFor();
  await course.getByText('Over:').waitFor();
  await page.getByRole('button', { name: 'Keep as a test' }).click();
  const dialog = page.getByRole('dialog');
  const text = dialog.getByLabel('The test as YAML');
  await until('the test to be written', async () => (await text.inputValue()).includes('menu:key-1'));
  const written = await text.inputValue();
  await text.fill(written.replace('keys: "1"', 'keys: one'));
  await dialog.getByText('holds something else than keys').waitFor();
  await text.fill(written.replace('name: test 1', 'name: one leads to thanks'));
  await dialog.getByRole('button', { name: 'Save' }).click();
  const tests = page.getByRole('region', { name: 'Tests' });
  await tests.getByText('Passed: 1').waitFor();
  const { tests: kept } = await api.get<FlowTests>(`/ivr/flows/${flow.id}/tests`);
  expect(kept).toMatchObject([
    {
      ...{ name: 'one leads to thanks', steps: [{ hearsAll: true }, { keys: '1' }] },
      expect: { path: ['menu:key-1', 'thanks:end'] },
    },
  ]);

  // Somebody leads the key elsewhere: the test says so at once, and so does whoever would publish it.
  await page.getByText('Step', { exact: true }).first().click();
  await node(page, 'menu').click();
  for (const [way, step] of [
    ['Key 1', 'bye'],
    ['no valid key', 'thanks'],
  ] as const) {
    const select = page.getByRole('combobox', { name: way, exact: true });
    // Which steps there are is listed when somebody turns to the field.
    await select.focus();
    await select.selectOption(step);
  }
  await page.getByText('Test', { exact: true }).first().click();
  await tests.getByText('Failed: 1').waitFor();
  await tests.getByText('Expected the way menu:key-1 thanks:end, got menu:key-1 bye:end.').waitFor();
  await tests.getByRole('button', { name: 'one leads to thanks', exact: true }).click();
  await course.getByText('Goodbye.').waitFor();
  await page.locator('.node.lit[data-node="menu"]').waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByRole('dialog').getByText('Tests of this flow that fail: 1').waitFor();
  await page.keyboard.press('Escape');

  // The file that the page saves is one that the command runs.
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await tests.getByText('Passed: 1').waitFor();
  const saving = page.waitForEvent('download');
  await tests.getByRole('button', { name: 'Save as a file' }).click();
  const file = await (await saving).path();
  const ran = await world().product.cli('test', file);
  expect(ran.output).toContain('1 passed, 0 failed');
  expect(ran.code).toBe(0);
  await page.getByRole('button', { name: 'Delete one leads to thanks' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await tests.getByText('No tests yet.').waitFor();
  await tests.getByLabel('Open a file').setInputFiles(file);
  await tests.getByText('Passed: 1').waitFor();
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

  // The wheel on the small map brings it nearer.
  const map = page.getByRole('img', { name: 'Small map of the flow' });
  const wide = await widthOf(node(page, 'bye'));
  await map.hover();
  await page.mouse.wheel(0, -400);
  await until('the steps to be larger', async () => (await widthOf(node(page, 'say-60'))) > wide);
});
