import type { AgentDevice, Page } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { callerToneHz, until, useWorld } from '../src/index.ts';

const world = useWorld();

test('[CAR-05] two phones of one agent ring together: the one that is answered gets the call, the other stops', async () => {
  const scene = await world().scene();
  const agent = scene.agent(1);
  const second = await world().phone({
    username: agent.username,
    password: agent.sipPassword,
    says: 850,
  });
  await second.register();
  const customer = await (await scene.caller()).call(scene.number);
  const [left, right] = await Promise.all([agent.phone.nextCall(), second.nextCall()]);
  right.answer();
  expect(await left.ended()).toMatchObject({ status: 487 });
  await customer.sound.ear.hears(850);
  await right.sound.ear.hears(callerToneHz);
  customer.hangUp();
  await right.ended();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  // One offer, one leg: two phones are one agent.
  expect(contact.timeline.filter(({ type }) => type === 'leg.added')).toHaveLength(2);
  await scene.statsAre({ offered: 1, answered: 1, abandoned: 0 });
});

test('[CAR-05] an agent who is busy on one phone and declines on the other has declined', async () => {
  const scene = await world().scene();
  const agent = scene.agent(1);
  const second = await world().phone({ username: agent.username, password: agent.sipPassword });
  await second.register();
  const customer = await (await scene.caller()).call(scene.number);
  const [left, right] = await Promise.all([agent.phone.nextCall(), second.nextCall()]);
  left.reject(486);
  right.reject(603);
  await scene.agentIs(agent, 'backing off', ({ readiness }) => readiness.reason === 'backing-off');
  customer.hangUp();
  await customer.ended();
  const contact = await scene.lastContact();
  expect(contact.timeline.find(({ type }) => type === 'offer.ended')?.data).toMatchObject({
    result: 'rejected',
  });
});

test('[CAR-05] an agent away from the desk is called outside after it, and takes the call with a key', async () => {
  const scene = await world().scene({ queue: { ringTimeoutSeconds: 40 } });
  const agent = scene.agent(1);
  const mobile = await world().phone({ username: '+420777123456', says: 1_900 });
  const { port } = mobile.options.host.local;
  await world().api.apply({
    trunks: [
      { name: 'mobile', host: '127.0.0.1', port, keepAliveSeconds: 5, outgoing: { prefixes: ['+420777'] } },
    ],
    agents: [
      {
        username: agent.username,
        ringMode: 'in-order',
        endpoints: [
          { kind: 'sip', ringSeconds: 5 },
          { kind: 'external', address: '+420777123456', confirmKey: '5' },
        ],
      },
    ],
  });
  const { id } = await world().api.liveAgent(agent.username);
  await until('the number outside to be reachable', async () => {
    const { items } = await world().api.get<Page<AgentDevice>>(`/agents/${id}/devices`);
    return items.some(({ kind, reachable }) => kind === 'external' && reachable);
  });
  const customer = await (await scene.caller()).call(scene.number);
  const desk = await agent.phone.nextCall();
  const outside = await mobile.nextCall();
  expect(await desk.ended()).toMatchObject({ status: 487 });
  outside.answer();
  await outside.answered();
  // The agent hears that a key is wanted, and the customer still hears music.
  await outside.sound.ear.hears(900);
  expect((await scene.stats()).answered).toBe(0);
  outside.sendInfoDigit('1');
  outside.sendInfoDigit('5');
  await customer.sound.ear.hears(1_900);
  await outside.sound.ear.hears(callerToneHz);
  customer.hangUp();
  await outside.ended();
  expect((await scene.lastContact()).outcome).toBe('answered');
});

test('[CAR-05] an agent without any phone is ready by a number outside, and not when its trunk is gone', async () => {
  const scene = await world().scene({ staffed: false });
  const agent = scene.agent(1);
  const mobile = await world().phone({ username: '+420778123456' });
  const { port } = mobile.options.host.local;
  await world().api.apply({
    trunks: [
      { name: 'other', host: '127.0.0.1', port, keepAliveSeconds: 5, outgoing: { prefixes: ['+420778'] } },
    ],
    agents: [
      {
        username: agent.username,
        endpoints: [{ kind: 'external', address: '+420778123456', confirmKey: null }],
      },
    ],
  });
  await world().api.setStatus(agent.username, 'available');
  await scene.agentIs(agent, 'ready', ({ readiness }) => readiness.ready);
  mobile.options.host.vanish();
  const gone = (reason: string) =>
    until(
      `the agent to be ${reason}`,
      async () => (await world().api.liveAgent(agent.username)).readiness.reason === reason,
    );
  await gone('device-unreachable');
});
