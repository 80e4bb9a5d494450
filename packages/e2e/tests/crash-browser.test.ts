import type { SystemInfo } from '@crosspoint/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  BrowserPhone,
  callerToneHz,
  deskToneHz,
  launchPhoneChromium,
  signal,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_MEDIA_PROCESSES: '2' } });
const agentToneHz = 700;
const visitorToneHz = 1_000;
/** Tells a call that goes on by itself from one that hangs; `npm run chaos` measures the gaps, which are under 2 s. */
const gapMsMax = 10_000;
/** Longer than Chromium conceals the end of a stream. */
const heardMs = 700;
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

/** The process ids of the media processes, once all of them carry sound. */
function mediaProcesses(): Promise<number[]> {
  return until('both media processes', async () => {
    const { processes } = (await world().api.get<SystemInfo>('/system')).media;
    const pids = processes.flatMap(({ healthy, pid }) => (healthy && pid !== null ? [pid] : []));
    return pids.length === 2 && pids;
  });
}

/** Kills one media process after the other, and says after how many milliseconds the slower end heard the other one. */
async function gapsOf(hear: () => Promise<void>[]): Promise<number[]> {
  const gapsMs: number[] = [];
  for (const pid of await mediaProcesses()) {
    await mediaProcesses();
    const killedAtMs = performance.now();
    signal(pid, 'SIGKILL');
    await Promise.all(hear());
    gapsMs.push(Math.round(performance.now() - killedAtMs - heardMs));
  }
  return gapsMs;
}

test('[OPS-03] [CAR-03] kill -9 of media processes: the desk and the customer hear each other again', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await AgentDesk.open(browser, world().product, scene.agent(1));
  onTestFinished(() => desk.window.close());
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness }) => readiness.ready);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  const hear = () => [
    desk.hears(callerToneHz, { forMs: heardMs }),
    customer.sound.ear.hears(deskToneHz, { forMs: heardMs, timeoutMs: 15_000 }),
  ];
  await Promise.all(hear());
  const gapsMs = await gapsOf(hear);
  expect(Math.max(...gapsMs), `gaps of ${gapsMs.join(' and ')} ms`).toBeLessThan(gapMsMax);
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[OPS-03] [CAR-03] [RFC8839 §4.4.1.1.1] kill -9 of media processes: a browser that has called restarts ICE and talks on', async () => {
  const scene = await world().scene();
  const phone = await BrowserPhone.open(browser, world().product, {
    username: 'visitor',
    toneHz: visitorToneHz,
  });
  onTestFinished(() => phone.close());
  await phone.call(scene.number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await phone.answered();
  const hear = () => [
    phone.hears(agentToneHz, { forMs: heardMs }),
    agent.sound.ear.hears(visitorToneHz, { forMs: heardMs, timeoutMs: 15_000 }),
  ];
  await Promise.all(hear());
  const gapsMs = await gapsOf(hear);
  expect(Math.max(...gapsMs), `gaps of ${gapsMs.join(' and ')} ms`).toBeLessThan(gapMsMax);
  await phone.hangUp();
  await agent.ended();
});
