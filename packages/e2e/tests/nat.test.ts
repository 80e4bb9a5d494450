import { beforeAll, afterAll, expect, onTestFinished, test } from 'vitest';
import { BaresipPhone, NatNetwork, type Scene, until, useWorld } from '../src/index.ts';

// Questions come sooner than this router forgets, as 25 s do with routers of the world.
const world = useWorld({ env: { CROSSPOINT_SIP_HOST: '0.0.0.0', CROSSPOINT_SIP_QUALIFY_SECONDS: '2' } });
const homeToneHz = 700;
let home: NatNetwork | undefined;

beforeAll(() => {
  home = NatNetwork.make('telephones');
});
afterAll(() => home?.remove());

/** A telephone behind the router; undefined where no network can be made, as by others than root. */
async function phoneAtHome(
  annotate: (message: string, type: string) => Promise<unknown>,
  options: Pick<Parameters<typeof BaresipPhone.start>[0], 'username' | 'password' | 'register'>,
): Promise<BaresipPhone | undefined> {
  if (home === undefined) {
    await annotate('no network could be made here: NAT was not tried', 'warning');
    return undefined;
  }
  const phone = await BaresipPhone.start({
    ...options,
    ...{ home, server: world().product.sip, toneHz: homeToneHz },
  });
  onTestFinished(() => phone.stop());
  return phone;
}

const heardOf = (scene: Scene) => async () =>
  Date.parse((await world().api.liveAgent(scene.agent(1).username)).lastHeartbeatAt ?? '') || 0;

test('[CAR-01] an agent at home behind a router that forgets soon is rung, heard and hears, also after a long silence and a hold', async ({
  annotate,
}) => {
  const scene = await world().scene({ staffed: false, queue: { wrapUp: { mode: 'none' } } });
  const { username, sipPassword: password } = scene.agent(1);
  const desk = await phoneAtHome(annotate, { username, password });
  if (desk === undefined) return;
  await world().api.setStatus(username, 'available');
  await scene.agentIs(scene.agent(1), 'ready', ({ readiness }) => readiness.ready);
  const heartbeat = heardOf(scene);
  const firstMs = await heartbeat();
  await until('the telephone to have been asked for longer than the router remembers', async () => {
    return (await heartbeat()) - firstMs > 12_000;
  });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await desk.event('CALL_INCOMING');
  await desk.accept();
  await customer.sound.ear.hears(homeToneHz, { forMs: 500 });
  await desk.hold();
  await customer.sound.ear.hears('sound');
  await desk.resume();
  await customer.sound.ear.hears(homeToneHz, { forMs: 500 });
  customer.hangUp();
  await desk.event('CALL_CLOSED');
  expect((await desk.heard()).some((sample) => Math.abs(sample) > 0.05)).toBe(true);
});

test('[CAR-01] a caller behind a router hears and is heard, and either side may hang up', async ({
  annotate,
}) => {
  const scene = await world().scene();
  const caller = await phoneAtHome(annotate, { username: '+420777222111', password: '', register: false });
  if (caller === undefined) return;
  for (const who of ['caller', 'agent'] as const) {
    const mark = caller.mark();
    await caller.dial(scene.number);
    await caller.event('CALL_ESTABLISHED', { from: mark });
    const agent = await scene.agent(1).phone.nextCall();
    agent.answer();
    await agent.sound.ear.hears(homeToneHz, { forMs: 500 });
    if (who === 'caller') await caller.hangUp();
    else agent.hangUp();
    await agent.ended();
    await caller.event('CALL_CLOSED', { from: mark });
    await scene.agentIs(scene.agent(1), 'ready again', ({ readiness }) => readiness.ready);
  }
});
