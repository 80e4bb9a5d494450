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
    // Who balances load leads nobody here any more.
    expect(await product.isReady()).toBe(false);
    await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
    customer.hangUp();
    await agent.ended();
    expect(await product.exited()).toBe(0);
  } finally {
    await world.stop();
  }
});

test('[OPS-02] [CTL-04] a wrap-up goes on over a stop and a start, is in no way of the stop, and its facts are written once', async () => {
  const world = await World.start({ env: { CROSSPOINT_DRAIN_SECONDS: '120' } });
  try {
    const { product } = world;
    const scene = await world.scene({ agents: 2, queue: { wrapUp: { mode: 'mandatory' } } });
    const ofFirst = await scene.connect();
    ofFirst.customer.hangUp();
    await ofFirst.agent.ended();
    const wrapsUp = ({ activity }: { activity: string }) => activity === 'wrap-up';
    const { contacts } = await scene.agentIs(scene.agent(1), 'in wrap-up', wrapsUp);
    const contactId = contacts[0]?.contactId ?? '';
    await world.api.allStored();
    const { timeline } = await world.api.contact(contactId);
    expect(await product.stop()).toBe(0);
    await product.start();
    await world.login();
    await scene.agentIs(scene.agent(1), 'in wrap-up', wrapsUp);
    expect((await world.api.contact(contactId)).timeline, 'nothing was ended').toEqual(timeline);
    await world.api.request('POST', `/contacts/${contactId}/wrapup`, { action: 'finish' });
    const contact = await until('the contact to be closed', async () => {
      await world.api.allStored();
      const now = await world.api.contact(contactId);
      return now.closedAt !== null && now;
    });
    expect(contact.timeline.map(({ seq }) => seq)).toEqual(contact.timeline.map((_fact, index) => index + 1));
    expect(contact.timeline.slice(timeline.length).map(({ type }) => type)).toEqual([
      'wrapup.ended',
      'contact.closed',
    ]);
  } finally {
    await world.stop();
  }
});
