import { isDeepStrictEqual } from 'node:util';
import type { ContactExplanation } from '@crosspoint/contracts';
import type { PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { type Scene, takenBy, until, useWorld } from '../src/index.ts';

const world = useWorld();

/** What the product says about a contact that waits: each agent's reason by their number in the scene, as a word. */
async function whyStill(contactId: string): Promise<Record<string, string>> {
  const { agents } = await world().api.get<ContactExplanation>(`/contacts/${contactId}/explain`);
  return Object.fromEntries(agents.map(({ name, reason }) => [`agent ${name.split('-').at(-1)}`, reason]));
}

async function explanationIs(contactId: string, expected: Record<string, string>): Promise<void> {
  let seen: unknown;
  await until(
    `the explanation to be ${JSON.stringify(expected)}`,
    async () => {
      seen = await whyStill(contactId).catch(String);
      return isDeepStrictEqual(seen, expected);
    },
    { seen: () => seen },
  );
}

/** Contacts that wait in the queue, in the order in which they are served. */
async function waiting(scene: Scene): Promise<string[]> {
  const { id } = await world().api.queue(scene.queueName);
  return (await world().api.all<{ contactId: string }>(`/queues/${id}/entries`)).map(
    ({ contactId }) => contactId,
  );
}

const over = async (customer: PhoneCall, agent: PhoneCall): Promise<void> => {
  customer.hangUp();
  await agent.ended();
};

test('[QUE-05] who calls again has the agent of the last time, waits for that one a while, and then takes anybody', async () => {
  const sticky = { mode: 'last', waitSeconds: 4 };
  const scene = await world().scene({ agents: 2, queue: { sticky } });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  const regular = await scene.caller();
  const other = await scene.caller();

  const one = await regular.call(scene.number);
  const talk = await takenBy(first.phone);
  await over(one, talk);
  await scene.agentIs(first, 'free again', ({ activity }) => activity === 'idle');

  // The other agent has been idle for longer, and is not asked.
  const two = await regular.call(scene.number);
  const again = await scene.firstToRing();
  expect(again.agent).toBe(first);
  again.call.answer();
  await again.call.answered();
  await over(two, again.call);
  await scene.agentIs(first, 'free again', ({ activity }) => activity === 'idle');

  // Now that agent is on another call, and the one who is free is left alone for four seconds.
  await world().api.setStatus(second.username, 'break');
  const busyWith = await other.call(scene.number);
  const busy = await takenBy(first.phone);
  await world().api.setStatus(second.username, 'available');
  const three = await regular.call(scene.number);
  await three.answered();
  await scene.statsAre({ waiting: 1 });
  const [contactId = ''] = await waiting(scene);
  await explanationIs(contactId, { 'agent 1': 'at-capacity', 'agent 2': 'not-named' });
  const relief = await takenBy(second.phone);
  expect(
    relief.at.begun - three.at.begun,
    'how long the agent of the last time was waited for',
  ).toBeGreaterThan(3_500);
  await over(three, relief);
  await over(busyWith, busy);
  const { timeline } = await scene.lastContact();
  expect(timeline.map(({ type }) => type)).toContain('contact.closed');
});

test('[QUE-03] a contact that waits long enough passes one of a higher class, which came later', async () => {
  const vip = world().freshNumber();
  const queue = {
    priorityRules: [{ callers: [vip], priority: 2 }],
    ageing: { everySeconds: 1, priorityMax: 5 },
  };
  const scene = await world().scene({ agents: 1, staffed: false, queue });
  const ordinary = await (await scene.caller()).call(scene.number);
  await ordinary.answered();
  await scene.statsAre({ waiting: 1 });
  const [first = ''] = await waiting(scene);
  const important = await (await world().phone({ username: vip, says: 900 })).call(scene.number);
  await important.answered();
  await scene.statsAre({ waiting: 2 });
  const priorityOf = async (id: string) =>
    (await world().api.get<ContactExplanation>(`/contacts/${id}/explain`)).priority;
  const second = (await waiting(scene)).find((id) => id !== first) ?? '';
  await until('both to be in the highest class', async () => {
    const classes = await Promise.all([priorityOf(first), priorityOf(second)]);
    return classes.every((priority) => priority === 5);
  });
  expect(await waiting(scene), 'the one who waits longer is first').toEqual([first, second]);
  await scene.staffAll();
  const served = await takenBy(scene.agent(1).phone);
  await until('the ordinary caller to talk', async () => (await waiting(scene))[0] === second);
  await over(ordinary, served);
  const next = await takenBy(scene.agent(1).phone);
  await over(important, next);
  await scene.statsAre({ offered: 2, answered: 2, waiting: 0 });
});

test('[QUE-07] a call that goes on over three queues counts once in each', async () => {
  const last = await world().scene({ agents: 1, staffed: false });
  const on = (to: Scene) => [
    { condition: { when: 'waited' as const, afterSeconds: 1 }, target: { queue: to.queueName } },
  ];
  const middle = await world().scene({ agents: 1, staffed: false, queue: { overflow: on(last) } });
  const front = await world().scene({ agents: 1, staffed: false, queue: { overflow: on(middle) } });
  const customer = await (await front.caller()).call(front.number);
  await customer.answered();
  await last.statsAre({ waiting: 1 });
  const [contactId = ''] = await waiting(last);
  await explanationIs(contactId, { 'agent 1': 'device-unreachable' });
  await last.staffAll();
  const agent = await takenBy(last.agent(1).phone);
  await front.statsAre({ offered: 1, overflowed: 1, answered: 0, waiting: 0 });
  await middle.statsAre({ offered: 1, overflowed: 1, answered: 0, waiting: 0 });
  await last.statsAre({ offered: 1, answered: 1, waiting: 0 });
  await over(customer, agent);
  const contact = await front.lastContact();
  expect(contact.segments.map(({ kind }) => kind)).toEqual(['queue', 'queue', 'queue', 'conversation']);
  expect(contact.outcome).toBe('answered');
});

test('[AVL-01] [QUE-05] an agent with room for two is rung beside a talk, by ring-all as well, and never for a third', async () => {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { strategy: 'ring-all' } });
  const able = scene.agent(1);
  const sip = { password: able.sipPassword };
  await world().api.apply({ agents: [{ username: able.username, sip, capacity: 2 }] });
  await scene.staffAll();
  const one = await (await scene.caller()).call(scene.number);
  const [ringsAble, ringsOther] = await Promise.all(scene.agents.map(({ phone }) => phone.nextCall()));
  ringsAble?.answer();
  await ringsAble?.answered();
  expect(await ringsOther?.ended()).toMatchObject({ by: 'remote', status: 487 });

  const two = await (await scene.caller()).call(scene.number);
  const [ableAgain, otherAgain] = await Promise.all(scene.agents.map(({ phone }) => phone.nextCall()));
  ableAgain?.answer();
  await ableAgain?.answered();
  expect(await otherAgain?.ended()).toMatchObject({ by: 'remote', status: 487 });
  await scene.agentIs(able, 'on two contacts', ({ contacts }) => contacts.length === 2);

  await world().api.setStatus(scene.agent(2).username, 'break');
  const three = await (await scene.caller()).call(scene.number);
  await three.answered();
  await scene.statsAre({ waiting: 1 });
  const [contactId = ''] = await waiting(scene);
  await explanationIs(contactId, { 'agent 1': 'at-capacity', 'agent 2': 'status-break' });
  expect(able.phone.callsWaiting).toBe(0);
  one.hangUp();
  const third = await takenBy(able.phone);
  await scene.statsAre({ answered: 3, waiting: 0 });
  for (const customer of [two, three]) customer.hangUp();
  await third.ended();
});

test('[QUE-14] while a contact waits the product says at each moment why, agent by agent', async () => {
  const requirementSteps = [{ requirement: { skill: 'billing', level: 3 }, seconds: 5 }];
  const scene = await world().scene({
    agents: 3,
    staffed: false,
    queue: { requirementSteps, rejectDelaySeconds: 30 },
  });
  const [expert, novice] = [scene.agent(1), scene.agent(2)];
  const sip = { password: expert.sipPassword };
  await world().api.apply({ agents: [{ username: expert.username, sip, skills: { billing: 4 } }] });
  await scene.staff(expert);
  await world().api.setStatus(expert.username, 'break');
  await scene.staff(novice);
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  const [contactId = ''] = await waiting(scene);
  await explanationIs(contactId, {
    'agent 1': 'status-break',
    'agent 2': 'lacks-requirement',
    'agent 3': 'lacks-requirement',
  });
  await world().api.setStatus(expert.username, 'available');
  const offered = await expert.phone.nextCall();
  await explanationIs(contactId, {
    'agent 1': 'ringing',
    'agent 2': 'lacks-requirement',
    'agent 3': 'lacks-requirement',
  });
  offered.reject(486);
  await explanationIs(contactId, {
    'agent 1': 'backing-off',
    'agent 2': 'lacks-requirement',
    'agent 3': 'lacks-requirement',
  });
  // After the last step anybody may take it.
  const taken = await takenBy(novice.phone);
  await over(customer, taken);
});
