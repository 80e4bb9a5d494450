import type { Phone, PhoneCall } from '@crosspoint/sim/phones';
import { expect, onTestFinished, test } from 'vitest';
import { BaresipPhone, callerToneHz, type Conversation, type Scene, until, useWorld } from '../src/index.ts';

const world = useWorld();
const colleagueToneHz = 850;

/** The first agent has a telephone that was not written here, and talks with a caller on it. */
async function talking(): Promise<{ scene: Scene; telephone: BaresipPhone; extension: string }> {
  const scene = await world().scene({ agents: 2, staffed: false });
  const [first, second] = [scene.agent(1), scene.agent(2)];
  const extension = world().freshExtension();
  await world().api.apply({ agents: [{ username: second.username, extension }] });
  await world().api.setStatus(second.username, 'offline');
  await second.phone.register();
  const telephone = await BaresipPhone.start({
    username: first.username,
    password: first.sipPassword,
    server: world().product.sip,
    toneHz: 700,
  });
  onTestFinished(() => telephone.stop());
  await world().api.setStatus(first.username, 'available');
  await scene.agentIs(first, 'ready', ({ readiness }) => readiness.ready);
  return { scene, telephone, extension };
}

test('[CTL-02] a telephone sends its caller on by REFER, and is told that it went well', async () => {
  const { scene, telephone, extension } = await talking();
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await telephone.event('CALL_INCOMING');
  await telephone.accept();
  await customer.sound.ear.hears(700);
  const { address, port } = world().product.sip;
  await telephone.control.command('transfer', `sip:${extension}@${address}:${port}`);
  const second = await scene.agent(2).phone.nextCall();
  second.answer();
  await customer.sound.ear.hears(colleagueToneHz);
  await second.sound.ear.hears(callerToneHz);
  await telephone.event('CALL_CLOSED');
  customer.hangUp();
  await second.ended();
  const contact = await scene.lastContact();
  expect(contact.timeline.filter(({ type }) => type === 'transfer.started')).toMatchObject([
    { data: { kind: 'blind' } },
  ]);
});

type Told = { status: number; isLast: boolean };

/** What a scripted telephone is told of its transfer, in order: 100 first, then how it went. */
function transfers(phone: Phone): {
  refer: (call: PhoneCall, target: string, replaces?: PhoneCall) => void;
  told: Told[];
} {
  const told: Told[] = [];
  const { host, server } = phone.options;
  host.onEvent = (event) => {
    if (event.type === 'refer-progress') told.push({ status: event.status, isLast: false });
    if (event.type === 'refer-result') told.push({ status: event.status, isLast: true });
  };
  return {
    told,
    refer: ({ sessionId }, number, replaced) => {
      const target = `sip:${number}@${server.address}:${server.port}`;
      const replaces = replaced && { sessionId: replaced.sessionId };
      host.run((stack, now) => stack.transfers.refer({ referId: 'refer', sessionId, target, replaces }, now));
    },
  };
}

/** The first agent talks with a caller on a scripted telephone; the second one has an extension. */
async function scripted(): Promise<{ scene: Scene; conversation: Conversation; extension: string }> {
  const scene = await world().scene({ agents: 2, staffed: false });
  const extension = world().freshExtension();
  await world().api.apply({ agents: [{ username: scene.agent(2).username, extension }] });
  await scene.staff(scene.agent(1));
  await world().api.setStatus(scene.agent(2).username, 'offline');
  await scene.agent(2).phone.register();
  return { scene, conversation: await scene.connect(), extension };
}

test('[CTL-02] [RFC3515 §2.4.5] a blind transfer is told to have succeeded when the next one has answered, and not before', async () => {
  const { scene, conversation, extension } = await scripted();
  const { refer, told } = transfers(scene.agent(1).phone);
  refer(conversation.agent, extension);
  const second = await scene.agent(2).phone.nextCall();
  expect(told).toEqual([{ status: 100, isLast: false }]);
  expect(conversation.agent.isUp).toBe(true);
  await scene.agentIs(scene.agent(1), 'free of the call', ({ contacts }) => {
    return contacts.every(({ state }) => state !== 'talking');
  });
  second.answer();
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told.at(-1)).toEqual({ status: 200, isLast: true });
  await conversation.agent.ended();
  await conversation.customer.sound.ear.hears(colleagueToneHz);
  conversation.customer.hangUp();
  await second.ended();
});

test('[CTL-02] [RFC3515 §2.4.5] a transfer that fails is told with the code of the one who refused, and the customer is kept', async () => {
  const { scene, conversation, extension } = await scripted();
  const { refer, told } = transfers(scene.agent(1).phone);
  refer(conversation.agent, extension);
  const second = await scene.agent(2).phone.nextCall();
  second.reject(486);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told.at(-1)).toEqual({ status: 486, isLast: true });
  await conversation.agent.ended();
  expect(conversation.customer.isUp).toBe(true);
  const again = await scene.agent(1).phone.nextCall();
  again.answer();
  await conversation.customer.sound.ear.hears(700);
  conversation.customer.hangUp();
  await again.ended();
  const { timeline } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type.startsWith('transfer.'))).toMatchObject([
    { type: 'transfer.started', data: { kind: 'blind' } },
    { type: 'transfer.failed', data: { reason: 'sip-486', next: 'queue' } },
  ]);
});

test('[CTL-02] a transfer to the number of a queue succeeds when the customer has a place in it', async () => {
  const { scene, conversation } = await scripted();
  const other = await world().scene({ staffed: false });
  const { refer, told } = transfers(scene.agent(1).phone);
  refer(conversation.agent, other.number);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told).toEqual([
    { status: 100, isLast: false },
    { status: 200, isLast: true },
  ]);
  await conversation.agent.ended();
  await other.statsAre({ waiting: 1 });
  conversation.customer.hangUp();
  await other.statsAre({ waiting: 0, abandoned: 1 });
});

test('[CTL-02] [CALL-96] a transfer to a number of the house that leads to a flow gives the customer to the flow', async () => {
  const { scene, conversation } = await scripted();
  const number = world().freshNumber();
  const name = world().freshName('flow');
  const say = { kind: 'say', prompt: [{ text: { en: 'You have reached the flow.' } }], next: 'on' };
  const other = await world().scene({ staffed: false });
  const nodes = {
    say,
    on: { kind: 'queue', queue: other.queueName, refused: 'bye' },
    bye: { kind: 'end', prompt: [] },
  };
  await world().api.apply({
    flows: [{ name, start: 'say', nodes }],
    numbers: [{ number, target: { flow: name } }],
  });
  const { refer, told } = transfers(scene.agent(1).phone);
  refer(conversation.agent, number);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told.at(-1)).toEqual({ status: 200, isLast: true });
  await conversation.agent.ended();
  await other.statsAre({ waiting: 1 });
  conversation.customer.hangUp();
  const contact = await world().api.closedContact(scene.number);
  expect(contact).toMatchObject({ outcome: 'answered' });
  expect(contact.timeline.map(({ type }) => type)).toContain('flow.started');
});

test('[CTL-02] a transfer to a number that leads nowhere is refused, and the call goes on', async () => {
  const { scene, conversation } = await scripted();
  const { refer, told } = transfers(scene.agent(1).phone);
  refer(conversation.agent, '+99900000000');
  await until('the telephone to be told', () => told.length > 0);
  expect(told).toEqual([{ status: 404, isLast: true }]);
  await conversation.customer.sound.ear.hears(700);
  conversation.customer.hangUp();
  await conversation.agent.ended();
});

test('[CTL-02] [RFC3891] a telephone with two calls refers one into the other: both are over for it, the others talk', async () => {
  const { scene, conversation, extension } = await scripted();
  const { phone } = scene.agent(1);
  const { refer, told } = transfers(phone);
  await conversation.agent.hold();
  await conversation.customer.sound.ear.hears('sound');
  const consultation = await phone.call(extension);
  const second = await scene.agent(2).phone.nextCall();
  second.answer();
  await consultation.answered();
  await second.sound.ear.hears(700);
  refer(conversation.agent, extension, consultation);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told.at(-1)).toEqual({ status: 200, isLast: true });
  await Promise.all([conversation.agent.ended(), consultation.ended()]);
  await conversation.customer.sound.ear.hears(colleagueToneHz);
  await second.sound.ear.hears(callerToneHz);
  conversation.customer.hangUp();
  await second.ended();
  const { timeline, segments } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'transfer.started')).toMatchObject([
    { data: { kind: 'attended' } },
  ]);
  expect(segments.filter(({ kind }) => kind === 'conversation').map(({ agent }) => agent)).toEqual([
    scene.agent(1).username,
    scene.agent(2).username,
  ]);
});

test('[CTL-02] [CALL-67] whoever comes along into another call is offered nothing on the way, though somebody waits', async () => {
  const scene = await world().scene({ agents: 2, staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const [first, colleague] = [scene.agent(1), scene.agent(2)];
  const extension = world().freshExtension();
  await world().api.apply({ agents: [{ username: colleague.username, extension }] });
  await scene.staff(first);
  const conversation = await scene.connect();
  await scene.staff(colleague);
  await conversation.agent.hold();
  const consultation = await first.phone.call(extension);
  const second = await colleague.phone.nextCall();
  second.answer();
  await consultation.answered();
  // Nobody but the colleague could take who waits.
  await world().api.setStatus(first.username, 'break');
  const waiting = await (await scene.caller()).call(scene.number);
  await scene.statsAre({ waiting: 1 });
  const { refer, told } = transfers(first.phone);
  refer(conversation.agent, extension, consultation);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  await conversation.customer.sound.ear.hears(colleagueToneHz);
  await scene.statsAre({ waiting: 1 });
  expect(colleague.phone.callsWaiting).toBe(0);
  conversation.customer.hangUp();
  // Free again, the colleague gets the one who waits.
  const next = await colleague.phone.nextCall();
  next.answer();
  await waiting.sound.ear.hears(colleagueToneHz);
  waiting.hangUp();
  await next.ended();
});

test('[CTL-02] a colleague who takes part in the call already cannot be brought into it: both calls go on', async () => {
  const { scene, conversation, extension } = await scripted();
  const [first, colleague] = [scene.agent(1), scene.agent(2)];
  const [own, other] = await Promise.all([
    world().api.liveAgent(first.username),
    world().api.liveAgent(colleague.username),
  ]);
  const calls = await world().api.calls();
  const leg = calls.find(({ agentId }) => agentId === own.id)?.id;
  await world().api.request('POST', `/calls/${leg}/parties`, { target: { agentId: other.id } });
  const party = await colleague.phone.nextCall();
  party.answer();
  await party.answered();
  await conversation.agent.hold();
  const beside = await first.phone.call(extension);
  const second = await colleague.phone.nextCall();
  second.answer();
  await beside.answered();
  const { refer, told } = transfers(first.phone);
  refer(conversation.agent, extension, beside);
  await until('the telephone to be told', () => told.length > 0);
  expect(told).toEqual([{ status: 603, isLast: true }]);
  await conversation.customer.sound.ear.hears(colleagueToneHz);
  await second.sound.ear.hears(700);
  beside.hangUp();
  await second.ended();
  conversation.customer.hangUp();
  await Promise.all([conversation.agent.ended(), party.ended()]);
});

test('[CTL-02] [CALL-98] a telephone that waits in another queue refers its customer there: the customer has a place, the telephone is out', async () => {
  const { scene, conversation } = await scripted();
  const other = await world().scene({ staffed: false });
  const { phone } = scene.agent(1);
  await conversation.agent.hold();
  const consultation = await phone.call(other.number);
  await consultation.answered();
  await other.statsAre({ waiting: 1 });
  const { refer, told } = transfers(phone);
  refer(conversation.agent, other.number, consultation);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told).toEqual([
    { status: 100, isLast: false },
    { status: 200, isLast: true },
  ]);
  await Promise.all([conversation.agent.ended(), consultation.ended()]);
  await other.statsAre({ offered: 2, waiting: 1 });
  await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  const agent = other.agent(1);
  await other.staff(agent);
  const taken = await agent.phone.nextCall();
  taken.answer();
  await taken.sound.ear.hears(callerToneHz);
  conversation.customer.hangUp();
  await taken.ended();
});

test('[CTL-02] [CALL-67] a telephone that speaks with the agent of another queue refers its customer to that one', async () => {
  const { scene, conversation } = await scripted();
  const other = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  const { phone } = scene.agent(1);
  await conversation.agent.hold();
  const consultation = await phone.call(other.number);
  const taken = await other.agent(1).phone.nextCall();
  taken.answer();
  await consultation.answered();
  await taken.sound.ear.hears(700);
  const { refer, told } = transfers(phone);
  refer(conversation.agent, other.number, consultation);
  await until('the telephone to be told', () => told.at(-1)?.isLast === true, { seen: () => told });
  expect(told.at(-1)).toEqual({ status: 200, isLast: true });
  await Promise.all([conversation.agent.ended(), consultation.ended()]);
  await taken.sound.ear.hears(callerToneHz);
  await other.agentIs(other.agent(1), 'with the customer', ({ activity }) => activity === 'on-contact');
  conversation.customer.hangUp();
  await taken.ended();
  await other.agentIs(other.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  await other.statsAre({ offered: 1, answered: 1, waiting: 0 });
  const { timeline, segments } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'transfer.started')).toMatchObject([
    { data: { kind: 'attended' } },
  ]);
  expect(segments.filter(({ kind }) => kind === 'conversation').map(({ agent }) => agent)).toEqual([
    scene.agent(1).username,
    other.agent(1).username,
  ]);
});
