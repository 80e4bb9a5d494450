import type { PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { callerToneHz, expectMatrix, type Scene, type SceneAgent, useWorld } from '../src/index.ts';

const world = useWorld();
const [ann, bob] = [700, 850];

const legOf = async (scene: Scene, agent: SceneAgent): Promise<string> => {
  const { id } = await world().api.liveAgent(agent.username);
  const call = (await world().api.calls()).find(({ agentId, state }) => agentId === id && state !== 'ending');
  if (call === undefined) throw new Error(`${agent.username} has no call in ${scene.queueName}`);
  return call.id;
};
const post = (path: string, body: object) => world().api.request('POST', `/calls/${path}`, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;

/** Two agents, of whom only the first takes calls of the queue; the second has a phone that is registered. */
async function twoAgents(queue: Record<string, unknown> = {}): Promise<{
  scene: Scene;
  customer: PhoneCall;
  agent: PhoneCall;
}> {
  const scene = await world().scene({ agents: 2, staffed: false, queue });
  await scene.staff(scene.agent(1));
  await world().api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  const { customer, agent } = await scene.connect();
  return { scene, customer, agent };
}

test('[CTL-02] blind to an agent: the first is free, the customer hears the second; one contact, two segments', async () => {
  const { scene, customer, agent } = await twoAgents({ wrapUp: { mode: 'none', seconds: 0 } });
  await customer.sound.ear.hears(ann);
  const target = { agentId: await idOf(scene.agent(2)) };
  await post(`${await legOf(scene, scene.agent(1))}/transfer`, { kind: 'blind', target });
  await agent.ended();
  const second = await scene.agent(2).phone.nextCall();
  await customer.sound.ear.hears('sound', { forMs: 400 });
  second.answer();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  await scene.agentIs(scene.agent(2), 'on contact', ({ activity }) => activity === 'on-contact');
  customer.hangUp();
  await second.ended();
  const contact = await scene.lastContact();
  expect(contact.segments.map(({ kind, agent: name }) => [kind, name])).toEqual([
    ['queue', scene.agent(1).username],
    ['conversation', scene.agent(1).username],
    ['conversation', scene.agent(2).username],
  ]);
  await scene.statsAre({ offered: 1, answered: 1, abandoned: 0 });
});

test('[CTL-02] blind to a queue with the age of the contact: counted once in each queue', async () => {
  const { scene, customer } = await twoAgents();
  const other = await world().scene();
  const queue = (await world().api.queues()).find(({ name }) => name === other.queueName);
  const target = { queueId: queue?.id, keepAge: true };
  await post(`${await legOf(scene, scene.agent(1))}/transfer`, { kind: 'blind', target });
  const second = await other.agent(1).phone.nextCall();
  second.answer();
  await customer.sound.ear.hears(ann);
  customer.hangUp();
  await second.ended();
  await scene.statsAre({ offered: 1, answered: 1 });
  await other.statsAre({ offered: 1, answered: 1 });
});

test('[CTL-02] blind to a number outside: the customer speaks with it, and nobody here is taken', async () => {
  const { scene, customer } = await twoAgents();
  const outside = await world().phone({ username: '+420779123456', says: 1_900 });
  const { port } = outside.options.host.local;
  await world().api.apply({
    trunks: [
      { name: 'away', host: '127.0.0.1', port, keepAliveSeconds: 5, outgoing: { prefixes: ['+420779'] } },
    ],
  });
  const target = { number: '+420779123456' };
  await post(`${await legOf(scene, scene.agent(1))}/transfer`, { kind: 'blind', target });
  const far = await outside.nextCall();
  far.answer();
  await expectMatrix([
    [customer, callerToneHz, [1_900]],
    [far, 1_900, [callerToneHz]],
  ]);
  far.hangUp();
  await customer.ended();
  expect((await scene.lastContact()).outcome).toBe('answered');
});

test('[CTL-02] an absent agent is refused before the customer is moved; one who does not take it costs nothing', async () => {
  const { scene, customer, agent } = await twoAgents({ wrapUp: { mode: 'none', seconds: 0 } });
  const absent = (await world().scene({ staffed: false })).agent(1);
  const leg = await legOf(scene, scene.agent(1));
  const target = { agentId: await idOf(absent) };
  await expect(post(`${leg}/transfer`, { kind: 'blind', target })).rejects.toThrow(/reached/);
  await customer.sound.ear.hears(ann);
  await post(`${leg}/transfer`, { kind: 'blind', target: { agentId: await idOf(scene.agent(2)) } });
  await agent.ended();
  (await scene.agent(2).phone.nextCall()).reject(603);
  const again = await scene.agent(1).phone.nextCall();
  again.answer();
  await customer.sound.ear.hears(ann);
  customer.hangUp();
  await again.ended();
  await scene.statsAre({ offered: 2, answered: 2 });
});

test('[CTL-02] [QUE-01] a queue without room is refused before the customer is moved', async () => {
  const { scene, customer, agent } = await twoAgents();
  const other = await twoAgents();
  const full = await world().scene({ staffed: false, queue: { maxSize: 1 } });
  const waiting = await (await full.caller()).call(full.number);
  await waiting.answered();
  const queue = (await world().api.queues()).find(({ name }) => name === full.queueName);
  const order = { kind: 'blind', target: { queueId: queue?.id } };
  // The one place that a full queue keeps for a transfer.
  await post(`${await legOf(other.scene, other.scene.agent(1))}/transfer`, order);
  await full.statsAre({ waiting: 2 });
  const leg = await legOf(scene, scene.agent(1));
  await expect(post(`${leg}/transfer`, order)).rejects.toThrow(/full/);
  await customer.sound.ear.hears(ann);
  for (const call of [customer, waiting, other.customer]) call.hangUp();
  await agent.ended();
  await scene.statsAre({ offered: 1, answered: 1 });
  await full.statsAre({ offered: 2, abandoned: 2, waiting: 0 });
});

test('[CTL-02] attended: music for the customer, private talk, each side in turn, then the two are left alone', async () => {
  const { scene, customer, agent } = await twoAgents();
  const leg = await legOf(scene, scene.agent(1));
  await post(`${leg}/transfer`, { kind: 'consult', target: { agentId: await idOf(scene.agent(2)) } });
  const second = await scene.agent(2).phone.nextCall();
  second.answer();
  await expectMatrix([
    [agent, ann, [bob]],
    [second, bob, [ann]],
  ]);
  await customer.sound.ear.hears('sound', { forMs: 400 });
  await expect(customer.sound.ear.hears(ann, { forMs: 100, timeoutMs: 1_000 })).rejects.toThrow();
  await post(`${leg}/consult`, { action: 'swap' });
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [agent, ann, [callerToneHz]],
  ]);
  await post(`${leg}/consult`, { action: 'complete' });
  await agent.ended();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  customer.hangUp();
  await second.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['consult.started', 'consult.swapped', 'consult.ended', 'transfer.started']),
  );
});

test('[CTL-02] warm: all three speak, and the agent leaves the customer with the other', async () => {
  const { scene, customer, agent } = await twoAgents();
  const leg = await legOf(scene, scene.agent(1));
  await post(`${leg}/transfer`, { kind: 'consult', target: { agentId: await idOf(scene.agent(2)) } });
  const second = await scene.agent(2).phone.nextCall();
  second.answer();
  await second.answered();
  await agent.sound.ear.hears(bob);
  await post(`${leg}/consult`, { action: 'join' });
  await expectMatrix([
    [customer, callerToneHz, [ann, bob]],
    [agent, ann, [callerToneHz, bob]],
    [second, bob, [callerToneHz, ann]],
  ]);
  await post(`${leg}/leave`, {});
  await agent.ended();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  customer.hangUp();
  await second.ended();
  expect((await scene.lastContact()).outcome).toBe('answered');
});
