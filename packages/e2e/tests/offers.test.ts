import { expect, test } from 'vitest';
import type { Contact } from '@crosspoint/contracts';
import { until, useWorld } from '../src/index.ts';

const world = useWorld();
/** The shortest that the product allows. */
const ringTimeoutSeconds = 5;

/** Results of the contact's offers in order, as `agent username: result`. */
function offersOf(contact: Contact): string[] {
  return contact.timeline.flatMap((fact) =>
    fact.type === 'offer.ended' ? [`${contact.names[fact.data.agentId]}: ${fact.data.result}`] : [],
  );
}

/** When the first fact of that type happened, by the clock of the product, in milliseconds. */
function instantOf({ timeline }: Contact, type: string): number {
  const fact = timeline.find((each) => each.type === type);
  if (fact === undefined) throw new Error(`There is no fact ${type}.`);
  return Date.parse(fact.at);
}

test('[AVL-04] an agent who declines: the next one gets the call, the caller keeps the place', async () => {
  const scene = await world().scene({ agents: 2 });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  const first = await scene.firstToRing();
  first.call.reject(603);
  const second = await scene.firstToRing();
  expect(second.agent).not.toBe(first.agent);
  second.call.answer();
  await scene.statsAre({ answered: 1 });
  customer.hangUp();
  await second.call.ended();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(offersOf(contact).map((offer) => offer.split(': ')[1])).toEqual(['rejected', 'accepted']);
  expect(await scene.statsAre({ offered: 1, answered: 1, waiting: 0 })).toMatchObject({ abandoned: 0 });
});

test('[AVL-04] an agent who is busy: the next one gets the call', async () => {
  const scene = await world().scene({ agents: 2 });
  for (const { phone } of scene.agents) phone.onCall = (call) => call.reject(486);
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  const [first, second] = [scene.agent(1), scene.agent(2)];
  for (const agent of [first, second]) {
    await scene.agentIs(agent, 'backing off', ({ readiness }) => readiness.reason === 'backing-off');
  }
  customer.hangUp();
  await customer.ended();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('abandoned');
  expect(offersOf(contact).map((offer) => offer.split(': ')[1])).toEqual(['busy', 'busy']);
});

test('[AVL-04] an agent who does not answer: the phone stops ringing in time, the next one gets the call', async () => {
  const scene = await world().scene({ agents: 2, queue: { ringTimeoutSeconds } });
  const customer = await (await scene.caller()).call(scene.number);
  const first = await scene.firstToRing();
  const end = await first.call.ended();
  expect(end).toMatchObject({ by: 'remote', status: 487 });
  const [second] = scene.agents.filter((agent) => agent !== first.agent);
  const call = await second?.phone.nextCall();
  call?.answer();
  await scene.statsAre({ answered: 1 });
  customer.hangUp();
  await call?.ended();
  const contact = await scene.lastContact();
  expect(offersOf(contact).map((offer) => offer.split(': ')[1])).toEqual(['timed-out', 'accepted']);
  const [made, ended] = ['offer.made', 'offer.ended'].map((type) => instantOf(contact, type));
  expect(Math.round(((ended ?? 0) - (made ?? 0)) / 1000)).toBeGreaterThanOrEqual(ringTimeoutSeconds);
});

test('[AVL-04] after several calls not answered an agent is Not Responding, and back with one status', async () => {
  const scene = await world().scene({
    queue: { ringTimeoutSeconds, maxNonResponses: 1, noAnswerDelaySeconds: 0 },
  });
  const agent = scene.agent(1);
  const customer = await (await scene.caller()).call(scene.number);
  const ringing = await agent.phone.nextCall();
  await ringing.ended();
  await scene.agentIs(agent, 'not responding', ({ activity }) => activity === 'not-responding');
  await world().api.setStatus(agent.username, 'available');
  const call = await agent.phone.nextCall();
  call.answer();
  await call.answered();
  customer.hangUp();
  await call.ended();
});

test('[AVL-04] an agent whose phone vanished: the next one gets the call', async () => {
  const scene = await world().scene({ agents: 2, queue: { ringTimeoutSeconds } });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  // The first to be offered is the one idle longest; whichever it is, it has vanished and the other answers.
  first.phone.options.host.vanish();
  second.phone.onCall = (call) => call.answer();
  const caller = await scene.caller();
  const conversations = [await caller.call(scene.number), await caller.call(scene.number)];
  await Promise.race(conversations.map((call) => call.sound.ear.hears(850)));
  await scene.statsAre({ answered: 1, waiting: 1 });
  for (const call of conversations) call.hangUp();
  await scene.statsAre({ offered: 2, answered: 1, abandoned: 1, waiting: 0 });
});

test('[AVL-03] two callers and one agent: the second one is offered the moment the agent is free', async () => {
  const scene = await world().scene();
  const { phone } = scene.agent(1);
  const first = await scene.connect();
  const waiting = await (await scene.caller()).call(scene.number);
  await waiting.answered();
  await waiting.sound.ear.hears('sound', { forMs: 500 });
  await scene.statsAre({ waiting: 1 });
  expect(phone.callsWaiting).toBe(0);
  first.agent.hangUp();
  const second = await phone.nextCall();
  second.answer();
  await waiting.sound.ear.hears(700);
  waiting.hangUp();
  await second.ended();
  await scene.statsAre({ offered: 2, answered: 2, abandoned: 0, waiting: 0 });
});

test('[QUE-03] callers are served in the order of their arrival', async () => {
  const scene = await world().scene({ staffed: false });
  const callers = [await scene.caller(), await scene.caller(), await scene.caller()];
  const calls = [];
  for (const caller of callers) {
    const call = await caller.call(scene.number);
    await call.answered();
    calls.push(call);
  }
  await scene.statsAre({ waiting: 3 });
  await scene.staff(scene.agent(1));
  const served: string[] = [];
  for (const call of calls) {
    const offered = await scene.agent(1).phone.nextCall();
    served.push(
      callers.find(({ username }) => offered.display.includes(username))?.username ?? offered.display,
    );
    offered.answer();
    await offered.answered();
    offered.hangUp();
    await call.ended();
  }
  expect(served).toEqual(callers.map(({ username }) => username));
});

test('[QUE-02] the caller hangs up while waiting: abandoned, and nobody is rung', async () => {
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  customer.hangUp();
  await customer.ended();
  await scene.statsAre({ offered: 1, answered: 0, abandoned: 1, waiting: 0 });
  await scene.staff(scene.agent(1));
  expect(scene.agent(1).phone.callsWaiting).toBe(0);
  expect(await scene.lastContact()).toMatchObject({ outcome: 'abandoned' });
});

test('[AVL-05] the caller hangs up while an agent rings: the ringing ends at once, nothing counts as answered', async () => {
  const scene = await world().scene();
  const customer = await (await scene.caller()).call(scene.number);
  const ringing = await scene.agent(1).phone.nextCall();
  customer.hangUp();
  expect(await ringing.ended()).toMatchObject({ by: 'remote', status: 487 });
  await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  await scene.statsAre({ offered: 1, answered: 0, abandoned: 1, waiting: 0 });
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('abandoned');
  expect(offersOf(contact).map((offer) => offer.split(': ')[1])).toEqual(['cancelled']);
});

test('[CTL-01] the caller hangs up while talking: the agent is released', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  customer.hangUp();
  expect(await agent.ended()).toMatchObject({ by: 'remote', status: 200 });
  await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  expect(await scene.lastContact()).toMatchObject({ outcome: 'answered' });
});

test('[CTL-01] the agent hangs up while talking: the caller is released', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  agent.hangUp();
  expect(await customer.ended()).toMatchObject({ by: 'remote', status: 200 });
  expect(await scene.lastContact()).toMatchObject({ outcome: 'answered' });
});

test('[CTL-04] no call is offered during wrap-up, and the next one when it ends', async () => {
  const seconds = 3;
  const scene = await world().scene({ queue: { wrapUp: { mode: 'timed', seconds } } });
  const { customer, agent } = await scene.connect();
  customer.hangUp();
  await agent.ended();
  await scene.agentIs(scene.agent(1), 'in wrap-up', ({ activity }) => activity === 'wrap-up');
  const next = await (await scene.caller()).call(scene.number);
  await next.answered();
  const offered = await scene.agent(1).phone.nextCall();
  next.hangUp();
  await offered.ended();
  await world().api.allStored();
  const [later, earlier] = (await world().api.contacts()).filter(({ number }) => number === scene.number);
  const [wrapping, waiting] = await Promise.all(
    [earlier, later].map((contact) => world().api.contact(contact?.id ?? '')),
  );
  if (wrapping === undefined || waiting === undefined) throw new Error('There are not two contacts.');
  const over = instantOf(wrapping, 'wrapup.ended');
  const lasted = over - instantOf(wrapping, 'wrapup.started');
  expect(Math.round(lasted / 1000)).toBeGreaterThanOrEqual(seconds);
  expect(instantOf(waiting, 'offer.made')).toBeGreaterThanOrEqual(over);
});

test('[AVL-06] an agent on a break is offered nothing, with the reason shown', async () => {
  const scene = await world().scene();
  const agent = scene.agent(1);
  await world().api.setStatus(agent.username, 'break', 'lunch');
  const live = await scene.agentIs(agent, 'on a break', ({ activity }) => activity === 'break');
  expect(live).toMatchObject({ reasonCode: 'lunch', readiness: { ready: false, reason: 'status-break' } });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  expect(agent.phone.callsWaiting).toBe(0);
  await world().api.setStatus(agent.username, 'available');
  const call = await agent.phone.nextCall();
  call.answer();
  await call.answered();
  customer.hangUp();
  await call.ended();
});

test('[AVL-02] an agent whose phone took its registration back is not ready, with the reason shown', async () => {
  const scene = await world().scene();
  const agent = scene.agent(1);
  await agent.phone.unregister();
  const live = await scene.agentIs(agent, 'unreachable', ({ readiness }) => !readiness.ready);
  expect(live.readiness.reason).toBe('device-unreachable');
});

test('[QUE-01] a full queue refuses the call, which counts as deflected and not as offered', async () => {
  const scene = await world().scene({ staffed: false, queue: { maxSize: 1 } });
  const first = await (await scene.caller()).call(scene.number);
  await first.answered();
  const second = await (await scene.caller()).call(scene.number);
  const end = await second.ended();
  expect(end.by).toBe('remote');
  expect(end.status).toBeGreaterThanOrEqual(400);
  await scene.statsAre({ offered: 1, waiting: 1, deflected: 1 });
  // The list is read from the database, which the facts reach with the next group commit.
  const deflected = await until('the refused contact to be listed', async () => {
    const contacts = (await world().api.contacts()).filter(({ number }) => number === scene.number);
    return contacts.find(({ outcome }) => outcome === 'deflected');
  });
  expect(deflected.reason).toBe('queue-full');
  first.hangUp();
  await first.ended();
});

test('[QUE-07] a caller who has waited the maximum leaves the queue as overflowed', async () => {
  const scene = await world().scene({ staffed: false, queue: { maxWaitSeconds: 1 } });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await customer.ended();
  await scene.statsAre({ offered: 1, overflowed: 1, abandoned: 0, waiting: 0 });
  expect(await scene.lastContact()).toMatchObject({ outcome: 'overflowed' });
});

test('[QUE-02] the timeline tells the whole story of a contact, in order and without a gap', async () => {
  const scene = await world().scene();
  const { caller, customer, agent } = await scene.connect();
  await customer.sound.ear.hears(700);
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({
    number: scene.number,
    callerPhone: caller.username,
    queue: scene.queueName,
    agent: scene.agent(1).username,
    outcome: 'answered',
  });
  expect(contact.timeline.map(({ seq }) => seq)).toEqual(contact.timeline.map((_, index) => index + 1));
  const types: string[] = contact.timeline.map(({ type }) => type);
  const story = [
    'contact.started',
    'queue.entered',
    'offer.made',
    'offer.ended',
    'queue.left',
    'segment.started',
  ];
  const positions = [...story, 'segment.ended'].map((type) => types.indexOf(type));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(positions).not.toContain(-1);
  for (const type of ['recording.started', 'contact.ended']) expect(types).toContain(type);
  expect(contact.segments.map(({ kind }) => kind)).toEqual(['queue', 'conversation']);
});
