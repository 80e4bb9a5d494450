import { expect, test } from 'vitest';
import { callerToneHz, secondsOf, signal, until, useWorld } from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;

test('[OPS-03] kill -9 of the control process: people keep talking, and nothing of the call is lost', async () => {
  const { product } = world();
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz);
  await product.kill();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 2_000 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 2_000 }),
  ]);
  await product.start();
  await world().login();
  customer.hangUp();
  agent.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  const {
    contact,
    recording,
    heard: [left, right],
  } = await scene.lastRecording([callerToneHz, agentToneHz]);
  expect(contact.outcome).toBe('answered');
  expect(recording.durationSeconds).toBeGreaterThan(2);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(2);
  expect(secondsOf(agentToneHz, right)).toBeGreaterThan(2);
});

test('[OPS-03] kill -9 while a caller waits: after the restart nothing is stuck and every number adds up', async () => {
  const { product } = world();
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.statsAre({ waiting: 1 });
  await product.kill();
  await product.start();
  await world().login();
  customer.hangUp();
  await scene.statsAre({ waiting: 0 });
  const next = await world().scene();
  const conversation = await next.connect();
  await conversation.customer.sound.ear.hears(agentToneHz);
});

test('[OPS-03] a media process that dies is replaced, and new calls have sound', async () => {
  const { product } = world();
  const media = product.processes().find(({ commandLine }) => commandLine.includes('crosspoint-media'));
  expect(media).toBeDefined();
  signal(media?.pid ?? 0, 'SIGKILL');
  await until('another media process', () =>
    product
      .processes()
      .some(({ commandLine, pid }) => commandLine.includes('crosspoint-media') && pid !== media?.pid),
  );
  await until('the product to be ready again', () => product.isReady());
  const scene = await world().scene();
  const { customer } = await scene.connect();
  await customer.sound.ear.hears(agentToneHz);
});
