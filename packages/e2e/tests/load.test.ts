import type { Phone, PhoneCall } from '@crosspoint/sim/phones';
import { expect, test } from 'vitest';
import { until, useWorld } from '../src/index.ts';

const world = useWorld();
const callCount = 50;
/** Every tone is a multiple of 50 Hz, the resolution of 20 ms. */
const toneStepHz = 50;
const lowestToneHz = 300;

/** Calls, and again while the server of a machine that is slower than fifty callers at once refuses (503), as callers do. */
function callsUntilTaken(caller: Phone, number: string): Promise<PhoneCall> {
  const attempt = async () => {
    const call = await caller.call(number);
    const isAnswered = await call.answered().then(
      () => true,
      () => false,
    );
    if (isAnswered) return call;
    expect((await call.ended()).status).toBe(503);
    return undefined;
  };
  return until(`the call of ${caller.username} to be taken`, attempt, { everyMs: 2_000 });
}

test('[CAR-06] 50 calls at once: every caller and every agent hear each other, and only each other', async () => {
  const scene = await world().scene({ agents: callCount, staffed: false });
  const toneOf = (index: number): number => lowestToneHz + index * toneStepHz;
  for (const [index, { phone }] of scene.agents.entries()) phone.says = toneOf(index);
  await Promise.all(scene.agents.map((agent) => scene.staff(agent)));
  const callers = await Promise.all(Array.from({ length: callCount }, () => scene.caller()));
  for (const [index, caller] of callers.entries()) caller.says = toneOf(index);

  const answering = scene.agents.map(async ({ phone }, index) => {
    const call = await phone.nextCall();
    call.answer();
    await call.answered();
    return { call, toneHz: toneOf(index) };
  });
  const customers = await Promise.all(
    callers.map(async (caller, index) => ({
      caller,
      call: await callsUntilTaken(caller, scene.number),
      toneHz: toneOf(index),
    })),
  );
  const answered = await Promise.all(answering);
  await scene.statsAre({ offered: callCount, answered: callCount, waiting: 0 });

  const pairs = answered.map((agent) => {
    const customer = customers.find(({ caller }) => agent.call.display.includes(caller.username));
    if (customer === undefined) throw new Error(`Nobody called ${agent.call.display}.`);
    return { agent, customer };
  });
  expect(new Set(pairs.map(({ customer }) => customer)).size).toBe(callCount);
  await Promise.all(
    pairs.flatMap(({ agent, customer }) => [
      agent.call.sound.ear.hears(customer.toneHz, { forMs: 1_000 }),
      customer.call.sound.ear.hears(agent.toneHz, { forMs: 1_000 }),
    ]),
  );

  for (const { customer } of pairs) customer.call.hangUp();
  await Promise.all(pairs.map(({ agent }) => agent.call.ended()));
  const contacts = await until('every contact to be closed', async () => {
    await world().api.allStored();
    const all = (await world().api.contacts(100)).filter(({ number }) => number === scene.number);
    return all.every(({ closedAt }) => closedAt !== null) && all;
  });
  expect(contacts).toHaveLength(callCount);
  expect(new Set(contacts.map(({ outcome }) => outcome))).toEqual(new Set(['answered']));
});
