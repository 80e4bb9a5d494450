import type {
  AgentId,
  ConferenceId,
  LegId,
  OfferId,
  QueueId,
  RecordingId,
  UserId,
} from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Call } from '../../test/contact-kit.ts';
import { Hearing } from '../../test/hearing.ts';
import type { ContactInput } from '../index.ts';

const guestNames = ['guest-1', 'guest-2', 'guest-3'] as const;
const leg = fc
  .constantFrom('customer', 'agent-1', 'agent-2', 'ghost', ...guestNames)
  .map((id) => id as LegId);
const offerId = fc.constantFrom('c1/o1', 'c1/o2').map((id) => id as OfferId);
const agentId = fc.constantFrom('ann', 'bob').map((id) => id as AgentId);
const recordingId = fc.constantFrom('rec-1', 'rec-2').map((id) => id as RecordingId);
const queueId = 'q' as QueueId;
const end = fc.record({
  code: fc.constantFrom(0, 200, 404, 480, 486, 487, 603),
  reason: fc.constant('test'),
  by: fc.constantFrom('remote' as const, 'local' as const, 'timeout' as const, 'transport' as const),
});
const target = fc.constantFrom(
  { kind: 'queue' as const, queueId, priority: 0, record: true, greeting: null },
  { kind: 'queue' as const, queueId, priority: 0, record: true, greeting: null },
  { kind: 'flow' as const },
  { kind: 'refuse' as const, code: 404, reason: 'unknown-number' },
);

const offerMake = fc.integer({ min: 1, max: 2 }).map(
  (n): ContactInput => ({
    type: 'offer.make',
    offerId: `c1/o${n}` as OfferId,
    agentId: 'ann' as AgentId,
    queueId,
    ringTimeoutMs: 15_000,
    legId: `agent-${n}` as LegId,
    recordingId: `rec-${n}` as RecordingId,
    address: 'sip:ann',
  }),
);

const invitation = fc.integer({ min: 1, max: 3 }).map((n) => ({
  legId: `guest-${n}` as LegId,
  recordingId: `rec-guest-${n}` as RecordingId,
  ringTimeoutMs: 15_000,
  target:
    n === 3
      ? { kind: 'number' as const, number: '+420555000333' }
      : { kind: 'agent' as const, agentId: `guest-${n}` as AgentId, address: 'sip:guest' },
}));
const mode = fc.constantFrom('listen' as const, 'whisper' as const, 'barge' as const, 'take-over' as const);

/** Transfers, conferences and supervision. A leg's name is used once, as the shell draws a new one each time. */
const gathering: fc.Arbitrary<ContactInput> = fc.oneof(
  fc.record({
    type: fc.constant('transfer.requested' as const),
    invitation,
    back: fc.constant(null),
  }),
  fc.record({ type: fc.constant('flow.transferred' as const), invitation }),
  fc.record({
    type: fc.constant('conference.seated' as const),
    seat: fc.record({
      ...{ conferenceId: fc.constant('board' as ConferenceId), conference: fc.constant('Board') },
      ...{ roomId: fc.constant('board.1'), role: fc.constant('participant' as const), muted: fc.boolean() },
      state: fc.constantFrom('waiting' as const, 'present' as const),
    }),
  }),
  fc.record({ type: fc.constant('conference.muted' as const), muted: fc.boolean() }),
  fc.record({
    type: fc.constant('conference.recorded' as const),
    recordingId: fc.option(fc.constantFrom('rec-room-1', 'rec-room-2').map((id) => id as RecordingId)),
  }),
  fc.constant<ContactInput>({ type: 'conference.unseated', reason: 'removed' }),
  fc.record({
    type: fc.constant('flow.recording' as const),
    recordingId: fc.constant('rec-3' as RecordingId),
  }),
  fc.record({
    type: fc.constantFrom('consult.requested' as const, 'party.invited' as const),
    invitation,
  }),
  fc.constantFrom<ContactInput>(
    { type: 'consult.swapped' },
    { type: 'consult.completed' },
    { type: 'consult.cancelled' },
    { type: 'consult.joined' },
    { type: 'conference.left' },
    {
      type: 'transfer.requested',
      invitation: {
        legId: 'ghost' as LegId,
        recordingId: 'rec-ghost' as RecordingId,
        ringTimeoutMs: 1,
        target: { kind: 'queue', queueId, keepAge: true, record: true },
      },
      back: null,
    },
  ),
  fc.record({
    type: fc.constant('party.changed' as const),
    legId: leg,
    muted: fc.option(fc.boolean(), { nil: undefined }),
    held: fc.option(fc.boolean(), { nil: undefined }),
  }),
  fc.record({ type: fc.constant('party.removed' as const), legId: leg }),
  fc.record({ type: fc.constant('conference.locked' as const), locked: fc.boolean() }),
  fc.record({
    type: fc.constant('supervision.requested' as const),
    invitation,
    userId: fc.constant('boss' as UserId),
    mode,
  }),
  fc.record({ type: fc.constant('supervision.changed' as const), legId: leg, mode }),
  fc.record({
    type: fc.constant('recording.commanded' as const),
    recording: fc.boolean(),
    recordingId: fc.constantFrom('rec-8' as RecordingId, 'rec-9' as RecordingId),
    byUserId: fc.constant(null),
    mayEndAny: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('recording.paused' as const),
    paused: fc.boolean(),
    reason: fc.constant('card'),
    byUserId: fc.constant(null),
  }),
);

const input: fc.Arbitrary<ContactInput> = fc.oneof(
  fc.record({
    type: fc.constant('contact.arrived' as const),
    legId: fc.constant('customer' as LegId),
    number: fc.constant('700'),
    callerPhone: fc.constant('1'),
    callerName: fc.constant(''),
    carrier: fc.constant('sip'),
    agentId: fc.option(agentId, { nil: undefined }),
    target,
  }),
  fc.record({
    type: fc.constant('desk.called' as const),
    ...{ agentId, legId: fc.constant('customer' as LegId), address: fc.constant('sip:ann') },
    direction: fc.constantFrom('inbound' as const, 'outbound' as const),
    ...{ number: fc.constant('700'), callerPhone: fc.constant('101'), callerName: fc.constant('Ann') },
    ...{ carrier: fc.constant('sip'), ringTimeoutMs: fc.constant(15_000), target },
  }),
  fc.record({
    type: fc.constantFrom(
      'leg.ringing' as const,
      'leg.answered' as const,
      'leg.answered' as const,
      'leg.early-media' as const,
      'leg.held' as const,
      'leg.resumed' as const,
    ),
    legId: leg,
  }),
  fc.record({ type: fc.constantFrom('leg.failed' as const, 'leg.ended' as const), legId: leg, end }),
  fc.record({ type: fc.constant('leg.digit' as const), legId: leg, digit: fc.constant('5') }),
  fc.constant<ContactInput>({ type: 'entry.accepted' }),
  fc.constant<ContactInput>({ type: 'entry.accepted' }),
  fc.constant<ContactInput>({ type: 'entry.refused', reason: 'queue-full' }),
  offerMake,
  fc.record({
    type: fc.constant('offer.withdraw' as const),
    offerId,
    reason: fc.constantFrom('timed-out' as const, 'cancelled' as const),
  }),
  fc.record({ type: fc.constant('offer.stale' as const), offerId }),
  fc.record({
    type: fc.constant('contact.assigned' as const),
    survey: fc.boolean(),
    offerId,
    agentId,
    queueId: fc.constant(queueId),
  }),
  fc.constant<ContactInput>({ type: 'contact.overflowed', reason: 'max-wait' }),
  fc.constant<ContactInput>({
    type: 'contact.called-back',
    legId: 'customer' as LegId,
    ...{ number: '1', callerName: '', carrier: 'sip', queueId, priority: 0, record: true, agedSince: 0 },
    ringTimeoutMs: 30_000,
  }),
  fc.constant<ContactInput>({ type: 'farewell.over' }),
  fc.constant<ContactInput>({ type: 'flow.queued', queueId, priority: 0, record: true }),
  fc.constant<ContactInput>({ type: 'flow.over', reason: 'flow-ended' }),
  fc.constant<ContactInput>({ type: 'flow.recalled' }),
  fc.constant<ContactInput>({ type: 'flow.recorded' }),
  fc.constant<ContactInput>({ type: 'contact.wrapped' }),
  fc.record({ type: fc.constantFrom('hold.requested' as const, 'resume.requested' as const), agentId }),
  fc.record({ type: fc.constant('hangup.requested' as const), legId: leg, reason: fc.constant('command') }),
  fc.record({
    type: fc.constant('recording.ended' as const),
    recordingId,
    durationMs: fc.constant(1),
    result: fc.constantFrom('complete' as const, 'failed' as const),
    reason: fc.constant('test'),
  }),
  fc.record({ type: fc.constant('timer.due' as const), name: fc.constantFrom('entering', 'leaving', 'x:y') }),
  fc.constant<ContactInput>({ type: 'contact.failed', reason: 'bug' }),
);

/** A random input, a stretch of time, or `next`: what the other side would do next, so that talks come about. */
type Step = ContactInput | number | 'next';
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Step>('next') },
    { weight: 3, arbitrary: gathering.map((each): Step => each) },
    { weight: 3, arbitrary: input.map((each): Step => each) },
    { weight: 1, arbitrary: fc.constantFrom<Step>(0, 1_000, 16_000, 41_000) },
  ),
  { minLength: 3, maxLength: 50 },
);

function play(call: Call, all: Step[]): void {
  for (const each of all) {
    perform(call, each);
    checkFacts(call);
  }
}

function perform(call: Call, step: Step): void {
  if (typeof step === 'number') call.advance(step);
  else if (step === 'next') goOn(call);
  else if (!isNamedAgain(call, step)) call.send(step);
}

/** The shell draws a new id for every leg. */
function isNamedAgain(call: Call, step: ContactInput): boolean {
  if (!('invitation' in step)) return false;
  return call.dataOf('leg.added').some(({ legId }) => legId === step.invitation.legId);
}

/** The distributor and the carrier as they usually are. */
function goOn(call: Call): void {
  const { state, legs } = call.machine.view();
  const ringing = legs.find((each) => each.party === 'agent' && each.state === 'ringing');
  const guest = legs.find(
    (each) => each.role !== 'agent' && each.role !== 'customer' && each.state === 'ringing',
  );
  const customer = legs.find((each) => each.party === 'customer');
  const accepted = call.last.find((effect) => effect.type === 'offer.accepted');
  const offersMade = call.dataOf('leg.added').length;
  if (state === 'dialling') {
    // The agent's device answers first when it was called, then the far end does.
    const next = ringing?.state === 'ringing' && customer === undefined ? ringing : customer;
    if (next !== undefined) call.send({ type: 'leg.answered', legId: next.legId });
  } else if (state === 'arriving') {
    call.queueEntered();
    call.send({ type: 'entry.accepted' });
  } else if (customer?.state === 'ringing') call.send({ type: 'leg.answered', legId: customer.legId });
  else if (state === 'waiting') call.offer(offersMade);
  else if (accepted !== undefined) call.assign(Number(accepted.offerId.slice('c1/o'.length)));
  else if (guest !== undefined) call.send({ type: 'leg.answered', legId: guest.legId });
  else if (ringing !== undefined) call.send({ type: 'leg.answered', legId: ringing.legId });
}

function checkFacts(call: Call): void {
  const types = call.facts.map(({ type }) => type);
  expect(call.facts.map(({ seq }) => seq)).toEqual(types.map((_, index) => index + 1));
  expect(types.filter((type) => type === 'contact.ended').length).toBeLessThanOrEqual(1);
  const closedAt = types.indexOf('contact.closed');
  if (closedAt >= 0) expect(closedAt).toBe(types.length - 1);
  for (const { talkMs, holdMs } of call.dataOf('segment.ended')) {
    expect(Math.min(talkMs, holdMs)).toBeGreaterThanOrEqual(0);
  }
}

/** A contact that came in, or that an agent's device or command began. */
const beginning = fc.constantFrom('arrive' as const, 'device' as const, 'command' as const);
function begin(call: Call, how: 'arrive' | 'device' | 'command'): void {
  if (how === 'arrive') call.arrive();
  else call.dial(how);
}

function checkPrivacy(call: Call): void {
  const { legs } = call.machine.view();
  const hearing = new Hearing(call.all);
  const hears = (by: string, whom: string) => hearing.of(by).split(' ').includes(whom);
  for (const { legId, role, supervision } of legs) {
    const others = legs.map((each) => each.legId).filter((other) => other !== legId);
    if (supervision === 'listen') expect(others.filter((other) => hears(other, legId))).toEqual([]);
    if (supervision === 'whisper' || role === 'consulted') expect(hears('customer', legId)).toBe(false);
    if (role === 'consulted') expect(hears(legId, 'customer')).toBe(false);
  }
}

function checkRecording(call: Call): void {
  const hearing = new Hearing(call.all);
  const heard = hearing.of('customer').split(' ');
  const { legs } = call.machine.view();
  for (const { recordingId } of call.dataOf('recording.started')) {
    const right = hearing.onRightOf(recordingId)?.split(' ');
    if (right === undefined) continue;
    const others = legs.filter(({ legId }) => legId !== 'customer').map(({ legId }) => legId as string);
    expect(others.filter((legId) => right.includes(legId))).toEqual(
      others.filter((legId) => heard.includes(legId)),
    );
  }
}

function checkCompany(call: Call): void {
  const { state, legs } = call.machine.view();
  const isUp = legs.some(
    ({ role, state: phase }) => role === 'customer' && ['talking', 'hold'].includes(phase),
  );
  // Somebody who was muted says nothing, and whoever is being hung up is about to be followed by something else.
  const isExcused =
    legs.some((leg) => leg.state === 'ending') || call.all.some(({ type }) => type === 'media.mute');
  const isServed = state === 'waiting' || state === 'offered' || state === 'connected';
  if (isUp && isServed && !isExcused) expect(new Hearing(call.all).of('customer')).not.toBe('');
}

describe('any sequence of inputs', () => {
  test('[CALL-15 CALL-16 CALL-17] keeps the history well formed', () => {
    fc.assert(
      fc.property(beginning, steps, (how, all) => {
        const call = new Call();
        begin(call, how);
        play(call, all);
      }),
      { numRuns: 1_500 },
    );
  });

  test('[CALL-18] and once the customer is gone and the agent has wrapped up, timers alone close it', () => {
    fc.assert(
      fc.property(beginning, steps, (how, all) => {
        const call = new Call();
        begin(call, how);
        play(call, all);
        const recordings = new Set(call.dataOf('recording.started').map((each) => each.recordingId));
        call.end('customer' as LegId);
        call.advance(35_000);
        call.send({ type: 'contact.failed', reason: 'test' });
        call.advance(10_000);
        call.send({ type: 'contact.wrapped' });
        call.advance(120_000);
        expect(call.machine.view()).toMatchObject({ state: 'closed', legs: [] });
        expect(call.timers.size).toBe(0);
        expect(new Set(call.dataOf('recording.ended').map((each) => each.recordingId))).toEqual(recordings);
        expect(call.facts.at(-1)?.type).toBe('contact.closed');
        checkFacts(call);
      }),
      { numRuns: 1_500 },
    );
  });

  test('[CALL-6] no leg is left ringing or up that the machine does not know', () => {
    fc.assert(
      fc.property(beginning, steps, (how, all) => {
        const call = new Call();
        begin(call, how);
        const known = () => new Set(call.machine.view().legs.map(({ legId }) => legId as string));
        for (const each of all) {
          perform(call, each);
          if (typeof each !== 'object' || each.type !== 'leg.answered' || known().has(each.legId)) continue;
          expect(call.effects('leg.hangup').map(({ legId }) => legId)).toContain(each.legId);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('[CALL-64 CALL-71] what is private stays so, and who only listens is heard by nobody', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const call = new Call();
        call.talk();
        for (const each of all) {
          perform(call, each);
          checkPrivacy(call);
        }
        call.send({ type: 'contact.failed', reason: 'test' });
        expect(new Hearing(call.all).openRooms).toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  test('[CALL-70] whom the customer hears is on the right channel, and nobody else', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const call = new Call();
        call.talk();
        for (const each of all) {
          perform(call, each);
          checkRecording(call);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('[CALL-12 CALL-64 CALL-66 CALL-71] a customer who is not on the way out always hears somebody, or is played something', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const call = new Call();
        call.talk();
        for (const each of all) {
          perform(call, each);
          checkCompany(call);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('[CALL-27] every agent that was engaged is free again in the end', () => {
    fc.assert(
      fc.property(beginning, steps, (how, all) => {
        const call = new Call();
        begin(call, how);
        play(call, all);
        call.send({ type: 'contact.failed', reason: 'test' });
        const changes = call.all.flatMap((effect) =>
          effect.type === 'agent.engaged' ? [[effect.agentId, effect.engaged] as const] : [],
        );
        const isEngaged = new Set<string>();
        const engaged = changes.flatMap(([id, is]) => {
          // Once from when the device rings, and again when it is answered.
          const isNew = is && !isEngaged.has(id);
          if (is) isEngaged.add(id);
          else isEngaged.delete(id);
          return isNew ? [id] : [];
        });
        const released = changes.filter(([, is]) => !is).map(([id]) => id);
        expect(released.toSorted()).toEqual(engaged.toSorted());
      }),
      { numRuns: 500 },
    );
  });
});
