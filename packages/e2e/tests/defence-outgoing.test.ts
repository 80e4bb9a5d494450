import type { AuditEntry, Page, Refusal, TollUsage, Trunk } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { type Scene, until, useWorld } from '../src/index.ts';

const world = useWorld();

const unlimited = { concurrentCallsMax: null, callsPerHourMax: null, minutesPerDayMax: null };

/** Limits of each agent, everything else open. */
async function limit(outgoing: object): Promise<void> {
  await world().api.request('PUT', '/security/settings', {
    outgoing: { tenant: unlimited, trunk: unlimited, agent: unlimited, ...outgoing },
  });
}

/** A provider on real SIP, at which a phone with that number hangs. */
async function providerOf(number: string) {
  const phone = await world().phone({ username: number, says: 1_900 });
  const name = `to-${number.slice(1)}`;
  const { port } = phone.options.host.local;
  await world().api.apply({
    trunks: [
      { name, host: '127.0.0.1', port, keepAliveSeconds: 5, outgoing: { prefixes: [number.slice(0, 4)] } },
    ],
  });
  await until('the trunk to be reachable', async () => {
    const { items } = await world().api.get<Page<Trunk>>(`/trunks?search=${name}`);
    return items[0]?.live?.state === 'reachable';
  });
  return phone;
}

/** The agent's phone calls out; the status of its end when it is refused. */
async function refusalOf(scene: Scene, number: string): Promise<number> {
  const call = await scene.agent(1).phone.call(number);
  return (await call.ended()).status;
}

async function reasons(): Promise<string[]> {
  const { items } = await world().api.get<Page<Refusal>>('/security/refusals');
  return items.map(({ reason }) => reason);
}

test('[OPS-05] the first call above the calls of an hour does not go out; a person hears of it, also after a restart', async () => {
  const scene = await world().scene();
  const customer = await providerOf('+420555700001');
  await limit({ agent: { ...unlimited, callsPerHourMax: 2 } });
  for (let n = 0; n < 2; n++) {
    const call = await scene.agent(1).phone.call('+420555700001');
    const called = await customer.nextCall();
    called.answer();
    await call.answered();
    call.hangUp();
    await called.ended();
  }
  expect(await refusalOf(scene, '+420555700001')).toBe(403);
  expect(customer.callsWaiting).toBe(0);
  expect(await reasons()).toContain('calls-per-hour');
  const contact = await until('the refused call to be in the records', async () => {
    const contacts = await world().api.contacts();
    return contacts.find(({ outcome }) => outcome === 'failed');
  });
  expect(await world().api.contact(contact.id)).toMatchObject({ reason: 'calls-per-hour' });
  expect(world().product.output).toContain('stolen password');
  const audit = await until('the limit to be in the audit log', async () => {
    const { items } = await world().api.get<Page<AuditEntry>>('/audit?action=outgoing-limit.reached');
    return items[0];
  });
  expect(audit.actor.kind).toBe('system');
  await world().product.stop();
  await world().product.start();
  await world().login();
  expect(await refusalOf(scene, '+420555700001')).toBe(403);
  const { items } = await world().api.get<Page<TollUsage>>('/security/outgoing');
  expect(items.find(({ name }) => name === scene.agent(1).username)).toMatchObject({
    scope: 'agent',
    callsLastHour: 2,
    limits: { callsPerHourMax: 2 },
  });
});

test('[OPS-05] premium-rate numbers, satellite telephones and countries that are not allowed are not called', async () => {
  const scene = await world().scene();
  const customer = await providerOf('+906555700001');
  await limit({ countries: ['CZ'] });
  await world().api.apply({
    trunks: [{ name: 'to-everywhere', host: '127.0.0.1', port: customer.options.host.local.port }],
  });
  for (const number of ['+420906123456', '+870773111000', '+25261234567', '0025261234567'])
    expect(await refusalOf(scene, number), number).toBe(403);
  expect(customer.callsWaiting).toBe(0);
  expect(await reasons()).toEqual(
    expect.arrayContaining(['premium-number', 'prefix-denied', 'country-not-allowed']),
  );
});

test('[OPS-05] one agent’s calls at once are limited, and a call that ends makes room', async () => {
  const scene = await world().scene();
  const customer = await providerOf('+421555700001');
  await limit({ agent: { ...unlimited, concurrentCallsMax: 1 } });
  const first = await scene.agent(1).phone.call('+421555700001');
  const called = await customer.nextCall();
  called.answer();
  await first.answered();
  expect(await refusalOf(scene, '+421555700001')).toBe(403);
  first.hangUp();
  await called.ended();
  const next = await scene.agent(1).phone.call('+421555700001');
  const again = await customer.nextCall();
  again.answer();
  await next.answered();
  next.hangUp();
  await again.ended();
});
