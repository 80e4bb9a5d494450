import { expect, test } from 'vitest';
import { callerToneHz, signal, until, World } from '../src/index.ts';

const agentToneHz = 700;

test('[OPS-02] a server that is asked to stop takes no new call, and waits for the talk to end', async () => {
  const world = await World.start({ env: { CROSSPOINT_DRAIN_SECONDS: '120' } });
  try {
    const { product } = world;
    const scene = await world.scene();
    const { customer, agent } = await scene.connect();
    signal(product.pid, 'SIGTERM');
    await until('the drain', () => product.output.includes('no new calls are taken'));
    const refused = await (await scene.caller()).call(scene.number);
    expect((await refused.ended()).status).toBe(503);
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    customer.hangUp();
    await agent.ended();
    expect(await product.exited()).toBe(0);
  } finally {
    await world.stop();
  }
});
