import type { MadeCall } from '@crosspoint/contracts';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  AgentDesk,
  callerToneHz,
  deskToneHz,
  launchPhoneChromium,
  type Scene,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
/** Longer than Chromium conceals the end of a stream. */
const heardMs = 700;
let browser: Browser;

beforeAll(async () => {
  browser = await launchPhoneChromium();
});
afterAll(() => browser?.close());

async function staffedDesk(scene: Scene): Promise<AgentDesk> {
  const desk = await AgentDesk.open(browser, world().product, scene.agent(1));
  onTestFinished(() => desk.window.close());
  await desk.switchOn();
  await desk.page.getByRole('radio', { name: 'Available' }).click();
  await scene.agentIs(scene.agent(1), 'ready in the browser', ({ readiness }) => readiness.ready);
  return desk;
}

test('[OPS-03] [CAR-03] kill -9 of the control process: the desk talks on, comes back by itself and shows the call', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await staffedDesk(scene);
  const customer = await (await scene.caller()).call(scene.number);
  await desk.button('Answer').click();
  await customer.answered();
  const hear = () =>
    Promise.all([
      desk.hears(callerToneHz, { forMs: heardMs }),
      customer.sound.ear.hears(deskToneHz, { forMs: heardMs }),
    ]);
  await hear();
  await world().product.kill();
  await hear();
  await world().product.start();
  await world().login();
  await hear();
  await desk.ready();
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  await desk.button('Hold').click();
  await customer.sound.ear.hears('sound');
  await desk.button('Resume').click();
  await hear();
  await desk.button('Hang up').click();
  await customer.ended();
  const contact = await scene.lastContact();
  expect(contact.outcome).toBe('answered');
  expect(contact.timeline.filter(({ type }) => type === 'segment.started')).toHaveLength(1);
});

test('[OPS-03] [CAR-01] kill -9 of the control process: calls through trunks go on, both ways, and are counted', async () => {
  const scene = await world().scene({ agents: 2 });
  const provider = await world().phone({ username: '777000111', says: 1_900 });
  const { port } = provider.options.host.local;
  await world().api.apply({
    trunks: [
      {
        ...{ name: 'provider', host: '127.0.0.1', port, keepAliveSeconds: 5 },
        ...{ numbering: { country: 'CZ', send: 'national' }, outgoing: { prefixes: ['+420777'] } },
      },
    ],
  });
  const live = async () =>
    (await world().api.all<{ live: { state: string; calls: object } | null }>('/trunks'))[0]?.live;
  const counts = async () => (await live())?.calls;
  await until('the trunk to be reachable', async () => (await live())?.state === 'reachable');
  const incoming = await provider.call(scene.number.slice('+420'.length));
  const { agent: first, call } = await scene.firstToRing();
  call.answer();
  await incoming.sound.ear.hears(first.username.endsWith('-1') ? agentToneHz : 850);
  const other = scene.agents.find(({ username }) => username !== first.username);
  const { id: agentId } = await world().api.liveAgent(other?.username ?? '');
  const ringing = provider.nextCall();
  const made = world().api.request<MadeCall>('POST', '/calls', { agentId, to: '+420777000111' });
  const own = await other?.phone.nextCall();
  own?.answer();
  const outgoing = await ringing;
  outgoing.answer();
  await made;
  await own?.sound.ear.hears(1_900);
  expect(await counts()).toEqual({ incoming: 1, outgoing: 1 });
  await world().product.kill();
  await Promise.all([
    own?.sound.ear.hears(1_900, { forMs: 500 }),
    call.sound.ear.hears(1_900, { forMs: 500 }),
  ]);
  await world().product.start();
  await world().login();
  await Promise.all([
    own?.sound.ear.hears(1_900, { forMs: 500 }),
    call.sound.ear.hears(1_900, { forMs: 500 }),
  ]);
  await until('both calls to be counted', async () => {
    return JSON.stringify(await counts()) === JSON.stringify({ incoming: 1, outgoing: 1 });
  });
  incoming.hangUp();
  outgoing.hangUp();
  await Promise.all([call.ended(), own?.ended()]);
  await until('no call to be counted', async () => {
    return JSON.stringify(await counts()) === JSON.stringify({ incoming: 0, outgoing: 0 });
  });
});
