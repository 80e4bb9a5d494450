import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Callback, Page } from '@crosspoint/contracts';
import type { Phone } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { until, useWorld, writeToneFile } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
const customerToneHz = 1_900;
/** Still to come when a slow server hears of it. */
const soonMs = 3_000;

/** Puts recordings of one tone each in the place of what the product would say, in English. */
function record(tonesHz: Record<string, number>, seconds = 1): void {
  const folder = join(world().product.dataDir, 'prompts', 'en');
  mkdirSync(folder, { recursive: true });
  for (const [name, hz] of Object.entries(tonesHz)) writeToneFile(join(folder, `${name}.wav`), hz, seconds);
}

/** A number of a customer whom no earlier test has promised a call. */
const freshAbroad = () => world().freshNumber().replace('+420', '+34');

/** A customer outside, whom a trunk reaches under this number. */
async function customerAt(number: string): Promise<Phone> {
  const phone = await world().phone({ username: number, says: customerToneHz });
  const { port } = phone.options.host.local;
  const name = `to-${number.slice(1)}`;
  const outgoing = { prefixes: [number] };
  await world().api.apply({ trunks: [{ name, host: '127.0.0.1', port, keepAliveSeconds: 0, outgoing }] });
  return phone;
}

async function callbacks(state = 'all'): Promise<Callback[]> {
  return (await world().api.get<Page<Callback>>(`/callbacks?state=${state}`)).items;
}

function callbackOf(number: string, state: Callback['state']): Promise<Callback> {
  let seen: Callback | undefined;
  return until(
    `the callback of ${number} to be ${state}`,
    async () => {
      seen = (await callbacks()).find((each) => each.number === number);
      return seen?.state === state ? seen : undefined;
    },
    { seen: () => seen },
  );
}

test('[QUE-01] [QUE-09] a caller hears the greeting and the place, then the queue’s music, also on hold, and is connected in mid-sentence', async () => {
  record({ welcome: 1_000, 'position-first': 1_250, jazz: 850 });
  record({ long: 1_600 }, 20);
  const announcements = {
    greeting: 'welcome',
    music: 'jazz',
    position: 'exact',
    intervalSeconds: 15,
    comfort: ['long'],
  };
  const scene = await world().scene({ staffed: false, queue: { announcements } });
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await customer.sound.ear.hears(1_000, { forMs: 500 });
  await customer.sound.ear.hears(1_250, { forMs: 500 });
  await customer.sound.ear.hears(850, { forMs: 2_000 });
  await customer.sound.ear.hears(1_250, { forMs: 500 });
  await customer.sound.ear.hears(1_600, { forMs: 500 });
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  await customer.sound.ear.hears(1_600, { forMs: 300 });
  agent.answer();
  await customer.sound.ear.hears(agentToneHz, { forMs: 300 });
  await agent.hold();
  await customer.sound.ear.hears(850, { forMs: 500 });
});

test('[QUE-10] by key a caller is called back: the place is kept, the agent comes first, then the customer', async () => {
  record({ 'callback-offer': 1_000, 'callback-noted-number': 1_250 });
  const number = freshAbroad();
  const phone = await customerAt(number);
  const scene = await world().scene({ staffed: false, queue: { callback: { afterSeconds: 0 } } });
  const customer = await phone.call(scene.number);
  await customer.sound.ear.hears(1_000, { forMs: 500 });
  customer.sound.sendDigits('1');
  await customer.sound.ear.hears(1_250, { forMs: 500 });
  await customer.ended();
  const first = await scene.lastContact();
  expect(first).toMatchObject({ outcome: 'callback', callerPhone: number });
  const waiting = await callbackOf(number, 'waiting');
  expect(waiting).toMatchObject({ origin: 'queue', fromContactId: first.id, attempts: 0 });
  // Somebody who comes later does not overtake.
  const later = await (await scene.caller()).call(scene.number);
  await later.answered();
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  expect(phone.callsWaiting).toBe(0);
  agent.answer();
  const called = await phone.nextCall();
  called.answer();
  await Promise.all([
    called.sound.ear.hears(agentToneHz, { forMs: 500 }),
    agent.sound.ear.hears(customerToneHz, { forMs: 500 }),
  ]);
  later.hangUp();
  called.hangUp();
  await agent.ended();
  const done = await callbackOf(number, 'done');
  const contactId = String(done.contactId);
  const contact = await world().api.contactWhen(contactId, 'closed', ({ closedAt }) => closedAt !== null);
  expect(contact).toMatchObject({ direction: 'outbound', outcome: 'answered', number, hasRecording: true });
  expect(await scene.stats()).toMatchObject({ offered: 3, answered: 1, abandoned: 1, callbacks: 1 });
});

test('[QUE-10] a customer who is not reached is tried again; a callback can be put off, called now and cancelled', async () => {
  const number = freshAbroad();
  const phone = await customerAt(number);
  const scene = await world().scene();
  const queueId = (await world().api.queues()).find(({ name }) => name === scene.queueName)?.id;
  const later = new Date(Date.now() + 3_600_000).toISOString();
  const wanted = { queueId, number, at: later };
  const made = await world().api.request<Callback>('POST', '/callbacks', wanted);
  expect(made).toMatchObject({ state: 'scheduled', origin: 'scheduled', dueAt: later });
  await expect(world().api.request('POST', '/callbacks', wanted)).rejects.toThrow('409');
  const nowhere = { ...wanted, number: '+999123' };
  await expect(world().api.request('POST', '/callbacks', nowhere)).rejects.toThrow(
    'No trunk takes calls to +999123',
  );
  const act = (body: object) => world().api.request<Callback>('POST', `/callbacks/${made.id}`, body);
  await act({ action: 'reschedule', at: new Date(Date.now() + soonMs).toISOString() });
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  (await phone.nextCall()).reject(486);
  await agent.ended();
  const resting = await callbackOf(number, 'resting');
  expect(resting).toMatchObject({ attempts: 1, reason: 'sip-486' });
  expect(await act({ action: 'reschedule', at: later })).toMatchObject({ state: 'scheduled', dueAt: later });
  expect(await act({ action: 'call-now' })).toMatchObject({ state: 'waiting', dueAt: null });
  const again = await scene.agent(1).phone.nextCall();
  again.answer();
  const called = await phone.nextCall();
  called.answer();
  await called.sound.ear.hears(agentToneHz);
  called.hangUp();
  await callbackOf(number, 'done');
  await expect(act({ action: 'cancel' })).rejects.toThrow('409');
});

test('[QUE-10] a callback survives kill -9: the customer keeps the place and is called after the restart', async () => {
  const number = freshAbroad();
  const phone = await customerAt(number);
  const scene = await world().scene({ staffed: false });
  const queueId = (await world().api.queues()).find(({ name }) => name === scene.queueName)?.id;
  const at = new Date(Date.now() + soonMs).toISOString();
  await world().api.request<Callback>('POST', '/callbacks', { queueId, number, at });
  const before = await callbackOf(number, 'waiting');
  await world().product.kill();
  await world().product.start();
  await world().login();
  const after = await callbackOf(number, 'waiting');
  expect(after).toMatchObject({ id: before.id, agedSince: before.agedSince, attempts: 0 });
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  const called = await phone.nextCall();
  called.answer();
  await called.sound.ear.hears(agentToneHz);
  called.hangUp();
  await agent.ended();
  await callbackOf(number, 'done');
});
