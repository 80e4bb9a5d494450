import type { AgentId, AgentLive, LiveCall, QueueStats } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import {
  agentIdOf,
  agentsByState,
  boardFigures,
  customerOf,
  hurts,
  liveContacts,
  waitingCalls,
  worstFirst,
} from './figures.ts';

const queue = (id: string, values: Partial<QueueStats> = {}): QueueStats => ({
  queueId: id as QueueStats['queueId'],
  offered: 0,
  answered: 0,
  abandoned: 0,
  overflowed: 0,
  callbacks: 0,
  waiting: 0,
  deflected: 0,
  shortAbandons: 0,
  answeredWithin: 0,
  abandonedWithin: 0,
  handled: 0,
  serviceLevel: null,
  serviceLevelSeconds: 20,
  serviceLevelTarget: 0.8,
  longestWaitSince: null,
  averageSpeedOfAnswerSeconds: null,
  averageHandleSeconds: null,
  averageTalkSeconds: null,
  abandonRate: null,
  agentsReady: 1,
  agentsStaffed: 1,
  agentsWorking: 1,
  occupancy: null,
  adherence: null,
  patience: null,
  estimatedWaitSeconds: null,
  estimateErrorSecondsMedian: null,
  open: true,
  openUntil: null,
  staffing: null,
  since: '2026-11-21T00:00:00.000Z',
  depth: [],
  ...values,
});
const call = (values: Partial<LiveCall>): LiveCall => ({
  role: 'customer',
  muted: false,
  supervision: null,
  locked: false,
  recorded: true,
  recordingPaused: false,
  waitingSince: null,
  id: 'leg' as LiveCall['id'],
  contactId: 'contact' as LiveCall['contactId'],
  party: 'customer',
  agentId: null,
  queueId: null,
  carrier: 'sip',
  carrierId: '',
  address: '+420601000001',
  number: '700',
  state: 'talking',
  since: '2026-11-21T09:00:00.000Z',
  startedAt: '2026-11-21T09:00:00.000Z',
  quality: null,
  ...values,
});

describe('[QUE-12] figures over several queues', () => {
  test('ratios are made of the sums, not of the ratios', () => {
    const figures = boardFigures([
      queue('a', { answered: 9, abandoned: 1, answeredWithin: 9, offered: 10 }),
      queue('b', { answered: 10, abandoned: 80, answeredWithin: 0, offered: 90 }),
    ]);
    expect(figures.serviceLevel).toBeCloseTo(9 / 100);
    expect(figures.abandonRate).toBeCloseTo(81 / 100);
  });

  test('means are weighted with what they are the mean of', () => {
    const figures = boardFigures([
      queue('a', { answered: 5, handled: 1, averageHandleSeconds: 100 }),
      // Answered before midnight, over after it.
      queue('b', { answered: 0, handled: 3, averageHandleSeconds: 200 }),
      queue('c'),
    ]);
    expect(figures.averageHandleSeconds).toBe(175);
  });

  test('short abandons do not count against the service level', () => {
    expect(
      boardFigures([queue('a', { answered: 1, abandoned: 1, shortAbandons: 1, answeredWithin: 1 })])
        .serviceLevel,
    ).toBe(1);
  });

  test('nothing to divide by is no figure', () => {
    expect(boardFigures([])).toMatchObject({
      serviceLevel: null,
      abandonRate: null,
      averageHandleSeconds: null,
    });
  });

  test('a target is named only when all queues agree on it', () => {
    expect(boardFigures([queue('a'), queue('b')]).serviceLevelTarget).toBe(0.8);
    expect(boardFigures([queue('a'), queue('b', { serviceLevelTarget: 0.9 })]).serviceLevelTarget).toBeNull();
  });

  test('the longest wait of all queues counts', () => {
    const early = '2026-11-21T09:00:00.000Z';
    const figures = boardFigures([
      queue('a', { longestWaitSince: '2026-11-21T09:05:00.000Z' }),
      queue('b', { longestWaitSince: early }),
    ]);
    expect(figures.longestWaitSince).toBe(early);
  });
});

describe('[SUP-01] where does it hurt', () => {
  test('waiting with nobody ready comes before waiting, which comes before nobody waiting', () => {
    const order = worstFirst([
      queue('calm', { serviceLevel: 0.1 }),
      queue('waiting', { waiting: 5, serviceLevel: 0.9 }),
      queue('unattended', { waiting: 1, agentsReady: 0, serviceLevel: 1 }),
    ]).map((one) => one.queueId);
    expect(order).toEqual(['unattended', 'waiting', 'calm']);
  });

  test('a missed target alone is no alarm while nobody waits', () => {
    expect(hurts(queue('a', { serviceLevel: 0.1 }))).toBe(false);
    expect(hurts(queue('a', { serviceLevel: 0.1, waiting: 1 }))).toBe(true);
    expect(hurts(queue('a', { waiting: 1, agentsReady: 0 }))).toBe(true);
    expect(hurts(queue('a', { waiting: 1, serviceLevel: 0.9 }))).toBe(false);
  });

  test('agents who need attention stand first', () => {
    const agent = (name: string, activity: AgentLive['activity']) =>
      ({ name, activity, activitySince: '2026-11-21T09:00:00.000Z' }) as AgentLive;
    const order = agentsByState([agent('a', 'offline'), agent('b', 'idle'), agent('c', 'not-responding')]);
    expect(order.map((one) => one.name)).toEqual(['c', 'b', 'a']);
  });
});

describe('[SUP-01] live calls', () => {
  test('[SUP-01] who waits in a queue does so since it was entered, longest first; nobody else waits', () => {
    const calls = [
      call({ id: '1' as LiveCall['id'], state: 'waiting', waitingSince: '2026-11-21T09:02:00.000Z' }),
      // An hour in a flow before.
      call({
        ...{ id: '2' as LiveCall['id'], state: 'waiting', waitingSince: '2026-11-21T09:03:00.000Z' },
        since: '2026-11-21T08:03:00.000Z',
      }),
      // Still in the flow.
      call({ id: '3' as LiveCall['id'], state: 'waiting', waitingSince: null }),
    ];
    expect(waitingCalls(calls).map((one) => one.id)).toEqual(['1', '2']);
  });

  test('a contact with two legs is one row, the one of its customer', () => {
    const contacts = liveContacts([
      call({ id: 'agent' as LiveCall['id'], party: 'agent' }),
      call({ id: 'customer' as LiveCall['id'] }),
    ]);
    expect(contacts.map((one) => one.id)).toEqual(['customer']);
  });

  test('[SUP-02] a supervisor who listens is nobody’s agent, whoever came first', () => {
    const leg = (role: LiveCall['role'], agentId: string) =>
      call({ role, party: 'agent', agentId: agentId as AgentId });
    const [boss, ann, bob] = [leg('supervisor', 'boss'), leg('agent', 'ann'), leg('consulted', 'bob')];
    expect(agentIdOf([boss, bob, ann], ann.contactId)).toBe('ann');
    expect(agentIdOf([boss, bob], ann.contactId)).toBe('bob');
    expect(agentIdOf([call({}), boss], ann.contactId)).toBeNull();
  });

  test('the customer is named without what belongs to SIP', () => {
    expect(customerOf(call({ address: 'sip:+420601000001@192.0.2.1:5060' }))).toBe('+420601000001');
    expect(customerOf(call({ address: '' }))).toBe('');
    expect(customerOf(call({ party: 'agent', address: 'sip:alice@192.0.2.7' }))).toBe('');
  });
});
