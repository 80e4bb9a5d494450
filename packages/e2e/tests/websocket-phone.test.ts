import { expect, test } from 'vitest';
import { callerToneHz, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
const otherToneHz = 1_100;

test('[CAR-01] [RFC7118] a telephone on a WebSocket that is no browser registers, is called with plain RTP, holds and is hung up', async () => {
  const scene = await world().scene({ staffed: false });
  const { username, sipPassword } = scene.agent(1);
  const phone = await world().phone({
    ...{ username, password: sipPassword, says: agentToneHz },
    overWebSocket: true,
  });
  await phone.register();
  await world().api.setStatus(username, 'available');
  await scene.agentIs(scene.agent(1), 'ready', ({ readiness }) => readiness.ready);
  for (const round of [1, 2]) {
    const customer = await (await scene.caller()).call(scene.number);
    const agent = await phone.nextCall();
    agent.answer();
    await Promise.all([
      customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
      agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
    ]);
    if (round === 1) {
      await agent.hold();
      await scene.agentIs(scene.agent(1), 'holding', ({ activity }) => activity === 'hold');
      await agent.resume();
      await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
      agent.hangUp();
    } else customer.hangUp();
    await Promise.all([customer.ended(), agent.ended()]);
  }
  await phone.unregister();
  await scene.agentIs(scene.agent(1), 'without a phone', ({ readiness }) => !readiness.ready);
});

test('[CAR-01] [RFC7118] a stranger on a WebSocket calls a queue with plain RTP, presses keys, and is hung up by a BYE over the same connection', async () => {
  const scene = await world().scene();
  const visitor = await world().phone({ username: 'visitor', says: otherToneHz, overWebSocket: true });
  const customer = await visitor.call(scene.number);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    agent.sound.ear.hears(otherToneHz, { forMs: 500 }),
  ]);
  customer.sound.sendDigits('5');
  await agent.sound.digit((digits) => digits.includes('5'));
  agent.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  expect((await scene.lastContact()).outcome).toBe('answered');
});
