import { expect, test } from 'vitest';
import {
  ApiClient,
  callerToneHz,
  expectMatrix,
  Meeting,
  type SceneAgent,
  secondsOf,
  soundOf,
  until,
  useWorld,
} from '../src/index.ts';

const world = useWorld();
const [ann, bob, cid] = [700, 850, 1_150];

const post = (path: string, body: object) => world().api.request('POST', `/calls/${path}`, body);
const idOf = async (agent: SceneAgent) => (await world().api.liveAgent(agent.username)).id;
const legOf = async (agent: SceneAgent): Promise<string> => {
  const id = await idOf(agent);
  const call = (await world().api.calls()).find(({ agentId, state }) => agentId === id && state !== 'ending');
  if (call === undefined) throw new Error(`${agent.username} has no call`);
  return call.id;
};

/** One agent of the queue talks with a caller; two colleagues have phones. */
async function meeting() {
  const scene = await world().scene({ agents: 3, staffed: false });
  await scene.staff(scene.agent(1));
  for (const colleague of [scene.agent(2), scene.agent(3)]) {
    await world().api.setStatus(colleague.username, 'offline');
    await colleague.phone.register();
  }
  const { customer, agent } = await scene.connect();
  const leg = await legOf(scene.agent(1));
  const call = async (position: number) => {
    await post(`${leg}/parties`, { target: { agentId: await idOf(scene.agent(position)) } });
    const party = await scene.agent(position).phone.nextCall();
    party.answer();
    await party.answered();
    return party;
  };
  return { scene, customer, agent, leg, call };
}

test('[CTL-03] four speak; one is muted, held, removed; locked, nobody comes; the last two go on', async () => {
  const { scene, customer, agent, leg, call } = await meeting();
  const second = await call(2);
  const third = await call(3);
  await expectMatrix([
    [customer, callerToneHz, [ann, bob, cid]],
    [agent, ann, [callerToneHz, bob, cid]],
    [second, bob, [callerToneHz, ann, cid]],
    [third, cid, [callerToneHz, ann, bob]],
  ]);
  const secondLeg = await legOf(scene.agent(2));
  await world().api.request('PATCH', `/calls/${secondLeg}`, { muted: true });
  await expectMatrix([
    [customer, callerToneHz, [ann, cid]],
    [second, bob, [callerToneHz, ann, cid]],
    [third, cid, [callerToneHz, ann]],
    [agent, ann, [callerToneHz, cid]],
  ]);
  await post(`${leg}/lock`, { locked: true });
  await expect(post(`${leg}/parties`, { target: { agentId: await idOf(scene.agent(2)) } })).rejects.toThrow(
    /locked/,
  );
  await post(`${secondLeg}/hangup`, {});
  await second.ended();
  third.hangUp();
  await expectMatrix([
    [customer, callerToneHz, [ann]],
    [agent, ann, [callerToneHz]],
  ]);
  customer.hangUp();
  await agent.ended();
  const { timeline, recordings } = await scene.lastContact();
  expect(timeline.filter(({ type }) => type === 'party.left')).toHaveLength(2);
  expect(recordings).toHaveLength(1);
});

test('[CTL-03] the agent hangs up, and the customer stays with the other', async () => {
  const { scene, customer, agent, call } = await meeting();
  const second = await call(2);
  agent.hangUp();
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  customer.hangUp();
  await second.ended();
  const { segments } = await scene.lastContact();
  expect(segments.filter(({ kind }) => kind === 'conversation').map((each) => each.agent)).toEqual([
    scene.agent(1).username,
    scene.agent(2).username,
  ]);
});

test('[CTL-03] [REC-01] an agent who holds in a conference is missing in the recording, and the others are there', async () => {
  const { scene, customer, agent, leg, call } = await meeting();
  const second = await call(2);
  await second.sound.ear.hears('sound', { forMs: 500 });
  await post(`${leg}/hold`, {});
  await expectMatrix([
    [customer, callerToneHz, [bob]],
    [second, bob, [callerToneHz]],
  ]);
  await second.sound.ear.hears(callerToneHz, { forMs: 3_000 });
  customer.hangUp();
  await agent.ended();
  const {
    heard: [left, right],
  } = await scene.lastRecording([callerToneHz, ann, bob]);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(3);
  expect(secondsOf(bob, right)).toBeGreaterThan(2.5);
});

test('[CTL-01] a recording paused with a reason is silent for that time', async () => {
  const { scene, customer, agent, leg } = await meeting();
  await agent.sound.ear.hears(callerToneHz, { forMs: 2_000 });
  await post(`${leg}/recording`, { paused: true, reason: 'card number' });
  await agent.sound.ear.hears(callerToneHz, { forMs: 3_000 });
  await post(`${leg}/recording`, { paused: false });
  await agent.sound.ear.hears(callerToneHz, { forMs: 2_000 });
  customer.hangUp();
  const {
    contact,
    heard: [left],
  } = await scene.lastRecording([callerToneHz]);
  expect(contact.timeline.find(({ type }) => type === 'recording.paused')?.data).toMatchObject({
    reason: 'card number',
  });
  expect(secondsOf('silence', left)).toBeGreaterThan(1.7);
  expect(secondsOf(callerToneHz, left)).toBeGreaterThan(1.7);
});

test('[CTL-01] keys pressed over the API reach the customer', async () => {
  const { customer, leg } = await meeting();
  await post(`${leg}/digits`, { digits: '42#' });
  await customer.sound.digit((digits) => digits.includes('#'));
  expect(customer.sound.digits).toBe('42#');
});

test('[CTL-03] scheduled: three dial in with a PIN and hear each other; muted, all muted, locked, removed, ended', async () => {
  const meeting = await Meeting.begin(world, { record: true });
  const first = await meeting.come(ann, 'moderator');
  const second = await meeting.come(bob);
  const third = await meeting.come(cid);
  const matrix = (ofFirst: number[], ofSecond: number[], ofThird: number[]) =>
    expectMatrix([
      [first, ann, ofFirst],
      [second, bob, ofSecond],
      [third, cid, ofThird],
    ]);
  await matrix([bob, cid], [ann, cid], [ann, bob]);
  await meeting.party(1, 'mute');
  await matrix([cid], [ann, cid], [ann]);
  await meeting.act('mute-all');
  await matrix([], [ann], [ann]);
  await meeting.act('unmute-all');
  await matrix([bob, cid], [ann, cid], [ann, bob]);
  await meeting.act('lock');
  const late = await meeting.dial(1_300, meeting.pins.participant);
  await late.ended();
  expect((await meeting.contactOf(1_300)).timeline).toContainEqual(
    expect.objectContaining({ type: 'conference.refused', data: { reason: 'locked' } }),
  );
  await meeting.party(2, 'remove');
  await third.ended();
  await expectMatrix([
    [first, ann, [bob]],
    [second, bob, [ann]],
  ]);
  await meeting.act('end');
  await Promise.all([first.ended(), second.ended()]);
  expect(await meeting.live()).toBeNull();
  const { timeline, recordings, outcome } = await meeting.contactOf(ann);
  expect(outcome).toBe('answered');
  expect(recordings).toHaveLength(1);
  const told = timeline.filter(({ type }) => type.startsWith('conference.'));
  expect(told.map(({ type }) => type)).toEqual(['conference.joined', 'conference.locked', 'conference.left']);
  const {
    heard: [own, room],
  } = await soundOf(world().api, { id: recordings[0]?.id ?? '' }, [ann, bob, cid]);
  expect(secondsOf(ann, own)).toBeGreaterThan(2);
  // Both at once are neither of the two tones; how long the first one was alone depends on the machine.
  expect(secondsOf(bob, room) + secondsOf(cid, room) + secondsOf('other', room)).toBeGreaterThan(2);
  // Neither the PIN nor a part of it stands in what is kept of the call.
  expect(JSON.stringify(timeline)).not.toContain(meeting.pins.moderator);
});

test('[CTL-03] scheduled: participants wait with music for the moderator, and again when the moderator goes', async () => {
  const meeting = await Meeting.begin(world, { waitForModerator: true });
  const second = await meeting.come(bob);
  const third = await meeting.come(cid);
  await second.sound.ear.hears('sound', { forMs: 500 });
  expect((await meeting.live())?.parties.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  const first = await meeting.come(ann, 'moderator');
  await expectMatrix([
    [first, ann, [bob, cid]],
    [second, bob, [ann, cid]],
    [third, cid, [ann, bob]],
  ]);
  first.hangUp();
  await meeting.liveIs('both to wait', ({ parties }) => parties.every(({ state }) => state === 'waiting'));
  await second.sound.ear.hears('sound', { forMs: 500 });
  const again = await meeting.come(ann, 'moderator');
  await expectMatrix([
    [again, ann, [bob, cid]],
    [second, bob, [ann, cid]],
    [third, cid, [ann, bob]],
  ]);
  second.hangUp();
  await meeting.liveIs('two to be left', ({ parties }) => parties.length === 2);
  for (const call of [again, third]) call.hangUp();
  const { timeline } = await meeting.contactOf(bob);
  expect(timeline.flatMap((fact) => (fact.type === 'conference.joined' ? [fact.data.state] : []))).toEqual([
    ...['waiting', 'present', 'waiting', 'present'],
  ]);
});

test('[CTL-03] scheduled: after three wrong PINs the call is over', async () => {
  const meeting = await Meeting.begin(world);
  const caller = await meeting.dial(ann, '123456789');
  for (const count of [2, 3]) {
    await until(`question ${count}`, async () => {
      caller.sound.sendDigits('123456789#');
      const contact = await world().api.newestContact(meeting.number);
      const refusals = contact?.timeline.filter(({ type }) => type === 'conference.refused') ?? [];
      return refusals.length >= count;
    });
  }
  await caller.ended();
  const { timeline, outcome } = await meeting.contactOf(ann);
  const reasons = timeline.flatMap((fact) => (fact.type === 'conference.refused' ? [fact.data.reason] : []));
  expect(reasons).toEqual(['wrong-pin', 'wrong-pin', 'too-many-tries']);
  expect(outcome).toBe('deflected');
});

test('[CTL-03] scheduled: an agent joins from the desk without a PIN, and is busy meanwhile', async () => {
  const scene = await world().scene({ staffed: false });
  await scene.staff(scene.agent(1));
  const meeting = await Meeting.begin(world, { moderators: [scene.agent(1).username] });
  const caller = await meeting.come(cid);
  const agent1 = scene.agent(1);
  const desk = await ApiClient.login(world().product.httpUrl, agent1.username, agent1.password);
  await desk.request('POST', `/conferences/${meeting.id}/join`);
  const agent = await scene.agent(1).phone.nextCall();
  agent.answer();
  await expectMatrix([
    [agent, ann, [cid]],
    [caller, cid, [ann]],
  ]);
  const live = await meeting.live();
  expect(live?.parties.map(({ role }) => role)).toEqual(['participant', 'moderator']);
  await scene.agentIs(scene.agent(1), 'on contact', ({ activity }) => activity === 'on-contact');
  agent.hangUp();
  await meeting.liveIs('one to be left', ({ parties }) => parties.length === 1);
  await scene.agentIs(scene.agent(1), 'idle again', ({ activity }) => activity === 'idle');
  caller.hangUp();
});
