import {
  type OverflowCondition,
  QueueSettings,
  type Requirement,
  RoutingStrategy,
} from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId, contactId, Desk, offerId, queueId } from '../../test/distributor-kit.ts';
import { createDistributor, type DistributorEffect, type DistributorInput } from '../index.ts';

const queues = ['q', 'r'];
const agents = ['a', 'b', 'c'];
const contacts = ['1', '2', '3', '4', '5'];

/** A random input, or something that really happens next: to the n-th of what rings or talks, counted around. */
type Step =
  | { kind: 'input'; input: DistributorInput }
  | { kind: 'pass'; ms: number }
  | { kind: 'accept' | 'reject' | 'break-down' | 'end' | 'wrap-up'; nth: number }
  | { kind: 'enter'; nth: number; queue: string };

const queue = fc.constantFrom(...queues, 'ghost').map(queueId);
const agent = fc.constantFrom(...agents, 'ghost').map(agentId);
const contact = fc.constantFrom(...contacts).map(contactId);
const offer = fc.tuple(contact, fc.integer({ min: 1, max: 6 })).map(([id, n]) => offerId(`${id}/o${n}`));

const seconds = fc.constantFrom(1, 10, 30);
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ skill: fc.constantFrom('sales', 'billing'), level: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ language: fc.constantFrom('en', 'cs') }),
  fc.constant<Requirement>({ not: { skill: 'sales', level: 3 } }),
  fc.constant<Requirement>({
    any: [{ language: 'cs' }, { all: [{ skill: 'billing', level: 2 }, { language: 'en' }] }],
  }),
);
const requirementStep = fc.record({
  requirement: fc.option(requirement),
  agentIds: fc.subarray(agents).map((names) => names.map(agentId)),
  seconds,
});
const level = fc.constantFrom('signed-in' as const, 'working' as const, 'ready' as const);
const condition: fc.Arbitrary<OverflowCondition> = fc.oneof(
  fc.record({ when: fc.constant('waited' as const), afterSeconds: seconds }),
  fc.record({
    when: fc.constant('waiting-above' as const),
    count: fc.nat({ max: 2 }),
    afterSeconds: fc.constantFrom(0, 10),
  }),
  fc.record({
    when: fc.constant('estimated-wait-above' as const),
    seconds,
    afterSeconds: fc.constantFrom(0, 10),
  }),
  fc.record({
    when: fc.constant('nobody-there' as const),
    counts: level,
    afterSeconds: fc.constantFrom(0, 10),
  }),
  fc.constantFrom({ when: 'closed' as const }, { when: 'full' as const }),
);
const target = fc.oneof(
  fc.record({ kind: fc.constant('queue' as const), queueId: queue }),
  fc.constantFrom({ kind: 'number' as const, number: '700' }, { kind: 'hang-up' as const }),
);

const settings: fc.Arbitrary<QueueSettings> = fc
  .record({
    strategy: fc.constantFrom(...RoutingStrategy.options),
    ringTimeoutSeconds: fc.integer({ min: 5, max: 20 }),
    wrapUp: fc.record({
      mode: fc.constantFrom('none' as const, 'optional' as const, 'mandatory' as const, 'timed' as const),
      seconds: fc.integer({ min: 0, max: 30 }),
    }),
    maxSize: fc.integer({ min: 1, max: 4 }),
    maxWaitSeconds: fc.constantFrom(0, 10, 60),
    rejectDelaySeconds: fc.constantFrom(0, 10),
    busyDelaySeconds: fc.constantFrom(0, 30),
    noAnswerDelaySeconds: fc.constantFrom(0, 10),
    maxNonResponses: fc.integer({ min: 1, max: 3 }),
    ringAllMax: fc.integer({ min: 2, max: 3 }),
    ageing: fc.record({ everySeconds: fc.constantFrom(0, 5), priorityMax: fc.constantFrom(1, 3) }),
    requirementSteps: fc.array(requirementStep, { maxLength: 2 }),
    afterLastStep: fc.constantFrom('anybody' as const, 'keep-last' as const),
    sticky: fc.record({
      mode: fc.constantFrom('none' as const, 'last' as const, 'preferred' as const),
      waitSeconds: fc.constantFrom(0, 10),
    }),
    resumeWindowSeconds: fc.constantFrom(0, 60),
    joinWhenEmpty: fc.oneof(fc.constant('always' as const), level),
    leaveWhenEmpty: fc.constantFrom(
      'never' as const,
      'never' as const,
      'signed-in' as const,
      'working' as const,
    ),
    leaveWhenEmptySeconds: fc.constantFrom(0, 10),
    overflow: fc.array(fc.record({ condition, target }), { maxLength: 2 }),
  })
  .map((each) => ({ ...QueueSettings.parse({ name: 'queue' }), ...each }));

const memberships = fc.array(
  fc.record({
    queueId: queue,
    priority: fc.integer({ min: 1, max: 2 }),
    delaySeconds: fc.constantFrom(0, 0, 5, 20),
    weight: fc.integer({ min: 1, max: 3 }),
  }),
  { maxLength: 3 },
);

const reality = fc.record({
  type: fc.constant('reality.seen' as const),
  contacts: fc.subarray(contacts).map((ids) => new Set(ids.map(contactId))),
  ringing: fc.array(offer, { maxLength: 3 }).map((ids) => new Set(ids)),
  talking: fc.array(fc.tuple(contact, agent), { maxLength: 2 }).map((pairs) => new Map(pairs)),
  reachable: fc.subarray(agents).map((ids) => new Set(ids.map(agentId))),
});

const configurations = [
  fc.record({
    type: fc.constant('queue.configured' as const),
    queue: fc.record({ id: fc.constantFrom(...queues).map(queueId), settings }),
  }),
  fc.record({ type: fc.constant('queue.removed' as const), queueId: queue }),
  fc.record({
    type: fc.constant('agent.configured' as const),
    agent: fc.record({
      id: fc.constantFrom(...agents).map(agentId),
      capacity: fc.integer({ min: 1, max: 2 }),
      queues: memberships,
      skills: fc.constantFrom({}, { sales: 3 }, { billing: 4, sales: 1 }),
      languages: fc.subarray(['en', 'cs']),
    }),
  }),
  fc.record({ type: fc.constant('agent.removed' as const), agentId: agent }),
  reality,
];

const supervisor = { by: fc.constant('supervisor' as const), byUserId: fc.constant(null) };

const ordinary = [
  fc.record({
    type: fc.constant('status.chosen' as const),
    agentId: agent,
    status: fc.constantFrom('available' as const, 'available' as const, 'break' as const, 'offline' as const),
    reasonCode: fc.constantFrom(null, 'lunch'),
    by: fc.constant('agent' as const),
    byUserId: fc.constant(null),
  }),
  fc.record({
    type: fc.constant('device.changed' as const),
    agentId: agent,
    reachable: fc.boolean(),
    reason: fc.constant('test'),
  }),
  fc.record({
    type: fc.constant('contact.entered' as const),
    contactId: contact,
    queueId: queue,
    priority: fc.integer({ min: 0, max: 1 }),
    agedSince: fc.integer({ min: -60_000, max: 600_000 }),
    via: fc.constantFrom('call' as const, 'transfer' as const, 'callback' as const),
    caller: fc.constantFrom('', '+420111', '+420222'),
    requirement: fc.option(requirement),
    preferredAgentId: fc.option(agent),
  }),
  fc.record({ type: fc.constant('entry.moved' as const), contactId: contact, queueId: queue, ...supervisor }),
  fc.record({
    type: fc.constant('entry.reprioritised' as const),
    contactId: contact,
    priority: fc.integer({ min: 0, max: 3 }),
    ...supervisor,
  }),
  fc.record({
    type: fc.constant('entry.assigned' as const),
    contactId: contact,
    agentId: agent,
    seconds,
    ...supervisor,
  }),
  fc.record({ type: fc.constant('entry.removed' as const), contactId: contact, ...supervisor }),
  fc.record({
    type: fc.constant('agent.tallied' as const),
    agentId: agent,
    answered: fc.nat({ max: 9 }),
    talkMs: fc.nat({ max: 9_000 }),
  }),
  fc.record({ type: fc.constant('contact.left' as const), contactId: contact, reason: fc.constant('left') }),
  fc.record({ type: fc.constant('callback.accepted' as const), contactId: contact }),
  fc.record({ type: fc.constant('offer.accepted' as const), offerId: offer }),
  fc.record({
    type: fc.constant('offer.failed' as const),
    offerId: offer,
    result: fc.constantFrom('rejected' as const, 'busy' as const, 'failed' as const),
    reason: fc.constant('test'),
  }),
  fc.record({ type: fc.constant('conversation.ended' as const), contactId: contact, agentId: agent }),
  fc.record({
    type: fc.constant('hold.changed' as const),
    contactId: contact,
    agentId: agent,
    held: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('wrapup.finished' as const),
    agentId: agent,
    contactId: contact,
    by: fc.constant('agent' as const),
  }),
  fc.record({
    type: fc.constant('wrapup.extended' as const),
    agentId: agent,
    contactId: contact,
    until: fc.integer({ min: 0, max: 600_000 }),
  }),
  fc.record({
    type: fc.constant('timer.due' as const),
    name: fc.constantFrom('ring:1/o1', 'pause:a', 'delay:q', 'due:q', 'empty:r'),
  }),
];

const input: fc.Arbitrary<DistributorInput> = fc.oneof(
  { weight: 1, arbitrary: fc.oneof(...configurations) },
  { weight: 6, arbitrary: fc.oneof(...ordinary) },
);

const nth = fc.nat({ max: 5 });
const happening: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('enter' as const), nth, queue: fc.constantFrom(...queues) }),
  fc.record({
    kind: fc.constantFrom(
      'accept' as const,
      'accept' as const,
      'reject' as const,
      'break-down' as const,
      'end' as const,
      'wrap-up' as const,
    ),
    nth,
  }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: input.map((each): Step => ({ kind: 'input', input: each })) },
  { weight: 4, arbitrary: happening },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1, 999, 5_000, 20_000, 61_000).map((ms): Step => ({ kind: 'pass', ms })),
  },
);

/** A small centre in which the random steps mean something. */
function openCentre(): Desk {
  const d = new Desk();
  d.queue('q', { ringTimeoutSeconds: 10, wrapUp: { mode: 'timed', seconds: 5 } });
  d.queue('r', { ringTimeoutSeconds: 10, wrapUp: { mode: 'optional', seconds: 0 }, maxWaitSeconds: 60 });
  d.agent('a', { queues: ['q', 'r'] });
  d.agent('b', { queues: ['q', { name: 'r', delaySeconds: 5 }], capacity: 2 });
  d.agent('c', { queues: [{ name: 'r', priority: 2 }] });
  return d;
}

/** `Desk` checks the invariants after every input, which are rules 1, 2, 5, 7 and 17. */
function play(d: Desk, steps: Step[]): void {
  for (const each of steps) {
    if (each.kind === 'pass') d.advance(each.ms);
    else if (each.kind === 'input') d.send(each.input);
    else if (each.kind === 'enter')
      d.enter(contacts[each.nth % contacts.length] ?? '1', { queue: each.queue });
    else happen(d, each.kind, each.nth);
  }
}

function happen(d: Desk, kind: 'accept' | 'reject' | 'break-down' | 'end' | 'wrap-up', index: number): void {
  const ringing = [...d.ringing];
  const talking = [...d.talking];
  const wrapping = d.distributor
    .agents(d.now)
    .flatMap((view) => view.contacts.map((each) => ({ ...each, agentId: view.id })))
    .filter(({ state }) => state === 'wrap-up');
  const live = ringing[index % ringing.length];
  const talk = talking[index % talking.length];
  const wrapUp = wrapping[index % wrapping.length];
  if (kind === 'end' && talk !== undefined) d.endTalk(...talk);
  else if (kind === 'wrap-up' && wrapUp !== undefined) d.finishWrapUp(wrapUp.contactId, wrapUp.agentId);
  else if (live === undefined) return;
  else if (kind === 'accept') d.accept(live);
  else if (kind === 'reject') d.fail(live, 'rejected');
  else if (kind === 'break-down') d.fail(live, 'failed');
}

/** Queues that ring several agents together at some time. */
function ringAllQueues(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(
    steps.flatMap((each) =>
      each.kind === 'input' &&
      each.input.type === 'queue.configured' &&
      each.input.queue.settings.strategy === 'ring-all'
        ? [each.input.queue.id]
        : [],
    ),
  );
}

/** Follows each offer and stay through the effects: rules 1, 2 and 6 as an outsider sees them. */
function readBack(effects: readonly DistributorEffect[], together: ReadonlySet<string>): void {
  const ringing = new Map<string, string>();
  const staying = new Set<string>();
  for (const effect of effects) {
    if (effect.type === 'offer.make') {
      const isRung = [...ringing.values()].includes(effect.contactId);
      expect(isRung && !together.has(effect.queueId), 'a second offer for one contact').toBe(false);
      expect(staying.has(effect.contactId), 'an offer for somebody who does not wait').toBe(true);
      ringing.set(effect.offerId, effect.contactId);
    } else if (effect.type === 'contact.assigned') {
      expect(staying.has(effect.contactId), 'assigned while still in the queue').toBe(false);
    } else if (effect.type === 'fact') {
      const { type, data } = effect.fact;
      if (type === 'offer.ended') expect(ringing.delete(data.offerId), 'a second end of an offer').toBe(true);
      if (type === 'queue.entered') {
        expect(staying.has(effect.contactId), 'a second stay').toBe(false);
        staying.add(effect.contactId);
      }
      if (type === 'queue.left') expect(staying.delete(effect.contactId), 'a second result').toBe(true);
    }
  }
}

describe('any sequence of inputs', () => {
  test('[ACD-1 ACD-3 ACD-16 ACD-20] breaks no invariant and gives each stay and offer one end', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
        const d = openCentre();
        play(d, steps);
        readBack(d.all, ringAllQueues(steps));
      }),
      { numRuns: 1_000 },
    );
  });

  test('[ACD-7] comes to rest: when the inputs stop, timers alone end every offer and every deadline', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const d = openCentre();
        play(d, steps);
        for (const name of agents) d.status(name, 'offline');
        d.advance(4 * 3_600_000);
        for (const view of d.distributor.agents(d.now)) {
          expect(view.contacts.filter(({ state }) => state === 'offered')).toEqual([]);
          expect(view.wrapUpUntil).toBeNull();
        }
        const deadlines = [...d.timers.values()].filter((at) => at <= d.now);
        expect(deadlines).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('[ACD-2 ACD-18] everything that began can be ended: nothing and nobody is remembered', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
        const d = openCentre();
        play(d, steps);
        for (const id of contacts) {
          d.leave(id);
          for (const name of agents) {
            d.endTalk(id, name);
            d.finishWrapUp(id, name);
          }
        }
        for (const view of d.distributor.agents(d.now)) expect(view.contacts).toEqual([]);
        for (const id of contacts) expect(d.distributor.explain(contactId(id), d.now)).toBeUndefined();
      }),
      { numRuns: 400 },
    );
  });

  test('[ACD-40] nobody watching changes nothing but what is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const d = openCentre();
        play(d, steps);
        const alone = createDistributor({ isWatched: false });
        const told = d.inputs.flatMap(({ input: each, at }) => alone.handle(each, at, 0));
        const isForAll = ({ type }: DistributorEffect) =>
          !type.endsWith('.touched') && !type.endsWith('fact');
        expect(told.filter(isForAll)).toEqual(d.all.filter(isForAll));
      }),
      { numRuns: 200 },
    );
  });

  test('[ACD-24] the same inputs give the same effects', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [one, other] = [openCentre(), openCentre()];
        play(one, steps);
        play(other, steps);
        expect(one.all).toEqual(other.all);
      }),
      { numRuns: 100 },
    );
  });
});
