import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  callerToneHz,
  decodeAudio,
  deskToneHz,
  launchPhoneChromium,
  type Scene,
  secondsOf,
  soundings,
  temporaryFolder,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

async function openDesk(scene: Scene, options?: { microphoneFault?: string }): Promise<AgentDesk> {
  const desk = await AgentDesk.open(browser, world().product, scene.agent(1), options);
  onTestFinished(async () => {
    await desk.window.close();
    // The browser itself writes refused requests and lost connections to its console.
    const own = desk.window.errors.filter((text) => !/status of 409|WebSocket connection/.test(text));
    expect(own).toEqual([]);
  });
  return desk;
}

/** A desk whose window is the telephone, and whose agent is available. */
async function staffedDesk(scene: Scene): Promise<AgentDesk> {
  const desk = await openDesk(scene);
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness, devices }) => {
    return readiness.ready && devices.some(({ kind, reachable }) => kind === 'browser' && reachable);
  });
  return desk;
}

test('[CAR-03] [CTL-01] a call is taken by key, muted, held, resumed and recorded, with sound both ways', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').waitFor();
  await desk.page.getByText('waiting', { exact: false }).first().waitFor();
  await desk.page.keyboard.press('a');
  await customer.answered();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);

  await desk.page.keyboard.press('m');
  await desk.button('Unmute').waitFor();
  await customer.sound.ear.hears('silence', { forMs: 500 });
  await desk.page.keyboard.press('m');
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });

  await desk.page.keyboard.press('h');
  await scene.agentIs(scene.agent(1), 'holding', ({ activity }) => activity === 'hold');
  await desk.button('Resume').waitFor();
  await desk.page.keyboard.press('h');
  await scene.agentIs(scene.agent(1), 'back', ({ activity }) => activity === 'on-contact');
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);

  await desk.page.keyboard.press('k');
  await desk.button('5').click();
  await customer.sound.digit((digits) => digits.includes('5'));

  await desk.page.keyboard.press('e');
  await customer.ended();
  const [left = [], right = []] = await recordingOf(scene);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(3);
  expect(secondsOf(deskToneHz, right)).toBeGreaterThan(2);
  expect(secondsOf(deskToneHz, left)).toBe(0);
});

test('[CAR-03] a page that is reloaded in mid-call has its sound again, in the same segment and recording', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.page.reload();
  await desk.ready();
  await Promise.all([desk.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 1_500 })]);
  await scene.agentIs(scene.agent(1), 'talking', ({ activity }) => activity === 'on-contact');
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
  const [left = [], right = []] = await recordingOf(scene);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(1.5);
  expect(secondsOf(deskToneHz, right)).toBeGreaterThan(1.5);
});

test('[CAR-03] a customer whose agent does not come back waits first in the queue, with the age of the contact', async () => {
  const scene = await world().scene({ staffed: false, agents: 2 });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  await customer.sound.ear.hears(deskToneHz, { forMs: 500 });
  await desk.page.close();
  // Somebody else comes later, and must not overtake.
  await scene.agentIs(scene.agent(1), 'away from the customer', ({ activity }) => activity === 'hold');
  const later = await (await scene.caller()).call(scene.number);
  await until('both customers to wait', async () => (await scene.stats()).waiting === 2, {
    timeoutMs: 40_000,
  });
  const other = scene.agent(2);
  await scene.staff(other);
  const call = await other.phone.nextCall();
  call.answer();
  await customer.sound.ear.hears(850, { forMs: 500 });
  customer.hangUp();
  later.hangUp();
  await call.ended();
});

test('[CAR-03] of two windows one is the telephone; the other takes it over in mid-call', async () => {
  const scene = await world().scene({ staffed: false });
  const first = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await first.button('Answer').click();
  await customer.answered();
  const second = await openDesk(scene);
  await second.page.getByRole('button', { name: 'Use this window as phone' }).click();
  await second.button('Take over here').waitFor();
  await second.button('Take over here').click();
  await second.ready();
  await first.page.getByText('In another window', { exact: true }).waitFor();
  await Promise.all([second.hears(callerToneHz), customer.sound.ear.hears(deskToneHz, { forMs: 500 })]);
  await second.page.keyboard.press('e');
  await customer.ended();
});

test('[CAR-03] a microphone that is refused is told with a way on, and so is an offer that is declined', async () => {
  const scene = await world().scene({ staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const desk = await openDesk(scene, { microphoneFault: 'NotAllowedError' });
  await desk.page.getByRole('button', { name: 'Use this window as phone' }).click();
  await desk.page.getByText('Allow it beside the address').waitFor();
  await desk.allowMicrophone();
  await desk.button('Try again').click();
  await desk.ready();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Decline').waitFor();
  await desk.page.keyboard.press('d');
  await scene.agentIs(scene.agent(1), 'free of the offer', ({ contacts }) => contacts.length === 0);
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(
    contact.timeline.some(({ type, data }) => type === 'offer.ended' && data.result === 'rejected'),
  ).toBe(true);
});

test('[CAR-03] a page that closes is no device any more', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  await desk.page.close();
  await scene.agentIs(scene.agent(1), 'without a phone', ({ readiness }) => !readiness.ready);
});

/** What the two channels of the newest contact's recording hold. */
async function recordingOf(scene: Scene) {
  const { api } = world();
  const contact = await scene.lastContact();
  const recording = await until('the recording to be complete', async () =>
    (await api.recordings()).find(
      ({ contactId, status }) => contactId === contact.id && status === 'complete',
    ),
  );
  const file = join(temporaryFolder(), `recording.${recording.format}`);
  writeFileSync(file, await api.downloadRecording(recording.id));
  const { channels, sampleRateHz } = decodeAudio(file);
  return channels.map((samples) => soundings(samples, sampleRateHz, [callerToneHz, deskToneHz]));
}
