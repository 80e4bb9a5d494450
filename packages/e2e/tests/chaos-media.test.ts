import { expect, test } from 'vitest';
import { callerToneHz, secondsOf, signal, until, useWorld } from '../src/index.ts';

const world = useWorld({ env: { CROSSPOINT_MEDIA_PROCESSES: '2' } });
const agentToneHz = 700;
/** Tells a call that goes on by itself from one that is called anew; `npm run chaos` measures the gaps, which are under 2 s. */
const gapMsMax = 10_000;
const heardMs = 500;

function mediaProcesses(): number[] {
  return world()
    .product.processes()
    .filter(({ commandLine }) => commandLine.includes('crosspoint-media'))
    .map(({ pid }) => pid);
}

/** Kills one media process after the other, each when the former has a successor. */
async function killMedia(pid: number): Promise<void> {
  signal(pid, 'SIGKILL');
  await until('another media process', () => {
    const pids = mediaProcesses();
    return pids.length === 2 && !pids.includes(pid);
  });
  await until('the product to be ready again', () => world().product.isReady());
}

test('[OPS-03] kill -9 of media processes: both ends hear each other again, and no call ends', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  await Promise.all([customer.sound.ear.hears(agentToneHz), agent.sound.ear.hears(callerToneHz)]);
  const startedAtMs = performance.now();
  const gapsMs: number[] = [];
  for (const pid of mediaProcesses()) {
    const killedAtMs = performance.now();
    signal(pid, 'SIGKILL');
    // More than was on its way when it died: what is missing from this time is the gap.
    await Promise.all([
      customer.sound.ear.hears(agentToneHz, { forMs: heardMs }),
      agent.sound.ear.hears(callerToneHz, { forMs: heardMs }),
    ]);
    gapsMs.push(Math.round(performance.now() - killedAtMs - heardMs));
    await until(
      'another media process',
      () => mediaProcesses().length === 2 && !mediaProcesses().includes(pid),
    );
    await until('the product to be ready again', () => world().product.isReady());
    expect(customer.isUp && agent.isUp).toBe(true);
  }
  expect(Math.max(...gapsMs), `gaps of ${gapsMs.join(' and ')} ms`).toBeLessThan(gapMsMax);
  await agent.hold();
  await customer.sound.ear.hears('sound');
  await agent.resume();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 500 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 500 }),
  ]);
  const talkedSeconds = (performance.now() - startedAtMs) / 1000;
  customer.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  const {
    contact,
    recording,
    heard: [left, right],
  } = await scene.lastRecording([callerToneHz, agentToneHz]);
  expect(contact.outcome).toBe('answered');
  expect(recording.durationSeconds).toBeGreaterThan(talkedSeconds - 0.5);
  for (const heard of [secondsOf(callerToneHz, left), secondsOf(agentToneHz, right)]) {
    // Up to a second before each death was not on the disk yet, and a second of the talk is on hold.
    expect(heard).toBeGreaterThan(talkedSeconds - gapsMs.length * (1 + gapMsMax / 1000) - 1.5);
  }
});

test('[OPS-03] kill -9 of media processes while a caller waits: the music plays on, and the call is answered as ever', async () => {
  const scene = await world().scene({ staffed: false });
  const customer = await (await scene.caller()).call(scene.number);
  await customer.answered();
  await customer.sound.ear.hears('sound');
  for (const pid of mediaProcesses()) {
    await killMedia(pid);
    await customer.sound.ear.hears('sound', { forMs: 300 });
  }
  await scene.statsAre({ waiting: 1 });
  const person = scene.agent(1);
  await person.phone.register();
  const ringing = person.phone.nextCall(15_000);
  await world().api.setStatus(person.username, 'available');
  const agent = await ringing;
  // The telephone rings with a description that is out of date when it answers.
  for (const pid of mediaProcesses()) await killMedia(pid);
  agent.answer();
  await agent.answered();
  await Promise.all([
    customer.sound.ear.hears(agentToneHz, { forMs: 300 }),
    agent.sound.ear.hears(callerToneHz, { forMs: 300 }),
  ]);
  agent.hangUp();
  await Promise.all([customer.ended(), agent.ended()]);
  expect((await scene.lastContact()).outcome).toBe('answered');
});

test('[OPS-03] kill -9 of every media process at once, and of the first successor: people hear each other again, and one recording has it all', async () => {
  const scene = await world().scene();
  const { customer, agent } = await scene.connect();
  const both = () =>
    Promise.all([
      customer.sound.ear.hears(agentToneHz, { forMs: heardMs }),
      agent.sound.ear.hears(callerToneHz, { forMs: heardMs }),
    ]);
  await both();
  const startedAtMs = performance.now();
  const former = mediaProcesses();
  for (const pid of former) signal(pid, 'SIGKILL');
  const successor = await until('a successor', () => mediaProcesses().find((pid) => !former.includes(pid)));
  signal(successor, 'SIGKILL');
  await both();
  const talkedSeconds = (performance.now() - startedAtMs) / 1000;
  customer.hangUp();
  await agent.ended();
  const contact = await scene.lastContact();
  expect(contact).toMatchObject({ outcome: 'answered', recordings: [{ status: 'complete' }] });
  expect(contact.recordings[0]?.durationSeconds).toBeGreaterThan(talkedSeconds - 0.5);
  await until('every media process to be there', () => mediaProcesses().length === 2);
  await until('the product to be ready again', () => world().product.isReady());
});
