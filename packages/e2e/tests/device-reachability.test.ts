import type { AgentDevice, Page } from '@crosspoint/contracts';
import { noImpairment } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { callerToneHz, type SceneAgent, until, useWorld } from '../src/index.ts';

const qualifySeconds = 2;
const world = useWorld({ env: { CROSSPOINT_SIP_QUALIFY_SECONDS: String(qualifySeconds) } });

async function deviceOf({ username }: SceneAgent): Promise<AgentDevice | undefined> {
  const { id } = await world().api.liveAgent(username);
  return (await world().api.get<Page<AgentDevice>>(`/agents/${id}/devices`)).items[0];
}

function readinessIs({ username }: SceneAgent, reason: string): Promise<unknown> {
  return until(
    `${username} to be ${reason}`,
    async () => (await world().api.liveAgent(username)).readiness.reason === reason,
  );
}

test('[AVL-01] [AVL-02] a phone that is registered but silent is found out without a call, and comes back', async () => {
  const scene = await world().scene();
  const agent = scene.agent(1);
  const { host } = agent.phone.options;
  expect(await deviceOf(agent)).toMatchObject({ reachable: true, reason: 'registered' });
  host.impairment = { dropRatio: 1, duplicateRatio: 0 };
  await readinessIs(agent, 'device-unreachable');
  const silent = await deviceOf(agent);
  expect(silent).toMatchObject({ kind: 'sip', reachable: false, reason: 'not-answering' });
  // It is still registered, and the page says until when.
  expect(Date.parse(silent?.expiresAt ?? '')).toBeGreaterThan(Date.now());
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  host.impairment = noImpairment;
  // The next answer makes the agent ready, and the caller who waits is offered at once.
  const call = await agent.phone.nextCall();
  call.answer();
  await call.sound.ear.hears(callerToneHz);
  customer.hangUp();
  await call.ended();
  expect(await deviceOf(agent)).toMatchObject({ reachable: true, reason: 'registered' });
});

test('[AVL-04] a caller waits four seconds, not the ring time, for a device that has vanished', async () => {
  const scene = await world().scene({ agents: 2, queue: { ringTimeoutSeconds: 60 } });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  first.phone.options.host.vanish();
  second.phone.onCall = (call) => call.answer();
  const caller = await scene.caller();
  const calls = [await caller.call(scene.number), await caller.call(scene.number)];
  await Promise.race(calls.map((call) => call.sound.ear.hears(850)));
  await scene.statsAre({ answered: 1, waiting: 1 });
  await readinessIs(first, 'device-unreachable');
  for (const call of calls) call.hangUp();
  await scene.statsAre({ offered: 2, answered: 1, abandoned: 1, waiting: 0 });
});
