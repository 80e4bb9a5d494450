import type { SystemInfo } from '@crosspoint/contracts';
import { expect, onTestFinished, test } from 'vitest';
import {
  type BaresipOptions,
  BaresipPhone,
  callerToneHz,
  secondsOf,
  signal,
  Sipp,
  sippScenarios,
  soundings,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_MEDIA_PROCESSES: '2' } });
const agentToneHz = 700;

async function baresip(options: Omit<BaresipOptions, 'server'>): Promise<BaresipPhone> {
  const phone = await BaresipPhone.start({ ...options, server: world().product.sip });
  onTestFinished(() => phone.stop());
  return phone;
}

/** A baresip agent and a baresip caller of a new queue, both ready to talk. */
async function people(options: Partial<BaresipOptions> = {}) {
  const scene = await world().scene({ staffed: false });
  const { username, sipPassword } = scene.agent(1);
  const agent = await baresip({ username, password: sipPassword, toneHz: agentToneHz, ...options });
  await world().api.setStatus(username, 'available');
  await scene.agentIs(scene.agent(1), 'ready', ({ readiness }) => readiness.ready);
  const caller = await baresip({
    ...{ username: 'outside', password: '', toneHz: callerToneHz, register: false },
    ...options,
  });
  return { scene, agent, caller };
}

const tones = [callerToneHz, agentToneHz];
const heardBy = async (phone: BaresipPhone) => soundings(await phone.heard(), 8_000, tones);

test.each([
  { transport: 'udp', codec: 'PCMU' },
  { transport: 'udp', codec: 'PCMA' },
  { transport: 'tcp', codec: 'PCMU' },
] as const)(
  '[CAR-01] baresip calls baresip over $transport with $codec: two tones at the right ends and channels',
  async (options) => {
    const { scene, agent, caller } = await people(options);
    await caller.dial(scene.number);
    await agent.event('CALL_INCOMING');
    await agent.accept();
    await Promise.all([agent.event('CALL_ESTABLISHED'), caller.event('CALL_ESTABLISHED')]);
    const { api } = world();
    await until('five seconds of talk', async () => {
      const call = (await api.calls()).find(({ state }) => state === 'talking');
      return call !== undefined && Date.now() - Date.parse(call.since) > 5_000;
    });
    await caller.hangUp();
    await agent.event('CALL_CLOSED');

    const [atAgent, atCaller] = [await heardBy(agent), await heardBy(caller)];
    expect(secondsOf(callerToneHz, atAgent)).toBeGreaterThan(2);
    expect(secondsOf(agentToneHz, atAgent)).toBe(0);
    expect(secondsOf(agentToneHz, atCaller)).toBeGreaterThan(2);
    expect(secondsOf(callerToneHz, atCaller)).toBe(0);

    const {
      contact,
      heard: [left, right],
    } = await scene.lastRecording(tones);
    expect(contact.outcome).toBe('answered');
    expect(secondsOf(callerToneHz, left)).toBeGreaterThan(2);
    expect(secondsOf(agentToneHz, right)).toBeGreaterThan(2);
    expect(secondsOf(agentToneHz, left) + secondsOf(callerToneHz, right)).toBe(0);
  },
);

test('[CTL-01] baresip as agent holds and resumes', async () => {
  const { scene, agent } = await people();
  const caller = await scene.caller();
  const customer = await caller.call(scene.number);
  await agent.event('CALL_INCOMING');
  await agent.accept();
  await customer.sound.ear.hears(agentToneHz);
  await agent.hold();
  await scene.agentIs(scene.agent(1), 'holding', ({ activity }) => activity === 'hold');
  await customer.sound.ear.hears('sound', { forMs: 500 });
  await agent.resume();
  await customer.sound.ear.hears(agentToneHz, { forMs: 500 });
  customer.hangUp();
  await agent.event('CALL_CLOSED');
});

test('[AVL-04] baresip as agent declines: the caller keeps waiting', async () => {
  const { scene, agent, caller } = await people();
  await caller.dial(scene.number);
  await agent.event('CALL_INCOMING');
  await agent.hangUp();
  await scene.agentIs(scene.agent(1), 'backing off', ({ readiness }) => readiness.reason === 'backing-off');
  await scene.statsAre({ waiting: 1 });
  await caller.hangUp();
  await scene.statsAre({ abandoned: 1, waiting: 0 });
});

test('[AVL-05] baresip as caller hangs up while baresip as agent rings', async () => {
  const { scene, agent, caller } = await people();
  await caller.dial(scene.number);
  await agent.event('CALL_INCOMING');
  await caller.hangUp();
  await agent.event('CALL_CLOSED');
  await scene.statsAre({ offered: 1, abandoned: 1, answered: 0 });
});

test('[OPS-03] kills of the control and of a media process: baresip and sipp, which sends back what it hears, talk on', async () => {
  const { scene, agent } = await people();
  const { product } = world();
  const customer = await Sipp.start({
    ...{ scenario: sippScenarios.callerStaysThroughReinvites, server: product.sip, service: scene.number },
    ...{ isEcho: true, timeoutMs: 400_000 },
  });
  onTestFinished(() => customer.kill());
  await agent.event('CALL_INCOMING');
  await agent.accept();
  await agent.event('CALL_ESTABLISHED');
  const heardMs = () => secondsOf(agentToneHz, soundings(agent.heardSoFar(), 8_000, tones)) * 1_000;
  const hearsMore = async (when: string, after: () => Promise<unknown> = async () => undefined) => {
    await after();
    const before = heardMs();
    await until(`baresip to hear itself ${when}`, () => heardMs() > before + 1_000, { seen: heardMs });
  };
  await hearsMore('at first');
  await hearsMore('while there is no control process', () => product.kill());
  await hearsMore('after the kill of the control process', async () => {
    await product.start();
    await world().login();
  });
  const { processes } = (await world().api.get<SystemInfo>('/system')).media;
  const media = processes.find(({ legs }) => legs > 0);
  await hearsMore('after the kill of its media process', async () => signal(media?.pid ?? 0, 'SIGKILL'));
  await agent.hangUp();
  expect(await customer.finished()).toMatchObject({ successful: 1, failed: 0 });
  expect((await scene.lastContact()).outcome).toBe('answered');
});
