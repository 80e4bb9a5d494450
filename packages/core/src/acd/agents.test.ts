import { describe, expect, test } from 'vitest';
import { agentId, contactId, Desk, offerId, queueId } from '../../test/distributor-kit.ts';
import type { DistributorInput } from '../index.ts';

function talking(settings: Parameters<Desk['queue']>[1] = {}): Desk {
  const d = new Desk();
  d.queue('q', settings);
  d.queue('r');
  d.agent('ann', { queues: ['q', 'r'] });
  d.enter('c1');
  d.accept('c1/o1');
  return d;
}

describe('readiness and status', () => {
  test('[ACD-8] the reason is the first that applies', () => {
    const d = new Desk();
    d.queue('q', { ringTimeoutSeconds: 5, maxNonResponses: 1, wrapUp: { mode: 'timed', seconds: 30 } });
    d.configure('ann');
    const reason = () => d.view('ann').readiness.reason;
    expect(reason()).toBe('status-offline');
    d.status('ann', 'break');
    expect(reason()).toBe('status-break');
    d.status('ann', 'available');
    expect(reason()).toBe('device-unreachable');
    d.device('ann', true);
    expect(reason()).toBe('ready');
    d.enter('c1');
    expect(reason()).toBe('at-capacity');
    d.fail('c1/o1', 'busy');
    expect(reason()).toBe('backing-off');
    d.advance(30_000);
    d.fail('c1/o2', 'failed');
    expect(d.view('ann').readiness).toEqual({ ready: false, reason: 'device-failing', until: d.now + 1_000 });
    d.advance(1_000);
    d.advance(5_000);
    expect(reason()).toBe('not-responding');
    d.status('ann', 'available');
    d.accept('c1/o4');
    d.endTalk('c1', 'ann');
    expect(d.view('ann').readiness).toEqual({ ready: false, reason: 'wrap-up', until: d.now + 30_000 });
  });

  test('[ACD-15] a status chosen during an offer waits; the offer can still be answered, and none follows', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.enter('c1');
    d.status('ann', 'break', 'lunch');
    expect(d.view('ann')).toMatchObject({ status: 'available', nextStatus: 'break', activity: 'offered' });
    d.enter('c2');
    d.fail('c1/o1', 'rejected');
    expect(d.view('ann')).toMatchObject({
      status: 'break',
      reasonCode: 'lunch',
      nextStatus: null,
      activity: 'break',
    });
    d.advance(60_000);
    expect(d.offers()).toEqual([]);
  });

  test('[ACD-15] a status chosen during the talk applies after its wrap-up', () => {
    const d = talking({ wrapUp: { mode: 'timed', seconds: 10 } });
    d.status('ann', 'offline');
    d.endTalk('c1', 'ann');
    expect(d.view('ann')).toMatchObject({ status: 'available', nextStatus: 'offline', activity: 'wrap-up' });
    d.advance(10_000);
    expect(d.view('ann')).toMatchObject({ status: 'offline', nextStatus: null, activity: 'offline' });
  });

  test('[ACD-15] the last choice wins, and choosing the present status withdraws the other', () => {
    const d = talking();
    d.status('ann', 'offline');
    d.status('ann', 'available');
    expect(d.view('ann').nextStatus).toBeNull();
    d.endTalk('c1', 'ann');
    expect(d.view('ann')).toMatchObject({ status: 'available', activity: 'idle' });
    expect(d.status('ann', 'available')).toMatchObject([{ type: 'agent.touched' }]);
  });

  test('[ACD-21] an agent with a free slot who has chosen a break gets nothing more', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { capacity: 2 });
    d.enter('c1');
    d.status('ann', 'break');
    d.enter('c2');
    expect(d.offers()).toEqual([]);
    expect(d.view('ann').readiness.reason).toBe('status-break');
  });

  test('[ACD-22] each activity is a fact with the length of the one before', () => {
    const d = talking({ wrapUp: { mode: 'timed', seconds: 5 } });
    d.advance(10_000);
    d.send({ type: 'hold.changed', contactId: contactId('c1'), agentId: agentId('ann'), held: true });
    d.advance(4_000);
    d.send({ type: 'hold.changed', contactId: contactId('c1'), agentId: agentId('ann'), held: false });
    d.advance(1_000);
    d.endTalk('c1', 'ann');
    d.advance(5_000);
    d.device('ann', false);
    const activities = d.all.flatMap((effect) =>
      effect.type === 'agent.fact' && effect.fact.type === 'activity.changed' ? [effect.fact.data] : [],
    );
    expect(activities.map((each) => [each.activity, each.previousMs, each.contactId])).toEqual([
      ['idle', 0, null],
      ['offered', 0, 'c1'],
      ['on-contact', 0, 'c1'],
      ['hold', 10_000, 'c1'],
      ['on-contact', 4_000, 'c1'],
      ['wrap-up', 1_000, 'c1'],
      ['idle', 5_000, null],
      ['unreachable', 0, null],
    ]);
  });
});

describe('wrap-up', () => {
  test('[ACD-16] it blocks all queues of the agent until its deadline', () => {
    const d = talking({ wrapUp: { mode: 'timed', seconds: 20 } });
    d.endTalk('c1', 'ann');
    expect(d.facts('wrapup.started')).toEqual([{ agentId: 'ann', queueId: 'q', until: d.now + 20_000 }]);
    expect(d.effects('contact.wrapped')).toEqual([]);
    d.enter('c2', { queue: 'r' });
    expect(d.offers()).toEqual([]);
    d.advance(19_999);
    expect(d.offers()).toEqual([]);
    d.advance(1);
    expect(d.facts('wrapup.ended')).toMatchObject([{ durationMs: 20_000, by: 'timer' }]);
    expect(d.effects('contact.wrapped')).toMatchObject([{ contactId: 'c1' }]);
    expect(d.offers()).toEqual(['c2→ann']);
  });

  test.each([
    ['none', 30],
    ['timed', 0],
  ] as const)('[ACD-16] mode %s with %i seconds has none', (mode, seconds) => {
    const d = talking({ wrapUp: { mode, seconds } });
    d.endTalk('c1', 'ann');
    expect(d.effects('contact.wrapped')).toHaveLength(1);
    expect(d.facts('wrapup.started')).toEqual([]);
    expect(d.view('ann').readiness.ready).toBe(true);
  });

  test('[ACD-16] mandatory lasts until it is finished', () => {
    const d = talking({ wrapUp: { mode: 'mandatory', seconds: 5 } });
    d.endTalk('c1', 'ann');
    d.advance(3_600_000);
    expect(d.view('ann')).toMatchObject({ activity: 'wrap-up', wrapUpUntil: null });
    d.enter('c2');
    expect(d.offers()).toEqual([]);
    d.finishWrapUp('c1', 'ann');
    expect(d.facts('wrapup.ended')).toMatchObject([{ durationMs: 3_600_000, by: 'agent' }]);
    expect(d.offers()).toEqual(['c2→ann']);
  });

  test('[ACD-16] optional is visible, takes offers, and ends with the next contact', () => {
    const d = talking({ wrapUp: { mode: 'optional' } });
    d.endTalk('c1', 'ann');
    expect(d.view('ann')).toMatchObject({ activity: 'wrap-up', readiness: { ready: true } });
    d.enter('c2');
    expect(d.offers()).toEqual(['c2→ann']);
    d.advance(2_000);
    d.accept('c2/o1');
    expect(d.facts('wrapup.ended')).toMatchObject([{ durationMs: 2_000, by: 'system' }]);
    expect(d.effects('contact.wrapped')).toMatchObject([{ contactId: 'c1' }]);
  });

  test('[ACD-16] optional ends when the agent goes on a break', () => {
    const d = talking({ wrapUp: { mode: 'optional', seconds: 60 } });
    d.endTalk('c1', 'ann');
    d.status('ann', 'break');
    expect(d.facts('wrapup.ended')).toMatchObject([{ by: 'system' }]);
    expect(d.view('ann').activity).toBe('break');
    expect([...d.timers.keys()]).toEqual([]);
  });

  test('[ACD-17] a wrap-up whose deadline passed while nobody was there has lasted until it', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    const wrapUps = [
      { agentId: agentId('ann'), queueId: queueId('q'), startedAt: 0, talkMs: 5_000, until: 30_000 },
    ];
    const none = { stays: 1, offers: 1, stay: null, conversations: [], engaged: [] };
    d.advance(3_600_000);
    d.send({ type: 'contact.restored', contact: { ...none, contactId: contactId('c1'), wrapUps } });
    d.advance(1);
    expect(d.facts('wrapup.ended')).toMatchObject([{ agentId: 'ann', durationMs: 30_000, by: 'timer' }]);
    expect(d.distributor.agent(agentId('ann'), d.now)?.activity).toBe('idle');
  });

  test('[ACD-17] extending moves the deadline, by an hour at most, and never into the past', () => {
    const d = talking({ wrapUp: { mode: 'timed', seconds: 10 } });
    d.endTalk('c1', 'ann');
    const extend = (until: number) =>
      d.send({ type: 'wrapup.extended', agentId: agentId('ann'), contactId: contactId('c1'), until });
    extend(30_000);
    expect(d.facts('wrapup.extended')).toMatchObject([{ agentId: 'ann', queueId: 'q', until: 30_000 }]);
    d.advance(10_000);
    expect(d.view('ann').activity).toBe('wrap-up');
    extend(5_000);
    extend(Number.NaN);
    expect(d.view('ann').wrapUpUntil).toBe(30_000);
    extend(d.now + 9_999_999);
    expect(d.view('ann').wrapUpUntil).toBe(d.now + 3_600_000);
    d.advance(3_600_000);
    expect(d.view('ann').activity).toBe('idle');
  });

  test('[ACD-18] an end of talk that nobody knows is answered', () => {
    const d = new Desk();
    expect(d.endTalk('ghost', 'nobody')).toEqual([
      { type: 'contact.wrapped', contactId: 'ghost', agentId: 'nobody' },
    ]);
  });
});

describe('truth', () => {
  test('[ACD-7] a timer that comes too early is set again; a superseded one is ignored', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.enter('c1');
    const at = d.timers.get('ring:c1/o1');
    expect(at).toBe(15_000);
    expect(d.send({ type: 'timer.due', name: 'ring:c1/o1' })).toEqual([
      { type: 'timer.set', name: 'ring:c1/o1', at: 15_000 },
    ]);
    d.accept('c1/o1');
    expect(d.timers.has('ring:c1/o1')).toBe(false);
    d.now = 15_000;
    expect(d.send({ type: 'timer.due', name: 'ring:c1/o1' })).toEqual([]);
  });

  test('[ACD-24] what cannot be has no effect, and time does not run backwards', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.now = 1_000;
    d.enter('c1');
    const ghosts: DistributorInput[] = [
      { type: 'queue.removed', queueId: 'x' as never },
      { type: 'agent.removed', agentId: agentId('x') },
      { type: 'device.changed', agentId: agentId('x'), reachable: true, reason: '' },
      { type: 'contact.left', contactId: contactId('x'), reason: '' },
      { type: 'offer.failed', offerId: offerId('x'), result: 'busy', reason: '' },
      { type: 'hold.changed', contactId: contactId('c1'), agentId: agentId('ann'), held: true },
      { type: 'wrapup.finished', agentId: agentId('ann'), contactId: contactId('c1'), by: 'agent' },
      { type: 'timer.due', name: 'x' },
    ];
    for (const ghost of ghosts) expect(d.send(ghost)).toEqual([]);
    d.now = 0;
    d.accept('c1/o1');
    expect(d.facts('queue.left')).toMatchObject([{ waitMs: 0 }]);
    expect(d.view('ann').activitySince).toBe(1_000);
  });

  test('[ACD-20] refused, abandoned, answered and overflowed add up at every step', () => {
    const d = new Desk();
    d.queue('q', { maxSize: 3, maxWaitSeconds: 60 });
    d.enter('c1');
    d.enter('c2');
    d.enter('c3');
    d.enter('c4');
    d.leave('c1');
    d.agent('ann');
    d.accept('c2/o1');
    d.advance(60_000);
    const results = d.all.flatMap((effect) =>
      effect.type === 'fact' && effect.fact.type === 'queue.left' ? [effect.fact.data.result] : [],
    );
    expect(results).toEqual(['abandoned', 'answered', 'overflowed']);
  });
});
