import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  BrowserPhone,
  type BrowserPhoneOptions,
  callerToneHz,
  launchPhoneChromium,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
const browserToneHz = 1_000;
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser.close());

async function openPhone(options: BrowserPhoneOptions): Promise<BrowserPhone> {
  const phone = await BrowserPhone.open(browser, world().product, options);
  onTestFinished(() => phone.close());
  return phone;
}

test('[CAR-03] a browser calls the queue and talks with an agent on a SIP phone', async () => {
  const scene = await world().scene();
  const phone = await openPhone({ username: 'visitor', toneHz: browserToneHz });
  await phone.call(scene.number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await phone.answered();
  await Promise.all([phone.hears(agentToneHz), agent.sound.ear.hears(browserToneHz, { forMs: 500 })]);
  // Both speak it, so nothing is transcoded.
  expect(await phone.codec()).toBe('audio/PCMA');
  await phone.press('5');
  await agent.sound.digit((digits) => digits.includes('5'));
  await phone.hangUp();
  await agent.ended();
});

test('[CAR-03] an agent in a browser takes a call, holds it and resumes it', async () => {
  const scene = await world().scene({ staffed: false });
  const { username, sipPassword } = scene.agent(1);
  const phone = await openPhone({ username, password: sipPassword, toneHz: browserToneHz });
  await world().api.setStatus(username, 'available');
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await phone.answer();
  await Promise.all([phone.answered(), customer.answered()]);
  await Promise.all([phone.hears(callerToneHz), customer.sound.ear.hears(browserToneHz, { forMs: 500 })]);
  await phone.hold();
  await scene.agentIs(scene.agent(1), 'holding', (live) => live.activity === 'hold');
  await phone.resume();
  await Promise.all([phone.hears(callerToneHz), customer.sound.ear.hears(browserToneHz, { forMs: 500 })]);
  customer.hangUp();
  expect(await phone.ended()).toMatch(/^ended by remote/);
});

test('[CAR-03] [RFC8839 §4.4.1.1.1] a browser that restarts its ICE goes on over the new path', async () => {
  const scene = await world().scene();
  const phone = await openPhone({ username: 'visitor', toneHz: browserToneHz });
  await phone.call(scene.number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await phone.answered();
  const heard = () =>
    Promise.all([phone.hears(agentToneHz), agent.sound.ear.hears(browserToneHz, { forMs: 500 })]);
  await heard();
  const former = await phone.serverPort();
  expect(former).toBeGreaterThan(0);
  for (const turn of [1, 2]) {
    await phone.restartIce();
    await until(`path ${turn} to be used`, async () => {
      const port = await phone.serverPort();
      return port !== undefined && port !== former;
    });
    await heard();
  }
  await phone.hangUp();
  await agent.ended();
});
