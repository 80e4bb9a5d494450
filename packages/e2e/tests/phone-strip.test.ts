import type { User } from '@crosspoint/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  callerToneHz,
  deskToneHz,
  expectMatrix,
  launchPhoneChromium,
  type Scene,
  type SceneAgent,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const bossToneHz = 1_300;
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

/** Somebody whose window is the telephone. */
async function phoneOf(agent: SceneAgent, toneHz = deskToneHz): Promise<AgentDesk> {
  const desk = await AgentDesk.open(browser, world().product, agent, { toneHz });
  onTestFinished(async () => {
    await desk.window.close();
    // A leg that is over is nobody's any more when the page still asks about it.
    expect(desk.window.errors.filter((text) => !/status of 40[49]/.test(text))).toEqual([]);
  });
  await desk.switchOn();
  return desk;
}

/** The first agent is available, at the desk. */
async function staffedDesk(scene: Scene): Promise<AgentDesk> {
  const desk = await phoneOf(scene.agent(1));
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness }) => readiness.ready);
  return desk;
}

const strip = (desk: AgentDesk) => desk.page.getByRole('region', { name: 'Call in this window' });

test('[CAR-03] whoever looks at another page while it rings answers there, and sees the call on every page', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  await desk.page.getByRole('link', { name: 'Contacts', exact: true }).click();
  await desk.page.waitForURL((url) => url.pathname === '/contacts');
  const customer = await (await scene.caller()).call(scene.number);
  await strip(desk).getByText('Your phone rings').waitFor();
  await strip(desk).getByRole('button', { name: 'Answer' }).click();
  await customer.answered();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);

  await strip(desk).getByRole('button', { name: 'Mute' }).click();
  await customer.sound.ear.hears('silence', { forMs: 500 });
  await strip(desk).getByRole('button', { name: 'Unmute' }).click();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });

  await strip(desk).getByRole('link', { name: 'To the desk' }).click();
  await desk.button('Hang up').waitFor();
  // The desk has the same for the contact in hand.
  await strip(desk).waitFor({ state: 'detached' });
  await desk.page.keyboard.press('e');
  await customer.ended();
});

test('[SUP-02] a supervisor in a browser listens, whispers and barges in, leaves, and takes over: who hears whom', async () => {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const supervisor = scene.agent(2);
  const { id } = await world().api.liveAgent(supervisor.username);
  const user = await world().api.get<User>(`/users/${id}`);
  await world().api.request('PUT', `/users/${id}`, { ...user, role: 'supervisor' });
  await world().api.setStatus(supervisor.username, 'offline');
  const desk = await staffedDesk(scene);
  const boss = await phoneOf(supervisor, bossToneHz);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();

  await boss.window.goTo('/supervisor/active-calls');
  const row = boss.page.getByRole('row').filter({ hasText: scene.agent(1).username });
  const supervise = async (mode: string) => {
    await row.getByRole('button', { name: 'Supervise' }).click();
    await boss.page.locator('[role^=menuitem]').filter({ hasText: mode }).click();
  };
  const change = (mode: string) => strip(boss).getByText(mode, { exact: true }).click();
  const matrix = (ofCustomer: number[], ofAgent: number[]) =>
    expectMatrix([
      [customer, callerToneHz, ofCustomer],
      [desk, deskToneHz, ofAgent],
      [boss, bossToneHz, [callerToneHz, deskToneHz]],
    ]);

  // The window takes the call that was asked for there by itself.
  await supervise('Listen');
  await strip(boss).getByRole('radio', { name: 'Listen', checked: true }).waitFor();
  await matrix([deskToneHz], [callerToneHz]);
  await change('Whisper');
  await matrix([deskToneHz], [callerToneHz, bossToneHz]);
  await change('Barge in');
  await matrix([deskToneHz, bossToneHz], [callerToneHz, bossToneHz]);
  await change('Listen');
  await matrix([deskToneHz], [callerToneHz]);
  await strip(boss).getByRole('button', { name: 'Leave the call' }).click();
  await strip(boss).waitFor({ state: 'detached' });
  await expectMatrix([
    [customer, callerToneHz, [deskToneHz]],
    [desk, deskToneHz, [callerToneHz]],
  ]);

  await supervise('Take over');
  await expectMatrix([
    [customer, callerToneHz, [bossToneHz]],
    [boss, bossToneHz, [callerToneHz]],
  ]);
  await scene.agentIs(scene.agent(1), 'free of the customer', ({ contacts }) => contacts.length === 0);
  await strip(boss).getByRole('button', { name: 'Hang up' }).click();
  await customer.ended();
  const { segments } = await scene.lastContact();
  expect(segments.at(-1)).toMatchObject({ agent: supervisor.username, kind: 'conversation' });
});
