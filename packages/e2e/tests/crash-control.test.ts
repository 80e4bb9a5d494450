import type { QueueEntry } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import {
  BaresipPhone,
  callerToneHz,
  freeTcpPort,
  secondsOf,
  takenBy,
  until,
  useWorld,
} from '../src/index.ts';

const tlsPort = await freeTcpPort();
const world = useWorld({ env: { CROSSPOINT_SIP_TLS_PORT: String(tlsPort) } });
const agentToneHz = 700;

async function killAndStart(): Promise<void> {
  await world().product.kill();
  await world().product.start();
  await world().login();
}

async function entriesOf(queueName: string): Promise<QueueEntry[]> {
  const { api } = world();
  const { id } = await api.queue(queueName);
  return api.all(`/queues/${id}/entries`);
}

test('[OPS-03] kill -9 of the control process: the talk goes on, and everything works on it afterwards', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
  const startedAtMs = performance.now();
  await world().product.kill();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 1_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 1_000 }),
  ]);
  await world().product.start();
  await world().login();
  expect(customer.isUp && agent.isUp).toBe(true);
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  await agent.hold();
  await customer.sound.ear.hears('sound');
  await agent.resume();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  const talkedSeconds = (performance.now() - startedAtMs) / 1000;
  customer.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  const {
    contact,
    recording,
    heard: [left],
  } = await scene.lastRecording([callerToneHz, agentToneHz]);
  expect(contact.outcome).toBe('answered');
  expect(recording.durationSeconds).toBeGreaterThan(talkedSeconds);
  // A caller on a machine that stands still says nothing meanwhile.
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(0.6 * talkedSeconds);
});

test('[OPS-03] [QUE-08] kill -9 while callers wait: they keep their places and their age, and are answered in order', async () => {
  const scene = await world().scene({ staffed: false });
  const [first, second] = [await scene.caller({ says: 450 }), await scene.caller({ says: 600 })];
  const one = await first.call(scene.number);
  await one.answered();
  const two = await second.call(scene.number);
  await two.answered();
  await scene.statsAre({ waiting: 2 });
  const before = await entriesOf(scene.queueName);
  await killAndStart();
  await scene.statsAre({ waiting: 2, offered: 2 });
  const after = await entriesOf(scene.queueName);
  const places = (entries: typeof before) =>
    entries.map(({ contactId, position, enteredAt, agedSince }) => ({
      contactId,
      position,
      enteredAt,
      agedSince,
    }));
  expect(places(after)).toEqual(places(before));
  await Promise.all([one.sound.ear.hears('sound'), two.sound.ear.hears('sound')]);
  await scene.staff(scene.agent(1));
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await agent.sound.ear.hears(450);
  agent.hangUp();
  await one.ended();
  two.hangUp();
  await scene.statsAre({ waiting: 0, offered: 2, answered: 1, abandoned: 1 });
});

test('[OPS-03] kill -9 while a telephone rings: the offer is over, and the caller is offered again in the same place', async () => {
  const scene = await world().scene();
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  const ringing = await scene.agent(1).phone.nextCall();
  ringing.ring();
  await world().product.kill();
  await world().product.start();
  await world().login();
  expect((await ringing.ended()).status).toBe(487);
  const agent = await takenBy(scene.agent(1).phone);
  await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
  agent.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  await scene.statsAre({ offered: 1, answered: 1, waiting: 0 });
});

test('[OPS-03] kill -9 during wrap-up: it goes on to its end, also when that was moved, and a status that was chosen holds', async () => {
  const scene = await world().scene({ agents: 2, queue: { wrapUp: { mode: 'timed', seconds: 600 } } });
  await world().api.setStatus(scene.agent(2).username, 'break');
  const { customer, agent } = await scene.connect();
  customer.hangUp();
  await agent.ended();
  const inWrapUp = await scene.agentIs(
    scene.agent(1),
    'in wrap-up',
    ({ activity }) => activity === 'wrap-up',
  );
  const contactId = inWrapUp.contacts[0]?.contactId;
  const move = (until: string) =>
    world().api.request('POST', `/contacts/${contactId}/wrapup`, { action: 'extend', until });
  const endsAt = new Date(Date.parse(inWrapUp.wrapUpUntil ?? '') + 5_000).toISOString();
  await move(endsAt);
  const before = await world().api.liveAgent(scene.agent(1).username);
  expect(before.wrapUpUntil).toBe(endsAt);
  await killAndStart();
  const after = await scene.agentIs(scene.agent(1), 'in wrap-up', ({ activity }) => activity === 'wrap-up');
  expect(after.wrapUpUntil).toBe(before.wrapUpUntil);
  expect((await world().api.liveAgent(scene.agent(2).username)).status).toBe('break');
  // Longer than any start takes until here; the end that is waited for is near.
  await move(new Date(Date.now() + 5_000).toISOString());
  const isReady = async () => (await world().api.liveAgent(scene.agent(1).username)).readiness.ready;
  await until('the end of the wrap-up', isReady);
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  const replayed = await world().product.cli('replay', contact.id);
  expect(replayed.output).toMatch(/contact\.arrived[\s\S]*contact\.assigned[\s\S]*→ fact contact\.closed/);
  expect(replayed.output).toContain('The same decisions');
  expect(replayed.code).toBe(0);
});

test('[OPS-03] [RFC5626 §4.5] kill -9 takes the connections of telephones: their calls go on, and end over those that they open anew', async () => {
  const scene = await world().scene({ agents: 3, staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const calling = async (index: number) => {
    await world().api.setStatus(scene.agent(index).username, 'available');
    return (await scene.caller()).call(scene.number);
  };
  // One that was not written here, and two that nobody can connect to.
  const first = scene.agent(1);
  const baresip = await BaresipPhone.start({
    ...{ username: first.username, password: first.sipPassword, toneHz: agentToneHz, transport: 'tls' },
    server: { address: '127.0.0.1', port: tlsPort },
  });
  onTestFinished(() => baresip.stop());
  const hungUpBy = await calling(1);
  await baresip.event('CALL_INCOMING');
  await baresip.accept();
  await hungUpBy.sound.ear.hears(agentToneHz);
  const behind = async (index: number, over: { protocol: 'tcp' | 'tls'; port: number }) => {
    const { username, sipPassword: password } = scene.agent(index);
    const phone = await world().phone({ username, password, says: agentToneHz, over });
    await phone.register();
    const customer = await calling(index);
    const agent = await phone.nextCall();
    agent.answer();
    await customer.sound.ear.hears(agentToneHz);
    return { phone, agent, customer };
  };
  const back = await behind(2, { protocol: 'tls', port: tlsPort });
  const late = await behind(3, { protocol: 'tcp', port: world().product.sip.port });
  await killAndStart();
  const customers = [hungUpBy, back.customer, late.customer];
  await Promise.all(customers.map(({ sound }) => sound.ear.hears(agentToneHz, { forMs: 500 })));
  // It is still cut off, and connects in order to hang up.
  await baresip.hangUp();
  await hungUpBy.ended();
  // It has come back: what is to be told goes there.
  await back.phone.register();
  await back.agent.hold();
  await back.customer.sound.ear.hears('sound');
  back.customer.hangUp();
  await back.agent.ended();
  // It can be told only when it comes back.
  late.customer.hangUp();
  const isOver = 'free of the call, though it cannot be reached';
  await scene.agentIs(scene.agent(3), isOver, ({ contacts, readiness }) => {
    return contacts.length === 0 && readiness.reason === 'device-unreachable';
  });
  expect(late.agent.isUp).toBe(true);
  await late.phone.register();
  await late.agent.ended();
  await scene.agentIs(scene.agent(3), 'ready', ({ readiness }) => readiness.ready);
  await scene.statsAre({ offered: 3, answered: 3, waiting: 0 });
});
