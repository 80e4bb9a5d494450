import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  callerToneHz,
  decodeAudio,
  expectMatrix,
  type SceneAgent,
  secondsOf,
  soundings,
  temporaryFolder,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const [ann, bob, cid] = [700, 850, 1_150];

const post = (path: string, body: object) => world().api.request('POST', `/calls/${path}`, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;
const legOf = async (agent: SceneAgent): Promise<string> => {
  const id = await idOf(agent);
  const call = (await world().api.calls()).find(({ agentId, state }) => agentId === id && state !== 'ending');
  if (call === undefined) throw new Error(`${agent.username} has no call`);
  return call.id;
};

/** One agent of the queue talks with a caller; two colleagues have phones. */
async function meeting() {
  const scene = await world().scene({ agents: 3, staffed: false });
  await scene.staff(scene.agent(1));
  for (const colleague of [scene.agent(2), scene.agent(3)]) {
    await world().api.setStatus(colleague.username, 'offline');
    await colleague.phone.register();
  }
  const { customer, agent } = await scene.connect();
  const leg = await legOf(scene.agent(1));
  const call = async (position: number) => {
    await post(`${leg}/parties`, { target: { agentId: await idOf(scene.agent(position)) } });
    const party = await scene.agent(position).phone.nextCall();
    party.answer();
    await party.answered();
    return party;
  };
  return { scene, customer, agent, leg, call };
}

test('[CTL-03] four speak; one is muted, held, removed; locked, nobody comes; the last two go on', async () => {
  const { scene, customer, agent, leg, call } = await meeting();
  const second = await call(2);
  const third = await call(3);
  await expectMatrix([
    [customer, callerToneHz, [ann, bob, cid]],
    [agent, ann, [callerToneHz, bob, cid]],
    [second, bob, [callerToneHz, ann, cid]],
    [third, cid, [callerToneHz, ann, bob]],
  ]);
  const secondLeg = await legOf(scene.agent(2));
  await world().api.request('PATCH', `/calls/${secondLeg}`, { muted: true });
  await expectMatrix([
    [customer, callerToneHz, [ann, cid]],
    [second, bob, [callerToneHz, ann, cid]],
    [third, cid, [callerToneHz, ann]],
    [agent, ann, [callerToneHz, cid]],
  ]);
  await post(`${leg}/lock`, { locked: true });
  await expect(post(`${leg}/parties`, { target: { agentId: await idOf(scene.agent(2)) } })).rejects.toThrow(
    /locked/,
  );
  await post(`${secondLeg}/hangup`, {});
  await second.ended();
  third.hangUp();
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [agent, ann, [callerToneHz]],
  ]);
  customer.hangUp();
  await agent.ended();
  const { timeline, recordings } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'party.left')).toHaveLength(2);
  expect(recordings).toHaveLength(1);
});

test('[CTL-03] the agent hangs up, and the customer stays with the other', async () => {
  const { scene, customer, agent, call } = await meeting();
  const second = await call(2);
  agent.hangUp();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  customer.hangUp();
  await second.ended();
  const { segments } = await scene.lastContact();
  expect(segments.filter(({ kind }) => kind === 'conversation').map((each) => each.agent)).toEqual([
    scene.agent(1).username,
    scene.agent(2).username,
  ]);
});

test('[CTL-01] a recording paused with a reason is silent for that time', async () => {
  const { scene, customer, agent, leg } = await meeting();
  await agent.sound.ear.hears(callerToneHz, { forMs: 1_000 });
  await post(`${leg}/recording`, { paused: true, reason: 'card number' });
  await agent.sound.ear.hears(callerToneHz, { forMs: 2_000 });
  await post(`${leg}/recording`, { paused: false });
  await agent.sound.ear.hears(callerToneHz, { forMs: 1_000 });
  customer.hangUp();
  const contact = await scene.lastContact();
  expect(contact.timeline.find(({ type }) => type === 'recording.paused')?.data).toMatchObject({
    reason: 'card number',
  });
  const id = contact.recordings[0]?.id ?? '';
  const file = join(temporaryFolder(), 'paused.wav');
  writeFileSync(file, await world().api.downloadRecording(id));
  const { channels, sampleRateHz } = decodeAudio(file);
  const heard = soundings(channels[0] ?? new Float32Array(), sampleRateHz, [callerToneHz]);
  expect(secondsOf('silence', heard)).toBeGreaterThan(1.7);
  expect(secondsOf(callerToneHz, heard)).toBeGreaterThan(1.7);
});

test('[CTL-01] keys pressed over the API reach the customer', async () => {
  const { customer, leg } = await meeting();
  await post(`${leg}/digits`, { digits: '42#' });
  await customer.sound.digit((digits) => digits.includes('#'));
  expect(customer.sound.digits).toBe('42#');
});
