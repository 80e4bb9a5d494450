import { expect, test } from 'vitest';
import { callerToneHz, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

test('[CAR-02] each side hears the tone of the other', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 1_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 1_000 }),
  ]);
});

test('[CAR-02] sound is transcoded between G.711 µ-law and A-law', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect({ caller: { codecs: ['PCMU'] } });
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
});

test('[CAR-02] the stream to each phone keeps one source and an unbroken sequence', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  await customer.hold();
  await customer.resume();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  for (const { sound } of [customer, agent]) {
    expect(sound.statistics).toMatchObject({ packetsLost: 0, packetsLate: 0, sourceChanges: 0 });
  }
});

test('[CAR-02] a network that loses and repeats packets leaves the call up and the tones recognisable', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  for (const call of [customer, agent]) call.sound.impairment = { dropRatio: 0.05, duplicateRatio: 0.05 };
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 1_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 1_000 }),
  ]);
});

test('[CAR-01] lost and repeated SIP packets do not prevent a call', async () => {
  const scene = await world().scene();
  const caller = await scene.caller();
  for (const phone of [caller, scene.agent(1).phone]) {
    phone.options.host.impairment = { dropRatio: 0.2, duplicateRatio: 0.2 };
  }
  const customer = await caller.call(scene.number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await Promise.all([customer.answered(), agent.answered()]);
  await customer.sound.ear.hears(agentToneHz);
  customer.hangUp();
  await agent.ended();
});

test('[QUE-09] a waiting caller hears music, and the agent as soon as there is one', async () => {
  const scene = await world().scene({ staffed: false });
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await customer.answered();
  await customer.sound.ear.hears('sound', { forMs: 2_000 });
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  await customer.sound.ear.hears('sound', { forMs: 500 });
  agent.answer();
  await customer.sound.ear.hears(agentToneHz);
});

test('[CTL-01] the agent holds and resumes on the phone: the caller hears music meanwhile', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz);
  await agent.hold();
  await scene.agentIs(scene.agent(1), 'holding', (live) => live.activity === 'hold');
  await expect(customer.sound.ear.hears(agentToneHz, { forMs: 100, timeoutMs: 1_500 })).rejects.toThrow(
    'Did not hear',
  );
  await customer.sound.ear.hears('sound', { forMs: 500 });
  await agent.resume();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  await agent.sound.ear.hears(callerToneHz, { forMs: 500 });
  await scene.agentIs(scene.agent(1), 'on contact', (live) => live.activity === 'on-contact');
});

test('[CTL-01] hold and resume by the API: the caller hears music, the agent is not heard', async () => {
  const scene = await world().scene();
  const { api } = world();
  const { customer, agent } = await scene.connect();
  const { id: agentId } = await api.liveAgent(scene.agent(1).username);
  const leg = (await api.calls()).find((call) => call.agentId === agentId && call.party === 'agent');
  await api.request('POST', `/calls/${leg?.id}/hold`, {});
  await expect(customer.sound.ear.hears(agentToneHz, { forMs: 100, timeoutMs: 1_500 })).rejects.toThrow(
    'Did not hear',
  );
  await customer.sound.ear.hears('sound', { forMs: 500 });
  await api.request('POST', `/calls/${leg?.id}/resume`, {});
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  await agent.sound.ear.hears(callerToneHz, { forMs: 500 });
});

test('[CAR-02] digits reach the agent and the timeline, pressed as RFC 4733 events or sent as SIP INFO', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  customer.sound.sendDigits('159#');
  await agent.sound.digit((digits) => digits.includes('#'));
  customer.sendInfoDigit('7');
  await agent.sound.digit((digits) => digits.includes('7'));
  expect(agent.sound.digits).toBe('159#7');
  customer.hangUp();
  // What is pressed in a conversation may be a card number: that it was pressed is a fact, which key is not.
  const { timeline } = await scene.lastContact();
  const digits = timeline.flatMap((fact) => (fact.type === 'digit.received' ? [fact.data.digit] : []));
  expect(digits).toEqual(['', '', '', '', '']);
});

test('[CAR-07] how each leg is heard is told while it lives, and stays in its last fact', async () => {
  const scene = await world().scene();
  const { customer } = await scene.connect();
  const live = await until('both legs to be judged', async () => {
    const calls = await world().api.calls();
    return calls.length === 2 && calls.every(({ quality }) => quality !== null) && calls;
  });
  for (const { quality } of live) expect(quality).toMatchObject({ codec: 'PCMA', lossPercent: 0 });
  customer.hangUp();
  const { timeline } = await scene.lastContact();
  const judged = timeline.flatMap((fact) => (fact.type === 'leg.ended' ? [fact.data.quality?.mos ?? 0] : []));
  expect(judged).toHaveLength(2);
  // How good it is depends on the machine: packets that come too late are lost too.
  for (const mos of judged) expect(mos).toBeGreaterThan(1);
});
