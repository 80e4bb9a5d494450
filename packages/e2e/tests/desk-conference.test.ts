import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  callerToneHz,
  deskToneHz,
  hearsExactly,
  launchPhoneChromium,
  speech,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const colleagueToneHz = 850;
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

/** An agent at the desk talks with a customer; a colleague has a telephone. */
async function conversation() {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { recording: 'always' } });
  const [leader, colleague] = [scene.agent(1), scene.agent(2)];
  await world().api.setStatus(colleague.username, 'offline');
  await colleague.phone.register();
  const desk = await AgentDesk.open(browser, world().product, leader);
  onTestFinished(async () => {
    await desk.window.close();
    expect(desk.window.errors.filter((text) => !/status of 40[49]/.test(text))).toEqual([]);
  });
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(leader, 'ready in the browser', ({ readiness, devices }) => {
    return readiness.ready && devices.some(({ kind, reachable }) => kind === 'browser' && reachable);
  });
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.keyboard.press('a');
  await customer.answered();
  await desk.hears(callerToneHz);
  return { scene, desk, customer, colleague };
}

test('[CTL-03] from the desk a colleague is called in, muted and removed, and the conversation is locked and ended for all', async () => {
  const { scene, desk, customer, colleague } = await conversation();
  const callIn = async () => {
    await desk.page.keyboard.press('p');
    await desk.page.getByRole('combobox').fill(colleague.username);
    await desk.page.getByRole('option', { name: colleague.username }).waitFor();
    await desk.page.keyboard.press('Enter');
  };
  await callIn();
  const party = await colleague.phone.nextCall();
  const parties = desk.page.getByRole('region', { name: 'Who else takes part' });
  await parties.getByRole('listitem').filter({ hasText: colleague.username }).getByText('Ringing').waitFor();
  party.answer();
  await party.answered();
  await Promise.all([
    hearsExactly(customer, [deskToneHz, colleagueToneHz], [callerToneHz]),
    hearsExactly(party, [deskToneHz, callerToneHz], [colleagueToneHz]),
  ]);

  await desk.button(`Mute ${colleague.username}`).click();
  await parties.getByText('Muted').waitFor();
  await hearsExactly(customer, [deskToneHz], [colleagueToneHz]);
  await desk.button(`Unmute ${colleague.username}`).click();
  await hearsExactly(customer, [deskToneHz, colleagueToneHz], []);

  await desk.page.keyboard.press('l');
  await desk.button('Unlock').waitFor();
  expect(await desk.button('Add somebody').isDisabled()).toBe(true);
  await desk.button('Unlock').click();
  await desk.button('Lock').waitFor();
  await desk.button(`Remove ${colleague.username}`).click();
  await party.ended();
  await parties.waitFor({ state: 'hidden' });

  await callIn();
  const again = await colleague.phone.nextCall();
  again.answer();
  await again.answered();
  await desk.button(`Remove ${colleague.username}`).waitFor();
  await desk.page.keyboard.press('g');
  await desk.page.getByRole('dialog').getByRole('button', { name: 'End for everybody' }).click();
  await Promise.all([customer.ended(), again.ended()]);
  const { timeline } = await scene.lastContact();
  const told = timeline.map(({ type }) => type);
  expect(told.filter((type) => type === 'party.joined')).toHaveLength(2);
  expect(told.filter((type) => type === 'party.left')).toHaveLength(2);
  expect(told.filter((type) => type === 'conference.locked')).toHaveLength(2);
});

test('[CTL-01] the desk pauses the recording by key and takes it up again', async () => {
  const { scene, desk, customer } = await conversation();
  await desk.button('Pause recording').waitFor();
  await desk.page.keyboard.press('i');
  await desk.page.getByText('Recording is paused').waitFor();
  await desk.page.keyboard.press('i');
  await desk.button('Pause recording').waitFor();
  customer.hangUp();
  const { timeline } = await scene.lastContact();
  const paused = timeline.find(({ type }) => type === 'recording.paused');
  expect(paused?.data).toMatchObject({ reason: 'Sensitive details' });
  expect(timeline.some(({ type }) => type === 'recording.resumed')).toBe(true);
});

test('[VM-07] an agent finds a message of the own box on the desk, hears it and marks it as heard', async () => {
  const box = world().freshName('box of the desk');
  const overflow = [{ condition: { when: 'waited' as const, afterSeconds: 1 }, target: { voicemail: box } }];
  await world().api.apply({ voicemailBoxes: [{ name: box, silenceSeconds: 20 }] });
  const scene = await world().scene({ agents: 2, staffed: false, queue: { overflow } });
  const [owner, stranger] = [scene.agent(1), scene.agent(2)];
  await world().api.apply({ voicemailBoxes: [{ name: box, silenceSeconds: 20, agents: [owner.username] }] });
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await customer.sound.ear.hears(1_000, { forMs: 200 });
  customer.sound.say(speech(callerToneHz));
  await until('four seconds of the message', async () => {
    const recording = (await world().api.recordings()).find(({ number }) => number === scene.number);
    return recording !== undefined && Date.now() - Date.parse(recording.startedAt) > 4_000;
  });
  customer.hangUp();
  await scene.lastContact();

  const desk = await AgentDesk.open(browser, world().product, owner);
  onTestFinished(() => desk.window.close());
  const card = desk.page.getByRole('region', { name: 'New voicemail' });
  await card.getByRole('link', { name: caller.username }).click();
  await desk.button(`Call ${caller.username}`).waitFor();
  const player = desk.page.getByRole('region', { name: 'Player' });
  await player.getByRole('button', { name: 'Play' }).click();
  await until('the message to be played', () =>
    desk.page.evaluate(() => (document.querySelector('audio')?.currentTime ?? 0) > 0.5),
  );
  await desk.button('Mark as heard').click();
  await desk.page.getByText('No messages').waitFor();
  await player.waitFor();
  expect(desk.window.errors).toEqual([]);

  const other = await AgentDesk.open(browser, world().product, stranger);
  onTestFinished(() => other.window.close());
  await other.window.goTo('/operations/voicemails?state=all');
  await other.page.getByText('None names you.').waitFor();
  expect(await other.page.getByText(caller.username).count()).toBe(0);
  expect(other.window.errors).toEqual([]);
});
