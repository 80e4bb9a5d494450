import type { AgentId, LegId, OfferId, QueueId, RecordingId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Call } from '../../test/contact-kit.ts';
import type { ContactInput } from '../index.ts';

const leg = fc.constantFrom('customer', 'agent-1', 'agent-2', 'ghost').map((id) => id as LegId);
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

const input: fc.Arbitrary<ContactInput> = fc.oneof(
  fc.record({
    type: fc.constant('contact.arrived' as const),
    legId: fc.constant('customer' as LegId),
    number: fc.constant('700'),
    callerPhone: fc.constant('1'),
    callerName: fc.constant(''),
    carrier: fc.constant('sip'),
    target,
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
    { weight: 3, arbitrary: fc.constant<Step>('next') },
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
  else call.send(step);
}

/** The distributor and the carrier as they usually are. */
function goOn(call: Call): void {
  const { state, legs } = call.machine.view();
  const ringing = legs.find((each) => each.party === 'agent' && each.state === 'ringing');
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
        const engaged = changes.filter(([, is]) => is).map(([id]) => id);
        expect(changes.filter(([, is]) => !is).map(([id]) => id)).toEqual(engaged);
        expect(new Set(engaged).size).toBe(engaged.length);
      }),
      { numRuns: 500 },
    );
  });
});
