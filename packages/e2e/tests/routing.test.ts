import type { Contact } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { useWorld } from '../src/index.ts';

const world = useWorld();

const offersOf = (contact: Contact) =>
  contact.timeline.flatMap((fact) => (fact.type === 'offer.ended' ? [fact.data.result] : []));

test('[QUE-05] ring-all: every phone rings, the first to answer has the call, the others stop', async () => {
  const scene = await world().scene({ agents: 3, queue: { strategy: 'ring-all' } });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  const calls = await Promise.all(scene.agents.map(({ phone }) => phone.nextCall()));
  calls[1]?.answer();
  await scene.statsAre({ answered: 1 });
  const ends = await Promise.all([calls[0]?.ended(), calls[2]?.ended()]);
  expect(ends).toMatchObject([
    { by: 'remote', status: 487 },
    { by: 'remote', status: 487 },
  ]);
  for (const agent of [scene.agent(1), scene.agent(3)]) {
    await scene.agentIs(agent, 'ready at no cost', ({ readiness }) => readiness.ready);
  }
  customer.hangUp();
  await calls[1]?.ended();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(offersOf(contact).toSorted()).toEqual(['accepted', 'rescinded', 'rescinded']);
});

test('[QUE-03] a supervisor gives a waiting call to one agent, who was not first', async () => {
  const scene = await world().scene({ agents: 2 });
  for (const agent of scene.agents) await world().api.setStatus(agent.username, 'break');
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  const queue = await world().api.queue(scene.queueName);
  const [entry] = await world().api.all<{ contactId: string }>(`/queues/${queue.id}/entries`);
  const chosen = scene.agent(2);
  const { id: agentId } = await world().api.liveAgent(chosen.username);
  const path = `/queues/${queue.id}/entries/${entry?.contactId}`;
  await world().api.request('POST', path, { action: 'assign', agentId, seconds: 60 });
  for (const agent of scene.agents) await world().api.setStatus(agent.username, 'available');
  const ringing = await scene.firstToRing();
  expect(ringing.agent).toBe(chosen);
  ringing.call.answer();
  await scene.statsAre({ answered: 1 });
  customer.hangUp();
  await ringing.call.ended();
  const contact = await scene.lastContact();
  expect(contact.timeline.map(({ type }) => type)).toContain('entry.overridden');
});

test('[QUE-07] a call that nobody takes goes on to the other queue, where it is answered', async () => {
  const back = await world().scene({ agents: 1 });
  const overflow = [
    { condition: { when: 'waited' as const, afterSeconds: 1 }, target: { queue: back.queueName } },
  ];
  const front = await world().scene({ agents: 0, queue: { overflow } });
  const customer = await (await front.caller()).call(front.number);
  await customer.answered();
  const ringing = await back.firstToRing();
  ringing.call.answer();
  await back.statsAre({ offered: 1, answered: 1 });
  await front.statsAre({ offered: 1, overflowed: 1, answered: 0, waiting: 0 });
  customer.hangUp();
  await ringing.call.ended();
  const contact = await front.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(contact.segments.filter(({ kind }) => kind === 'queue')).toHaveLength(2);
});

test('[QUE-04] the agent with the skill gets the call, although another was free first', async () => {
  const requirementSteps = [{ requirement: { skill: 'billing', level: 3 }, seconds: 60 }];
  const scene = await world().scene({ agents: 2, queue: { requirementSteps } });
  const expert = scene.agent(2);
  const sip = { password: expert.sipPassword };
  await world().api.apply({ agents: [{ username: expert.username, sip, skills: { billing: 4 } }] });
  const customer = await (await scene.caller()).call(scene.number);
  const ringing = await scene.firstToRing();
  expect(ringing.agent).toBe(expert);
  ringing.call.answer();
  await scene.statsAre({ answered: 1 });
  customer.hangUp();
  await ringing.call.ended();
});

test('[QUE-08] a queue outside its hours refuses the call and counts it as deflected', async () => {
  const hours = {
    timeZone: 'UTC',
    specialDays: [{ name: 'Opening day', day: '2099-01-01', open: [{ from: '08:00', to: '17:00' }] }],
  };
  const scene = await world().scene({ agents: 1, queue: { hours } });
  const customer = await (await scene.caller()).call(scene.number);
  expect(await customer.ended()).toMatchObject({ by: 'remote', status: 480 });
  await scene.statsAre({ offered: 0, deflected: 1, open: false });
  expect((await scene.lastContact()).outcome).toBe('deflected');
});
