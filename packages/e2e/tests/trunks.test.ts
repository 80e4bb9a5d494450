import type { Contact, MadeCall, Page, Trunk } from '@crosspoint/contracts';
import type { Phone } from '@crosspoint/sim/phones';
import { expect, onTestFinished, test } from 'vitest';
import { freeUdpPort, Sipp, sippScenarios, until, useWorld } from '../src/index.ts';

const world = useWorld();
let trunks = 0;

/** A phone outside that the provider's server connects: called by this number, as the provider writes it. */
async function outside(dialled: string, says = 1_900): Promise<Phone> {
  return world().phone({ username: dialled, says });
}

/** A trunk to the server that these phones hang on. */
async function trunkTo(phone: Phone, settings: Record<string, unknown> = {}): Promise<string> {
  trunks += 1;
  const name = `trunk-${trunks}`;
  const { port } = phone.options.host.local;
  await world().api.apply({
    trunks: [{ name, host: '127.0.0.1', port, keepAliveSeconds: 5, ...settings }],
  });
  // Else it would take calls of the next attempt to a telephone that is gone.
  const { id } = await trunk(name);
  onTestFinished(() => world().api.request('DELETE', `/trunks/${id}`));
  return name;
}

/** Prefixes keep the trunks of one test from taking the calls of another. */
const only = (...prefixes: string[]) => ({ outgoing: { prefixes } });

async function trunk(name: string): Promise<Trunk> {
  const { items } = await world().api.get<Page<Trunk>>(`/trunks?search=${name}`);
  const found = items.find((each) => each.name === name);
  if (found === undefined) throw new Error(`There is no trunk ${name}.`);
  return found;
}

function trunkIs(name: string, state: string): Promise<Trunk> {
  let seen: Trunk | undefined;
  return until(
    `${name} to be ${state}`,
    async () => {
      seen = await trunk(name);
      return seen.live?.state === state ? seen : undefined;
    },
    { seen: () => seen?.live },
  );
}

async function dial(username: string, to: string, more: object = {}): Promise<MadeCall> {
  const { id: agentId } = await world().api.liveAgent(username);
  return world().api.request<MadeCall>('POST', '/calls', { agentId, to, ...more });
}

const closed = (contactId: string): Promise<Contact> =>
  world().api.contactWhen(contactId, 'closed', ({ closedAt }) => closedAt !== null);

test('[CAR-01] a call comes in by a trunk: its numbers become E.164, and the contact says which trunk', async () => {
  const scene = await world().scene();
  const national = scene.number.slice('+420'.length);
  const provider = await outside('777000111');
  const name = await trunkTo(provider, { numbering: { country: 'CZ' }, ...only('+1') });
  await trunkIs(name, 'reachable');
  const customer = await provider.call(national);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await customer.sound.ear.hears(700);
  expect((await trunk(name)).live?.calls).toEqual({ incoming: 1, outgoing: 0 });
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({ number: scene.number, callerPhone: '+420777000111', outcome: 'answered' });
  expect(contact.timeline[0]).toMatchObject({ type: 'contact.started', data: { trunk: name } });
  expect((await trunk(name)).live?.calls).toEqual({ incoming: 0, outgoing: 0 });
});

test('[CTL-05] click-to-dial rings the agent, then the customer; both talk, and no queue counts it', async () => {
  const scene = await world().scene();
  const customer = await outside('912345678');
  const name = await trunkTo(customer, {
    numbering: { country: 'ES', send: 'national' },
    identity: { callerId: '+34900100200' },
    ...only('+34'),
  });
  await trunkIs(name, 'reachable');
  const { contactId, callId } = await dial(scene.agent(1).username, '+34 912 345 678');
  const agent = await scene.agent(1).phone.nextCall();
  expect(customer.callsWaiting).toBe(0);
  agent.answer();
  const called = await customer.nextCall();
  expect(called.inviteHeader('From')).toContain('sip:+34900100200@127.0.0.1');
  expect(called.inviteHeader('P-Asserted-Identity')).toContain('sip:+34900100200@');
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  // The customer's phone rings: the agent hears that.
  await agent.sound.ear.hears(425);
  called.answer();
  await called.sound.ear.hears(700);
  await agent.sound.ear.hears(1_900);
  await world().api.request('POST', `/calls/${callId}/hangup`);
  await Promise.all([called.ended(), agent.ended()]);
  const contact = await closed(contactId);
  expect(contact).toMatchObject({
    direction: 'outbound',
    number: '+34912345678',
    outcome: 'answered',
    queue: null,
    hasRecording: true,
  });
  expect(contact.segments).toMatchObject([{ kind: 'conversation', agent: scene.agent(1).username }]);
  expect(await scene.stats()).toMatchObject({ offered: 0, answered: 0 });
  const live = await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  expect(live.today.answered).toBe(0);
});

test('[CTL-05] click-to-dial ends with the reason when the customer is busy or the agent does not want to', async () => {
  const scene = await world().scene();
  const customer = await outside('+33155500001');
  await trunkIs(await trunkTo(customer, only('+33')), 'reachable');
  const busy = await dial(scene.agent(1).username, '+33155500001');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  (await customer.nextCall()).reject(486);
  await agent.ended();
  expect(await closed(busy.contactId)).toMatchObject({ outcome: 'failed', reason: 'sip-486' });
  const refused = await dial(scene.agent(1).username, '+33155500001');
  (await scene.agent(1).phone.nextCall()).reject(603);
  expect(await closed(refused.contactId)).toMatchObject({ outcome: 'failed', reason: 'agent-sip-603' });
  expect(customer.callsWaiting).toBe(0);
});

test('[CAR-01] a call out takes the next trunk when the first is out of order or does not answer at all', async () => {
  const scene = await world().scene();
  const number = '+31205550001';
  const broken = await outside(number);
  broken.onCall = (call) => call.reject(503);
  const dead = await outside(number);
  const well = await outside(number);
  const first = await trunkTo(broken, { outgoing: { prefixes: ['+31'], order: 1 }, keepAliveSeconds: 0 });
  const second = await trunkTo(dead, { outgoing: { prefixes: ['+31'], order: 2 }, keepAliveSeconds: 0 });
  await trunkTo(well, { outgoing: { prefixes: ['+31'], order: 3 } });
  dead.options.host.vanish();
  const { contactId } = await dial(scene.agent(1).username, number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  const called = await well.nextCall();
  called.answer();
  await agent.sound.ear.hears(1_900);
  for (const name of [first, second]) {
    expect((await trunk(name)).live?.calls, name).toEqual({ incoming: 0, outgoing: 0 });
  }
  agent.hangUp();
  await called.ended();
  expect((await closed(contactId)).outcome).toBe('answered');
});

test('[CAR-05] an agent’s phone calls a colleague by extension: both are on contact, no queue counts it', async () => {
  const scene = await world().scene({ agents: 2 });
  const [ann, bob] = [scene.agent(1), scene.agent(2)];
  const [own, extension] = [world().freshExtension(), world().freshExtension()];
  await world().api.apply({
    agents: [
      { username: ann.username, extension: own },
      { username: bob.username, extension },
    ],
  });
  const call = await ann.phone.call(extension);
  const ringing = await bob.phone.nextCall();
  expect(ringing.display).toContain(ann.username);
  await call.ringing();
  ringing.answer();
  await call.answered();
  await call.sound.ear.hears(850);
  await ringing.sound.ear.hears(700);
  for (const agent of [ann, bob]) {
    await scene.agentIs(agent, 'on contact', ({ activity }) => activity === 'on-contact');
  }
  ringing.hangUp();
  await call.ended();
  for (const agent of [ann, bob]) await scene.agentIs(agent, 'ready', ({ readiness }) => readiness.ready);
  expect(await world().api.closedContact(extension)).toMatchObject({
    direction: 'outbound',
    callerPhone: own,
    hasRecording: false,
  });
  expect(await scene.stats()).toMatchObject({ offered: 0 });
});

test('[CAR-05] an agent’s phone calls a number outside; one that no trunk takes is refused', async () => {
  const scene = await world().scene();
  const { phone } = scene.agent(1);
  const customer = await outside('+36155500001');
  await trunkIs(await trunkTo(customer, only('+36')), 'reachable');
  const call = await phone.call('+36155500001');
  const called = await customer.nextCall();
  await call.ringing();
  called.answer();
  await call.sound.ear.hears(1_900);
  await called.sound.ear.hears(700);
  call.hangUp();
  await called.ended();
  const nowhere = await phone.call('+9999999');
  expect(await nowhere.ended()).toMatchObject({ status: 404 });
  // A stranger learns nothing: neither that there is a trunk, nor which accounts there are.
  const stranger = await scene.caller();
  expect(await (await stranger.call('+36155500001')).ended()).toMatchObject({ status: 404 });
});

test('[CAR-01] a trunk carries no more calls than it may', async () => {
  const scene = await world().scene();
  const provider = await outside('+39055500001');
  const name = await trunkTo(provider, { concurrentCallsMax: 1, ...only('+39') });
  await trunkIs(name, 'reachable');
  const first = await provider.call(scene.number);
  await first.answered();
  const second = await provider.call(scene.number);
  expect(await second.ended()).toMatchObject({ status: 486 });
  const agent = await scene.agent(1).phone.nextCall();
  first.hangUp();
  await agent.ended();
});

test('[CAR-01] a trunk registers with a provider that was not written here, and shows when it is refused', async () => {
  const port = await freeUdpPort();
  const registrar = await Sipp.start({
    scenario: sippScenarios.providerRegisters(),
    server: world().product.sip,
    service: 'acme',
    port,
  });
  await world().api.apply({
    trunks: [
      {
        name: 'sipp-registrar',
        host: '127.0.0.1',
        port,
        keepAliveSeconds: 0,
        register: { username: 'acme', password: 'trunk-secret' },
        outgoing: { enabled: false },
      },
    ],
  });
  const registered = await trunkIs('sipp-registrar', 'registered');
  expect(registered.live?.server).toBe(`127.0.0.1:${port}/udp`);
  expect(registered.register).toEqual({
    username: 'acme',
    hasPassword: true,
    domain: null,
    expirySeconds: 3600,
  });
  expect(await registrar.finished()).toMatchObject({
    successful: 1,
    failed: 0,
  });
});

test('[CAR-01] a provider that was not written here asks who calls, and gets its answer', async () => {
  const scene = await world().scene();
  const port = await freeUdpPort();
  const provider = await Sipp.start({
    scenario: sippScenarios.providerTakesCalls(),
    server: world().product.sip,
    service: 'provider',
    port,
    pauseMs: 500,
  });
  await world().api.apply({
    trunks: [
      {
        name: 'sipp-provider',
        host: '127.0.0.1',
        port,
        keepAliveSeconds: 0,
        authentication: { username: 'acme', password: 'trunk-secret' },
        outgoing: { prefixes: ['+48'] },
      },
    ],
  });
  const { contactId } = await dial(scene.agent(1).username, '+48225550001', { trunk: 'sipp-provider' });
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await world().api.contactWhen(contactId, 'connected', ({ state }) => state === 'connected');
  agent.hangUp();
  expect(await provider.finished()).toMatchObject({ successful: 1, failed: 0 });
  expect(await closed(contactId)).toMatchObject({ outcome: 'answered', reason: 'agent-hung-up' });
});

test('[CAR-01] [RFC5806 §4] [RFC7044 §5] who is passed on to a number outside is announced with the number that was dialled', async () => {
  const withDiversion = await outside('+48500100200');
  const withHistory = await outside('+47500100200');
  await trunkIs(
    await trunkTo(withDiversion, { identity: { diversion: 'diversion' }, ...only('+48') }),
    'reachable',
  );
  await trunkIs(
    await trunkTo(withHistory, { identity: { diversion: 'history-info' }, ...only('+47') }),
    'reachable',
  );
  const scene = await world().scene({ queue: { wrapUp: { mode: 'none' } } });
  for (const phone of [withDiversion, withHistory]) {
    const { customer, agent } = await scene.connect();
    const { id: agentId } = await world().api.liveAgent(scene.agent(1).username);
    const call = (await world().api.calls()).find((each) => each.agentId === agentId);
    const target = { number: phone.options.username };
    await world().api.request('POST', `/calls/${call?.id}/transfer`, { kind: 'blind', target });
    const called = await phone.nextCall();
    const own = scene.number.replace('+', '\\+');
    if (phone === withDiversion) {
      expect(called.inviteHeader('Diversion')).toMatch(
        new RegExp(`^<sip:${own}@127\\.0\\.0\\.1;user=phone>;reason=deflection;counter=1;privacy=off$`),
      );
      expect(called.inviteHeader('History-Info')).toBeUndefined();
    } else {
      expect(called.inviteHeader('History-Info')).toMatch(
        new RegExp(`^<sip:${own}@127\\.0\\.0\\.1;user=phone>;index=1`),
      );
      expect(called.inviteHeader('Diversion')).toBeUndefined();
    }
    called.answer();
    await customer.sound.ear.hears(1_900);
    customer.hangUp();
    await Promise.all([called.ended(), agent.ended()]);
  }
});
