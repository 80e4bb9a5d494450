import { expect, test } from 'vitest';
import { callerToneHz, expectMatrix, Meeting, type SceneAgent, useWorld } from '../src/index.ts';

const world = useWorld();
const [ann, bob] = [700, 850];

const post = (path: string, body: object) =>
  world().api.request<{ callId: string }>('POST', `/calls/${path}`, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;
const legOf = async (agent: SceneAgent): Promise<string> => {
  const id = await idOf(agent);
  const call = (await world().api.calls()).find(({ agentId, state }) => agentId === id && state !== 'ending');
  if (call === undefined) throw new Error(`${agent.username} has no call`);
  return call.id;
};

/** A caller and an agent talk; a colleague has a phone. */
async function talk() {
  const scene = await world().scene({ agents: 2, staffed: false });
  await scene.staff(scene.agent(1));
  await world().api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  const { customer, agent } = await scene.connect();
  return { scene, customer, agent, leg: await legOf(scene.agent(1)) };
}

async function killAndStart(): Promise<void> {
  await world().product.kill();
  await world().product.start();
  await world().login();
}

test('[OPS-03] [SUP-02] kill -9 under a supervisor: who hears whom stays, and the mode is changed in place', async () => {
  const { scene, customer, agent, leg } = await talk();
  const target = { agentId: await idOf(scene.agent(2)) };
  const { callId } = await post(`${leg}/supervise`, { mode: 'listen', target });
  const supervisor = await scene.agent(2).phone.nextCall();
  supervisor.answer();
  await supervisor.answered();
  const matrix = (ofCustomer: number[], ofAgent: number[]) =>
    expectMatrix([
      [customer, callerToneHz, ofCustomer],
      [agent, ann, ofAgent],
      [supervisor, bob, [callerToneHz, ann]],
    ]);
  await matrix([ann], [callerToneHz]);
  await killAndStart();
  await matrix([ann], [callerToneHz]);
  await post(`${callId}/mode`, { mode: 'whisper' });
  await matrix([ann], [callerToneHz, bob]);
  await post(`${callId}/mode`, { mode: 'barge' });
  await matrix([ann, bob], [callerToneHz, bob]);
  for (const { sound } of [customer, agent, supervisor]) {
    expect(sound.statistics).toMatchObject({ packetsLost: 0, sourceChanges: 0 });
  }
  supervisor.hangUp();
  customer.hangUp();
  await agent.ended();
  expect((await scene.lastContact()).outcome).toBe('answered');
});

test('[OPS-03] [CTL-02] kill -9 during a consultation: it is completed afterwards, and the customer has the colleague', async () => {
  const { scene, customer, agent, leg } = await talk();
  const target = { agentId: await idOf(scene.agent(2)) };
  await post(`${leg}/transfer`, { kind: 'consult', target });
  const colleague = await scene.agent(2).phone.nextCall();
  colleague.answer();
  await colleague.answered();
  await agent.sound.ear.hears(bob);
  await killAndStart();
  await Promise.all([agent.sound.ear.hears(bob), customer.sound.ear.hears('sound')]);
  await post(`${await legOf(scene.agent(1))}/consult`, { action: 'complete' });
  await agent.ended();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [colleague, bob, [callerToneHz]],
  ]);
  customer.hangUp();
  await colleague.ended();
  const contact = await scene.lastContact();
  expect(contact.segments.at(-1)).toMatchObject({ agent: scene.agent(2).username, kind: 'conversation' });
});

test('[OPS-03] [CTL-03] kill -9 of a conference: everybody hears everybody, and one is muted afterwards', async () => {
  const { scene, customer, agent, leg } = await talk();
  await post(`${leg}/parties`, { target: { agentId: await idOf(scene.agent(2)) } });
  const party = await scene.agent(2).phone.nextCall();
  party.answer();
  await party.answered();
  const all = () =>
    expectMatrix([
      [customer, callerToneHz, [ann, bob]],
      [agent, ann, [callerToneHz, bob]],
      [party, bob, [callerToneHz, ann]],
    ]);
  await all();
  await killAndStart();
  await all();
  await world().api.request('PATCH', `/calls/${await legOf(scene.agent(2))}`, { muted: true });
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [agent, ann, [callerToneHz]],
  ]);
  customer.hangUp();
  await Promise.all([agent.ended(), party.ended()]);
  expect((await scene.lastContact()).outcome).toBe('answered');
});

test('[OPS-03] [CTL-03] kill -9 under a scheduled conference: who hears whom stays, also who is muted, and the lock', async () => {
  const meeting = await Meeting.begin(world, { waitForModerator: true, record: true });
  const first = await meeting.come(ann, 'moderator');
  const second = await meeting.come(bob);
  const third = await meeting.come(callerToneHz);
  await meeting.party(1, 'mute');
  await meeting.act('lock');
  const matrix = () =>
    expectMatrix([
      [first, ann, [callerToneHz]],
      [second, bob, [ann, callerToneHz]],
      [third, callerToneHz, [ann]],
    ]);
  await matrix();
  await killAndStart();
  await matrix();
  const live = await meeting.liveIs('three to be there', ({ parties }) => parties.length === 3);
  expect(live).toMatchObject({
    locked: true,
    parties: [{ muted: false }, { muted: true }, { muted: false }],
  });
  await meeting.party(1, 'unmute');
  await expectMatrix([
    [first, ann, [bob, callerToneHz]],
    [third, callerToneHz, [ann, bob]],
  ]);
  await meeting.act('end');
  await Promise.all([first, second, third].map((call) => call.ended()));
  expect(await meeting.live()).toBeNull();
});
