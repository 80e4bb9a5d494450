import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Callback, MadeCall, Page } from '@crosspoint/contracts';
import type { Phone, PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import {
  callerToneHz,
  expectMatrix,
  Meeting,
  type Scene,
  type SceneAgent,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const [ann, farToneHz] = [700, 1_900];
const post = <T>(path: string, body: object) => world().api.request<T>('POST', path, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;

async function killAndStart(): Promise<void> {
  await world().product.kill();
  await world().product.start();
  await world().login();
}

/** Somebody far away, with a trunk that leads there. */
async function outside(): Promise<{ number: string; phone: Phone }> {
  const number = world().freshNumber();
  const phone = await world().phone({ username: number, says: farToneHz });
  const { port } = phone.options.host.local;
  const name = world().freshName('away');
  const outgoing = { prefixes: [number] };
  await world().api.apply({ trunks: [{ name, host: '127.0.0.1', port, keepAliveSeconds: 0, outgoing }] });
  return { number, phone };
}

function callbackOf(number: string, state: Callback['state']): Promise<Callback> {
  let seen: Callback | undefined;
  return until(
    `the callback of ${number} to be ${state}`,
    async () => {
      const { items } = await world().api.get<Page<Callback>>('/callbacks?state=all');
      seen = items.find((each) => each.number === number);
      return seen?.state === state && seen;
    },
    { seen: () => seen },
  );
}

async function legOf(agent: SceneAgent): Promise<string> {
  const id = await idOf(agent);
  const call = (await world().api.calls()).find(({ agentId, state }) => agentId === id && state !== 'ending');
  if (call === undefined) throw new Error(`${agent.username} has no call`);
  return call.id;
}

/** A caller and the first agent talk; the second one has a telephone. */
async function talk() {
  const scene = await world().scene({
    ...{ agents: 2, staffed: false, queue: { wrapUp: { mode: 'none', seconds: 0 } } },
  });
  await scene.staff(scene.agent(1));
  await world().api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  return { scene, ...(await scene.connect()) };
}

const isReadyAgain = (scene: Scene, number: number) =>
  scene.agentIs(scene.agent(number), 'ready again', ({ readiness }) => readiness.ready);

test('[OPS-03] [QUE-10] kill -9 while the customer of a callback is rung: nobody is called twice at once, and the customer is called again', async () => {
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none', seconds: 0 } } });
  const { number, phone } = await outside();
  const queueId = (await world().api.queues()).find(({ name }) => name === scene.queueName)?.id;
  const at = new Date(Date.now() + 1_000).toISOString();
  const made = await post<Callback>('/callbacks', { queueId, number, at });
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  const called = await phone.nextCall();
  await killAndStart();
  expect(await called.ended()).toMatchObject({ by: 'remote' });
  await agent.ended();
  const resting = await callbackOf(number, 'resting');
  expect(resting).toMatchObject({ id: made.id, attempts: 1 });
  await post(`/callbacks/${made.id}`, { action: 'call-now' });
  const again = await scene.agent(1).phone.nextCall();
  again.answer();
  const answered = await phone.nextCall();
  answered.answer();
  await answered.sound.ear.hears(ann, { forMs: 300 });
  answered.hangUp();
  await again.ended();
  expect(await callbackOf(number, 'done')).toMatchObject({ id: made.id });
  expect(phone.callsWaiting).toBe(0);
});

test('[OPS-03] [CTL-05] kill -9 while a number outside is rung by click-to-dial: both are hung up, and the agent is free', async () => {
  const scene = await world().scene();
  const { number, phone } = await outside();
  const agentId = await idOf(scene.agent(1));
  const { contactId } = await post<MadeCall>('/calls', { agentId, to: number });
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  const called = await phone.nextCall();
  await killAndStart();
  expect(await called.ended()).toMatchObject({ by: 'remote' });
  await agent.ended();
  const contact = await until('the contact to be closed', async () => {
    const one = await world().api.contact(contactId);
    return one.closedAt !== null && one;
  });
  expect(contact).toMatchObject({ direction: 'outbound', outcome: 'failed' });
  await isReadyAgain(scene, 1);
});

/** A call that only rang does not go on: the customer is where a transfer leads that nobody answers. */
async function isBack(scene: Scene, customer: PhoneCall): Promise<void> {
  const again = await scene.agent(1).phone.nextCall();
  again.answer();
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [again, ann, [callerToneHz]],
  ]);
  customer.hangUp();
  await again.ended();
  const { outcome, timeline } = await scene.lastContact();
  expect(outcome).toBe('answered');
  const failed = timeline.filter(({ type }) => type === 'transfer.failed');
  expect(failed).toMatchObject([{ data: { next: 'queue' } }]);
  await isReadyAgain(scene, 1);
}

test('[OPS-03] [CTL-02] kill -9 while the target of a blind transfer rings: the customer is back in the queue', async () => {
  const { scene, customer, agent } = await talk();
  const target = { agentId: await idOf(scene.agent(2)) };
  await post(`/calls/${await legOf(scene.agent(1))}/transfer`, { kind: 'blind', target });
  await agent.ended();
  const rung = await scene.agent(2).phone.nextCall();
  await killAndStart();
  await rung.ended();
  await isBack(scene, customer);
});

test('[OPS-03] [CTL-02] kill -9 while a number outside is rung by a blind transfer: the customer is back in the queue', async () => {
  const { scene, customer, agent } = await talk();
  const { number, phone } = await outside();
  await post(`/calls/${await legOf(scene.agent(1))}/transfer`, { kind: 'blind', target: { number } });
  await agent.ended();
  const rung = await phone.nextCall();
  await killAndStart();
  await rung.ended();
  await isBack(scene, customer);
});

test('[OPS-03] [IVR-07] kill -9 while a caller is asked for a score: the answer counts', async () => {
  const { api } = world();
  const surveyFlow = world().freshName('after the call');
  const ask = {
    ...({ kind: 'survey', question: 'How was it?', timeoutSeconds: 60 } as const),
    ...{ prompt: [{ text: { en: 'How was it, from one to five?' } }], next: 'bye', otherwise: 'bye' },
  };
  await api.apply({ flows: [{ name: surveyFlow, start: 'ask', nodes: { ask, bye: { kind: 'end' } } }] });
  const scene = await world().scene({ queue: { surveyFlow } });
  const { customer, agent } = await scene.connect();
  agent.hangUp();
  const { id } = await until('the contact to be stored', async () =>
    (await api.contacts()).find(({ queue }) => queue === scene.queueName),
  );
  await until('the question to be asked', async () =>
    (await api.contact(id)).timeline.some(({ type }) => type === 'flow.started'),
  );
  await killAndStart();
  customer.sendInfoDigit('4');
  expect(await customer.ended()).toMatchObject({ by: 'remote' });
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({ outcome: 'answered', reason: 'agent-hung-up' });
  expect(contact.timeline.filter(({ type }) => type === 'survey.answered')).toMatchObject([
    { data: { score: 4 } },
  ]);
  await isReadyAgain(scene, 1);
});

test('[OPS-03] [CTL-03] kill -9 amid the PIN of a conference: the rest of it is keyed afterwards, and the caller is in', async () => {
  const meeting = await Meeting.begin(world);
  const first = await meeting.come(ann);
  const phone = await world().phone({ username: world().freshNumber(), says: farToneHz });
  const second = await phone.call(meeting.number);
  await second.answered();
  await second.sound.ear.hears('sound', { forMs: 300 });
  const journal = join(world().product.dataDir, 'journal');
  const read = () => readdirSync(journal).map((name) => readFileSync(join(journal, name), 'utf8'));
  const heard = () => read().join().split('"f":').length;
  const before = heard();
  const pin = `${meeting.pins.participant}#`;
  for (const digit of pin.slice(0, 2)) second.sendInfoDigit(digit);
  await until('both digits to be kept', () => heard() >= before + 2);
  await world().product.kill();
  await world().product.start();
  // Before anything else: between two digits there are only seconds.
  for (const digit of pin.slice(2)) second.sendInfoDigit(digit);
  await world().login();
  await meeting.liveIs('both to be there', ({ parties }) => parties.length === 2);
  await expectMatrix([
    [first, ann, [farToneHz]],
    [second, farToneHz, [ann]],
  ]);
  await meeting.act('end');
  await Promise.all([first.ended(), second.ended()]);
});
