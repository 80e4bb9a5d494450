import { expect, onTestFinished, test } from 'vitest';
import { freeUdpPort, Sipp, type SippOptions, sippScenarios, type Scene, useWorld } from '../src/index.ts';

const world = useWorld();

async function sipp(options: Omit<SippOptions, 'server' | 'port'> & { port?: number }): Promise<Sipp> {
  const run = await Sipp.start({ ...options, server: world().product.sip });
  onTestFinished(() => run.kill());
  return run;
}

/** Registers the n-th agent of the scene from a port on which sipp then plays `scenario` for each of `calls` calls. */
async function sippAgent(scene: Scene, scenario: string, calls: number, position = 1): Promise<Sipp> {
  const agent = scene.agent(position);
  const port = await freeUdpPort();
  const credentials = { username: agent.username, password: agent.sipPassword };
  const registration = await sipp({
    scenario: sippScenarios.registers(credentials),
    service: agent.username,
    port,
  });
  expect(await registration.finished()).toMatchObject({ successful: 1, failed: 0 });
  const phone = await sipp({ scenario, service: agent.username, calls, port });
  await world().api.setStatus(agent.username, 'available');
  await scene.agentIs(agent, 'ready', ({ readiness }) => readiness.ready);
  return phone;
}

test('[CAR-01] sipp as caller and as agent: ten calls one after the other through one agent', async () => {
  const scene = await world().scene({ staffed: false });
  const agent = await sippAgent(scene, sippScenarios.agentAnswers, 10);
  const callers = await sipp({
    scenario: sippScenarios.callerHangsUp,
    service: scene.number,
    calls: 10,
    pauseMs: 200,
    callsPerSecond: 1,
  });
  expect(await callers.finished()).toMatchObject({ successful: 10, failed: 0 });
  await scene.statsAre({ offered: 10, waiting: 0 });
  await agent.kill();
});

test('[CAR-01] sipp over TCP', async () => {
  const scene = await world().scene();
  scene.agent(1).phone.onCall = (call) => call.answer();
  const caller = await sipp({
    scenario: sippScenarios.callerHangsUp,
    service: scene.number,
    transport: 'tcp',
  });
  expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
});

test('[CAR-01] an INVITE without an offer: the offer is in our 200, the answer in the ACK', async () => {
  const scene = await world().scene();
  scene.agent(1).phone.onCall = (call) => call.answer();
  const caller = await sipp({ scenario: sippScenarios.callerWithoutOffer, service: scene.number });
  expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
  await scene.statsAre({ answered: 1 });
});

test('[CTL-01] the caller holds and resumes by re-INVITE', async () => {
  const scene = await world().scene();
  scene.agent(1).phone.onCall = (call) => call.answer();
  const caller = await sipp({ scenario: sippScenarios.callerHolds, service: scene.number, pauseMs: 700 });
  expect(await caller.finished()).toMatchObject({ successful: 1, failed: 0 });
  const { timeline } = await scene.lastContact();
  const types = timeline.map(({ type }) => type);
  expect(types).toContain('hold.started');
  expect(types.indexOf('hold.ended')).toBeGreaterThan(types.indexOf('hold.started'));
});

test.each([
  { status: 486, reason: 'Busy Here' },
  { status: 603, reason: 'Decline' },
  { status: 480, reason: 'Temporarily Unavailable' },
  { status: 500, reason: 'Server Internal Error' },
])(
  '[AVL-04] an agent device that answers $status: the caller waits on, the next agent is tried',
  async (answer) => {
    const scene = await world().scene({ agents: 2, staffed: false });
    const refusing = await sippAgent(scene, sippScenarios.agentRefuses(answer.status, answer.reason), 1);
    const customer = await (await scene.caller()).call(scene.number);
    expect(await refusing.finished()).toMatchObject({ successful: 1, failed: 0 });
    await scene.statsAre({ waiting: 1 });
    await scene.staff(scene.agent(2));
    const agent = await scene.agent(2).phone.nextCall();
    agent.answer();
    await customer.sound.ear.hears(850);
  },
);

test('[AVL-04] an agent device that rings without an end is cancelled', async () => {
  const scene = await world().scene({ staffed: false, queue: { ringTimeoutSeconds: 5 } });
  const agent = await sippAgent(scene, sippScenarios.agentDoesNotAnswer, 1);
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await scene.agentIs(scene.agent(1), 'offered', ({ activity }) => activity === 'offered');
  await scene.agentIs(scene.agent(1), 'not offered any more', ({ activity }) => activity !== 'offered');
  expect(await agent.finished()).toMatchObject({ successful: 1, failed: 0 });
  await scene.statsAre({ waiting: 1 });
});

test('[AVL-05] an agent device whose process dies during the call does not keep the caller for ever', async () => {
  const scene = await world().scene({ staffed: false });
  const agent = await sippAgent(scene, sippScenarios.agentAnswers, 1);
  const customer = await (await scene.caller()).call(scene.number);
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  await agent.kill();
  customer.hangUp();
  await customer.ended();
  expect(await scene.lastContact()).toMatchObject({ outcome: 'answered' });
});

test('[CAR-06] 50 calls of sipp to own agents, all up at the same time', async () => {
  const count = 50;
  const scene = await world().scene({ agents: count });
  for (const { phone } of scene.agents) phone.onCall = (call) => call.answer();
  const callers = await sipp({
    scenario: sippScenarios.callerHangsUp,
    service: scene.number,
    calls: count,
    // No faster than a slow machine takes them.
    callsPerSecond: 10,
    pauseMs: 8_000,
  });
  expect(await callers.finished()).toMatchObject({ successful: count, failed: 0 });
  await scene.statsAre({ offered: count, answered: count, waiting: 0 });
});
