import { PhoneHost, Phone } from '@crosspoint/sim/phones';
import type { SrtpUse } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import {
  BaresipPhone,
  callerToneHz,
  type Scene,
  secondsOf,
  soundings,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const agentToneHz = 700;
const tones = [callerToneHz, agentToneHz];

/** The agent's telephone was not written here; it is encrypted as its endpoint is set. */
async function encryptedDesk(
  scene: Scene,
  endpoint: SrtpUse,
  srtp: 'offered' | 'required' | 'dtls' | undefined,
): Promise<BaresipPhone> {
  const { username, sipPassword: password } = scene.agent(1);
  await world().api.apply({ agents: [{ username, endpoints: [{ kind: 'sip', srtp: endpoint }] }] });
  const desk = await BaresipPhone.start({
    ...{ username, password, server: world().product.sip, toneHz: agentToneHz },
    ...(srtp === undefined ? {} : { srtp }),
  });
  onTestFinished(() => desk.stop());
  await world().api.setStatus(username, 'available');
  await scene.agentIs(scene.agent(1), 'ready', ({ readiness }) => readiness.ready);
  return desk;
}

/** A caller who encrypts talks to the first agent, who hears the tone. */
async function encryptedCaller(scene: Scene, username: string, srtp: 'required' | 'dtls') {
  const caller = await BaresipPhone.start({
    ...{ username, password: '', server: world().product.sip, toneHz: callerToneHz, srtp, register: false },
  });
  onTestFinished(() => caller.stop());
  await caller.dial(scene.number);
  await caller.event('CALL_ESTABLISHED');
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await agent.sound.ear.hears(callerToneHz, { forMs: 500 });
  return { caller, agent };
}

for (const [endpoint, srtp] of [
  ['required', 'required'],
  ['offered', 'required'],
  ['offered', 'offered'],
  // What was set first is refused.
  ['dtls-offered', 'required'],
  ['dtls-offered', undefined],
  ['off', 'dtls'],
] as const) {
  test(`[CAR-02] a telephone that has encryption ${srtp ?? 'off'} takes a call of an endpoint that has it ${endpoint}`, async () => {
    const scene = await world().scene({ staffed: false });
    const desk = await encryptedDesk(scene, endpoint, srtp);
    const customer = await (await scene.caller()).call(scene.number);
    await customer.answered();
    await desk.event('CALL_INCOMING');
    await desk.accept();
    await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
    // Encrypted in both directions, and heard again after a hold and its re-INVITEs.
    await desk.hold();
    await customer.sound.ear.hears('sound');
    await desk.resume();
    await customer.sound.ear.hears(agentToneHz, { forMs: 300 });
    customer.hangUp();
    await desk.event('CALL_CLOSED');
    const heard = await desk.heard();
    expect(heard.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
  });
}

test('[CAR-02] [RFC5763 §5] [RFC8842 §5] a telephone that is offered DTLS is heard and hears, also in the recording, and is heard after a hold', async () => {
  const scene = await world().scene({ staffed: false });
  const desk = await encryptedDesk(scene, 'dtls-required', 'dtls');
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await desk.event('CALL_INCOMING');
  await desk.accept();
  const heardMs = () => secondsOf(callerToneHz, soundings(desk.heardSoFar(), 8_000, tones)) * 1_000;
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 1_000 }),
    until('baresip to hear the caller', () => heardMs() > 1_000, { seen: heardMs }),
  ]);
  // baresip writes down what it hears until it holds for the first time.
  await desk.hold();
  await customer.sound.ear.hears('sound');
  await desk.resume();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  await desk.event('CALL_CLOSED');
  const {
    heard: [left, right],
  } = await scene.lastRecording(tones);
  for (const seconds of [secondsOf(callerToneHz, left), secondsOf(agentToneHz, right)])
    expect(seconds).toBeGreaterThan(0.9);
  expect(secondsOf(agentToneHz, left) + secondsOf(callerToneHz, right)).toBe(0);
});

test('[CAR-02] [RFC5763 §5] a caller who encrypts by DTLS and speaks no ICE is heard and hears, also after a hold', async () => {
  const scene = await world().scene();
  const { caller, agent } = await encryptedCaller(scene, '+420777111333', 'dtls');
  await caller.hold();
  await agent.sound.ear.hears('sound');
  await caller.resume();
  await agent.sound.ear.hears(callerToneHz, { forMs: 500 });
  await caller.hangUp();
  await agent.ended();
  const heard = await caller.heard();
  expect(heard.some((sample) => Math.abs(sample) > 0.05)).toBe(true);
});

test('[CAR-02] a caller who demands encryption gets it without any setting', async () => {
  const scene = await world().scene();
  const { caller, agent } = await encryptedCaller(scene, '+420777111222', 'required');
  await caller.hangUp();
  await agent.ended();
});

test('[CAR-02] a telephone that must encrypt and cannot is not called in the clear', async () => {
  const scene = await world().scene();
  const { username } = scene.agent(1);
  await world().api.apply({ agents: [{ username, endpoints: [{ kind: 'sip', srtp: 'required' }] }] });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.agentIs(scene.agent(1), 'passed over', ({ readiness }) => !readiness.ready);
  expect(scene.agent(1).phone.callsWaiting).toBe(0);
  customer.hangUp();
  await customer.ended();
});

test('[CAR-02] a trunk that must encrypt is refused 488 in the clear', async () => {
  const scene = await world().scene({ staffed: false });
  const host = await PhoneHost.open({ address: '127.0.0.41' });
  onTestFinished(() => host.close());
  await world().api.apply({
    trunks: [
      { name: 'secure', host: '127.0.0.41', match: ['127.0.0.41/32'], keepAliveSeconds: 0, srtp: 'required' },
    ],
  });
  const provider = new Phone({ host, server: world().product.sip, username: '+420777000333' });
  const call = await provider.call(scene.number);
  expect(await call.ended()).toMatchObject({ by: 'remote', status: 488 });
});
