import type { User } from '@crosspoint/contracts';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  ApiClient,
  callerToneHz,
  deskToneHz,
  launchPhoneChromium,
  type Scene,
  type SceneAgent,
  takenBy,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium('whole');
});
afterAll(() => browser?.close());

async function deskOf(agent: SceneAgent, toneHz = deskToneHz): Promise<AgentDesk> {
  const desk = await AgentDesk.open(browser, world().product, agent, { toneHz });
  onTestFinished(() => desk.window.close());
  return desk;
}

async function phoneOf(agent: SceneAgent, toneHz?: number): Promise<AgentDesk> {
  const desk = await deskOf(agent, toneHz);
  await desk.switchOn();
  return desk;
}

/** The first agent is available, at the desk. */
async function staffedDesk(scene: Scene): Promise<AgentDesk> {
  const desk = await phoneOf(scene.agent(1));
  await desk.page.keyboard.press('1');
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness }) => readiness.ready);
  return desk;
}

/** Moves on by Tab until this has the focus. */
async function tabTo(desk: AgentDesk, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  await until('the focus is there', async () => {
    if (await wanted.evaluate((element) => element === document.activeElement)) return true;
    await desk.page.keyboard.press('Tab');
    return false;
  });
}

const focused = (element: Locator): Promise<boolean> =>
  until('it has the focus', () => element.evaluate((each) => each === document.activeElement));

const told = (desk: AgentDesk, words: string | RegExp) =>
  desk.page.getByRole('status').filter({ hasText: words }).waitFor();

test('[CTL-02] [CTL-03] by keyboard alone a call is answered, held, talked over, led and left, and the focus is never lost', async () => {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const second = scene.agent(2);
  await second.phone.register();
  await world().api.setStatus(second.username, 'offline');
  const desk = await staffedDesk(scene);
  const { keyboard } = desk.page;
  const place = desk.page.getByRole('group', { name: 'Now' });
  const customer = await (await scene.caller()).call(scene.number);

  await tabTo(desk, desk.button('Answer'));
  await keyboard.press('Enter');
  await customer.answered();
  await desk.hears(callerToneHz);
  // No button takes the place of the one that is gone: a second press of Enter holds nothing.
  await focused(place);
  await tabTo(desk, desk.button('Hold'));
  await keyboard.press('Space');
  await desk.button('Resume').waitFor();
  await focused(desk.button('Resume'));
  await keyboard.press('Space');
  await desk.button('Hold').waitFor();
  await keyboard.press('m');
  await told(desk, 'Your microphone is muted');
  await keyboard.press('m');
  await told(desk, 'Your microphone is on');

  await keyboard.press('t');
  await focused(desk.page.getByRole('combobox'));
  await keyboard.type(second.username);
  await desk.page.getByRole('option', { name: second.username, selected: true }).waitFor();
  await keyboard.press('Shift+Enter');
  const declined = await second.phone.nextCall();
  await told(desk, `${second.username}: Ringing`);
  declined.reject(603);
  await desk.page
    .getByRole('alert')
    .filter({ hasText: `${second.username} did not take the call` })
    .waitFor();
  await desk.button('Hold').waitFor();
  await keyboard.press('t');
  await focused(desk.page.getByRole('combobox'));
  await keyboard.type(second.username);
  await desk.page.getByRole('option', { name: second.username, selected: true }).waitFor();
  await keyboard.press('Shift+Enter');
  const asked = await second.phone.nextCall();
  await told(desk, `${second.username}: Ringing`);
  asked.answer();
  await asked.answered();
  await told(desk, `${second.username}: Talking`);
  await keyboard.press('j');
  await desk.button('Lock').waitFor();
  await keyboard.press('l');
  await told(desk, 'The conversation is locked now');
  await keyboard.press('l');
  await told(desk, 'The conversation is open again');

  await tabTo(desk, desk.page.getByRole('button', { name: `Mute ${second.username}` }));
  await keyboard.press('Enter');
  await told(desk, `${second.username}: Muted`);
  await focused(desk.page.getByRole('button', { name: `Unmute ${second.username}` }));
  await tabTo(desk, desk.page.getByRole('button', { name: `Remove ${second.username}` }));
  await keyboard.press('Enter');
  await asked.ended();
  await told(desk, `${second.username} has left the conversation`);
  await focused(place);
  await keyboard.press('p');
  await focused(desk.page.getByRole('combobox'));
  await keyboard.press('Escape');
  await focused(place);
  await keyboard.press('e');
  await customer.ended();
});

test('[SUP-02] by keyboard alone a supervisor listens, whispers, barges in, leaves and takes over; arrows alone change nothing', async () => {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const supervisor = scene.agent(2);
  const { id } = await world().api.liveAgent(supervisor.username);
  const user = await world().api.get<User>(`/users/${id}`);
  await world().api.request('PUT', `/users/${id}`, { ...user, role: 'supervisor' });
  await world().api.setStatus(supervisor.username, 'offline');
  const desk = await staffedDesk(scene);
  const boss = await phoneOf(supervisor, 1_300);
  const { keyboard } = boss.page;
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.keyboard.press('a');
  await customer.answered();

  await boss.window.goTo('/supervisor/active-calls');
  const row = boss.page.getByRole('row').filter({ hasText: scene.agent(1).username });
  const menu = row.getByRole('button', { name: /^Supervise the call from / });
  const choose = async (mode: string) => {
    await tabTo(boss, menu);
    await keyboard.press('Enter');
    const item = boss.page.locator('[role^=menuitem]').filter({ hasText: mode });
    await item.waitFor();
    await until('the act is chosen', async () => {
      if ((await item.getAttribute('data-highlighted')) !== null) return true;
      await keyboard.press('ArrowDown');
      return false;
    });
    await keyboard.press('Enter');
  };
  const strip = boss.page.getByRole('region', { name: 'Call in this window' });
  const mode = (name: string, checked?: boolean) =>
    strip.getByRole('radio', { name, ...(checked === undefined ? {} : { checked }) });
  const asked = (): Promise<string | null | undefined> =>
    world()
      .api.calls()
      .then((calls) => calls.find(({ supervision }) => supervision !== null)?.supervision);

  // Past the navigation, as the first stop of Tab offers.
  const skip = boss.page.getByRole('link', { name: 'Skip to the content' });
  await tabTo(boss, skip);
  await keyboard.press('Enter');
  await choose('Listen');
  await mode('Listen', true).waitFor();
  await told(boss, 'Listen');
  await tabTo(boss, mode('Listen'));
  for (const name of ['Whisper', 'Barge in', 'Take over']) {
    await keyboard.press('ArrowRight');
    await focused(mode(name));
    expect(await asked()).toBe('listen');
  }
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await mode('Barge in', true).waitFor();
  await told(boss, 'Barge in');
  await keyboard.press('ArrowLeft');
  await keyboard.press('Space');
  await mode('Whisper', true).waitFor();

  await choose('Leave the call');
  await strip.waitFor({ state: 'detached' });
  await told(boss, 'You take no part in the call any more');
  await choose('Listen');
  await mode('Listen', true).waitFor();
  await choose('Take over');
  await told(boss, 'The call is yours now');
  await scene.agentIs(scene.agent(1), 'free of the customer', ({ contacts }) => contacts.length === 0);
  await tabTo(boss, strip.getByRole('button', { name: 'Hang up' }));
  await keyboard.press('Enter');
  await customer.ended();
  await strip.waitFor({ state: 'detached' });
  // The place of the button is gone; the page itself has the focus.
  await focused(boss.page.locator('#content'));
});

test('[CAR-03] a line that cannot be opened though the server answers is told with a way on, and comes back by itself', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await AgentDesk.open(browser, world().product, scene.agent(1));
  onTestFinished(() => desk.window.close());
  let isBlocked = true;
  await desk.page.routeWebSocket(/\/sip$/, (line) => {
    if (isBlocked) void line.close();
    else line.connectToServer();
  });
  await desk.page.getByRole('button', { name: 'Use this window as phone' }).click();
  const card = desk.page.getByRole('region', { name: 'Your phone' });
  await card.getByText('No line', { exact: true }).waitFor();
  await card.getByText('the browser can open no line').waitFor();
  await card.getByRole('button', { name: 'Load the page again' }).waitFor();
  isBlocked = false;
  await desk.ready();
});

test('[CAR-03] a desk whose agent serves no queue says so, and whom to ask, until a queue is there', async () => {
  const scene = await world().scene({ staffed: false });
  const { api } = world();
  const desk = await staffedDesk(scene);
  await desk.page.getByText('You are ready', { exact: true }).first().waitFor();
  const { id, queueIds } = await api.liveAgent(scene.agent(1).username);
  await api.request('PUT', `/agents/${id}`, { queues: [] });
  await desk.page.getByText('No queue yet', { exact: true }).waitFor();
  expect(await desk.page.getByText('A supervisor can add you to a queue').count()).toBeGreaterThan(0);
  expect(await desk.page.getByText('You are ready', { exact: true }).count()).toBe(0);
  await api.request('PUT', `/agents/${id}`, { queues: queueIds.map((queueId) => ({ queueId })) });
  await desk.page.getByText('You are ready', { exact: true }).first().waitFor();
});

test('[CTL-01] a desk that a colleague calls rings with the buttons of an offer, and is answered by key', async () => {
  const scene = await world().scene({ staffed: false, agents: 2 });
  const colleague = scene.agent(2);
  const { api, product } = world();
  const desk = await staffedDesk(scene);
  const { id, queueIds } = await api.liveAgent(scene.agent(1).username);
  const extension = world().freshExtension();
  await api.request('PUT', `/agents/${id}`, { extension, queues: queueIds.map((queueId) => ({ queueId })) });
  await scene.staff(colleague);
  const own = await ApiClient.login(product.httpUrl, colleague.username, colleague.password);
  await own.request('POST', '/calls', { to: extension });
  const call = await colleague.phone.nextCall();
  call.answer();
  await desk.button('Answer').waitFor();
  expect(await desk.button('Hold').count()).toBe(0);
  await desk.page.keyboard.press('a');
  await call.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.button('Hold').waitFor();
  await desk.page.keyboard.press('e');
  await call.ended();
});

test('[CTL-01] a call of a colleague that rings at the telephone on the desk is given up on the page', async () => {
  const scene = await world().scene({ agents: 2 });
  const colleague = scene.agent(2);
  const { api, product } = world();
  const desk = await deskOf(scene.agent(1));
  const { id, queueIds } = await api.liveAgent(scene.agent(1).username);
  const extension = world().freshExtension();
  await api.request('PUT', `/agents/${id}`, { extension, queues: queueIds.map((queueId) => ({ queueId })) });
  const own = await ApiClient.login(product.httpUrl, colleague.username, colleague.password);
  await own.request('POST', '/calls', { to: extension });
  const call = await takenBy(colleague.phone);
  await desk.page.getByText('Without a queue', { exact: true }).waitFor();
  await scene.agentIs(scene.agent(1), 'called', ({ activity }) => activity === 'offered');
  await desk.button('Hang up').waitFor();
  await desk.page.keyboard.press('e');
  await call.ended();
});

test('[CAR-03] a microphone that is pulled out in mid-call, without another one, is told of with a way on, and the customer stays', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.keyboard.press('a');
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.loseMicrophone();
  await desk.page.getByRole('alert').getByText('No microphone was found').waitFor();
  await desk.hears(callerToneHz);
  await desk.allowMicrophone(1_200);
  await desk.button('Try again').press('Enter');
  await customer.sound.ear.hears(1_200, { forMs: 500 });
  expect(await desk.button('Try again').count()).toBe(0);
  await desk.loseMicrophone();
  await desk.page.getByRole('alert').getByText('No microphone was found').waitFor();
  await desk.plugInMicrophone(1_300);
  await customer.sound.ear.hears(1_300, { forMs: 500 });
  await desk.page.keyboard.press('e');
  await customer.ended();
});

test('[CAR-03] a disposition chosen by arrow keys counts at once, no key is lost, and the place is kept', async () => {
  const dispositions = ['one', 'two', 'three', 'four'].map((code) => ({ code, label: `Result ${code}` }));
  const scene = await world().scene({
    staffed: false,
    queue: { wrapUp: { mode: 'timed', seconds: 600 }, dispositions },
  });
  const desk = await staffedDesk(scene);
  const { page } = desk;
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await page.keyboard.press('a');
  await page.getByRole('radio', { name: 'Result one' }).waitFor();
  customer.hangUp();
  await desk.button('Finish wrap-up').waitFor();
  await page.keyboard.press('r');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'x', 'w']) await page.keyboard.press(key);
  await scene.agentIs(scene.agent(1), 'free again', ({ activity }) => activity === 'idle');
  expect((await scene.lastContact()).disposition).toEqual(dispositions[3]);
  await focused(page.getByRole('group', { name: 'Now' }));
  expect(desk.window.errors).toEqual([]);
});
