import { expect, test } from 'vitest';
import {
  ApiClient,
  callerToneHz,
  expectMatrix,
  type SceneAgent,
  takenBy,
  toneShare,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const [ann, boss] = [700, 850];

const post = (path: string, body: object) => world().api.request('POST', `/calls/${path}`, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;

/** A caller and an agent talk; the phone of the second agent is the supervisor's. */
async function watched(mode: string) {
  const scene = await world().scene({ agents: 2, staffed: false });
  await scene.staff(scene.agent(1));
  await world().api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  const { customer, agent } = await scene.connect();
  const agentId = await idOf(scene.agent(1));
  const leg = (await world().api.calls()).find((call) => call.agentId === agentId)?.id;
  const target = { agentId: await idOf(scene.agent(2)) };
  const { callId } = await world().api.request<{ callId: string }>('POST', `/calls/${leg}/supervise`, {
    mode,
    target,
  });
  const supervisor = await scene.agent(2).phone.nextCall();
  supervisor.answer();
  await supervisor.answered();
  return { scene, customer, agent, supervisor, callId };
}

test('[SUP-02] listen, whisper, barge, switched in place: who hears whom, and every stream unbroken', async () => {
  const from = new Date().toISOString();
  const { scene, customer, agent, supervisor, callId } = await watched('listen');
  const matrix = (ofCustomer: number[], ofAgent: number[]) =>
    expectMatrix([
      [customer, callerToneHz, ofCustomer],
      [agent, ann, ofAgent],
      [supervisor, boss, [callerToneHz, ann]],
    ]);
  await matrix([ann], [callerToneHz]);
  await post(`${callId}/mode`, { mode: 'whisper' });
  await matrix([ann], [callerToneHz, boss]);
  await post(`${callId}/mode`, { mode: 'barge' });
  await matrix([ann, boss], [callerToneHz, boss]);
  await post(`${callId}/mode`, { mode: 'listen' });
  await matrix([ann], [callerToneHz]);
  for (const { sound } of [customer, agent, supervisor]) {
    expect(sound.statistics).toMatchObject({ packetsLost: 0, packetsLate: 0, sourceChanges: 0 });
  }
  supervisor.hangUp();
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [agent, ann, [callerToneHz]],
  ]);
  customer.hangUp();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type.startsWith('supervision.')).map(({ type }) => type)).toEqual([
    'supervision.started',
    'supervision.changed',
    'supervision.changed',
    'supervision.changed',
    'supervision.ended',
  ]);
  const { items } = await world().api.get<{ items: { action: string }[] }>(
    `/audit?action=call.whisper&from=${from}`,
  );
  expect(items).toHaveLength(1);
});

test('[SUP-02] take over: the supervisor has the customer, and the agent is out', async () => {
  const { scene, customer, agent, supervisor, callId } = await watched('whisper');
  await post(`${callId}/mode`, { mode: 'take-over' });
  await agent.ended();
  await expectMatrix([
    [customer, callerToneHz, [boss]],
    [supervisor, boss, [callerToneHz]],
  ]);
  customer.hangUp();
  await supervisor.ended();
  const { segments } = await scene.lastContact();
  expect(segments.at(-1)).toMatchObject({ agent: scene.agent(2).username, kind: 'conversation' });
});

test('[SUP-02] [REC-01] a whisper is in no recording, neither of two nor of a conference', async () => {
  const cid = 1_150;
  const { scene, customer, agent, supervisor } = await watched('whisper');
  await agent.sound.ear.hears('sound', { forMs: 1_000 });
  const third = (await world().scene({ staffed: false })).agent(1);
  await third.phone.register();
  third.phone.says = cid;
  const leg = (await world().api.calls()).find(({ role, party }) => role === 'agent' && party === 'agent');
  await post(`${leg?.id}/parties`, { target: { agentId: await idOf(third) } });
  const party = await takenBy(third.phone);
  await expectMatrix([
    [customer, callerToneHz, [ann, cid]],
    [agent, ann, [callerToneHz, boss, cid]],
  ]);
  await post(`${leg?.id}/hold`, {});
  await customer.sound.ear.hears(cid, { forMs: 2_000 });
  customer.hangUp();
  await Promise.all([supervisor.ended(), party.ended()]);
  const { audio } = await scene.lastRecording([]);
  const [, right = new Float32Array()] = audio.channels;
  // Several tones at once, so the share of each is asked for.
  expect(toneShare(right, audio.sampleRateHz, cid)).toBeGreaterThan(0.1);
  expect(toneShare(right, audio.sampleRateHz, boss)).toBeLessThan(0.001);
});

test('[SUP-02] two supervisors on one call, and an agent without the permission', async () => {
  const { scene, customer, agent } = await watched('listen');
  const boss2 = (await world().scene({ staffed: false })).agent(1);
  await boss2.phone.register();
  const leg = (await world().api.calls()).find(
    ({ role, party }) => role === 'agent' && party === 'agent',
  )?.id;
  await post(`${leg}/supervise`, { mode: 'listen', target: { agentId: await idOf(boss2) } });
  const second = await boss2.phone.nextCall();
  second.answer();
  await second.sound.ear.hears('sound', { forMs: 300 });
  await agent.sound.ear.hears(callerToneHz);
  const { username, password } = scene.agent(1);
  const asAgent = await ApiClient.login(world().product.httpUrl, username, password);
  await expect(asAgent.request('POST', `/calls/${leg}/supervise`, { mode: 'listen' })).rejects.toThrow();
  customer.hangUp();
  await second.ended();
});
