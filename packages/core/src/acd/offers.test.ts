import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/distributor-kit.ts';

/** One queue `q` and the agents named. */
function desk(...agents: string[]): Desk {
  const made = new Desk();
  made.queue('q', { ringTimeoutSeconds: 15 });
  for (const name of agents) {
    made.agent(name);
    made.advance(1);
  }
  return made;
}

describe('stays', () => {
  test('[ACD-1] a stay that ends answered is counted once and leaves the queue', () => {
    const d = desk('ann');
    d.enter('c1');
    d.advance(3_000);
    d.accept('c1/o1');
    expect(d.facts('queue.left')).toEqual([
      {
        entryId: 'c1/q1',
        queueId: 'q',
        result: 'answered',
        reason: 'answered',
        waitMs: 3_000,
        agentId: 'ann',
      },
    ]);
    expect(d.distributor.queue('q' as never, d.now)?.waiting).toBe(0);
    d.leave('c1');
    expect(d.facts('queue.left')).toEqual([]);
  });

  test('[ACD-1] a contact that waits or talks cannot enter again', () => {
    const d = desk();
    d.enter('c1');
    d.enter('c1');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'duplicate' }]);
    d.agent('ann');
    d.accept('c1/o1');
    d.enter('c1');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'duplicate' }]);
  });

  test('[ACD-2] a contact that comes back after it was forgotten gets other identifiers', () => {
    const d = desk('ann');
    d.enter('c1');
    d.accept('c1/o1');
    d.send({ type: 'conversation.ended', contactId: 'c1' as never, agentId: 'ann' as never });
    d.enter('c1', { soFar: { stays: 1, offers: 1 } });
    expect(d.facts('queue.entered')).toMatchObject([{ entryId: 'c1/q2' }]);
    expect(d.facts('offer.made')).toMatchObject([{ offerId: 'c1/o2' }]);
    // A leg that was rung for the first offer and answers now takes nothing.
    d.accept('c1/o1');
    expect(d.effects('offer.stale')).toMatchObject([{ offerId: 'c1/o1' }]);
  });

  test('[ACD-4] the queue takes maxSize contacts and refuses one more', () => {
    const d = new Desk();
    d.queue('q', { maxSize: 2 });
    d.agent('ann');
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→ann']);
    d.enter('c2');
    expect(d.effects('entry.accepted')).toHaveLength(1);
    d.enter('c3');
    expect(d.effects('entry.refused')).toMatchObject([{ contactId: 'c3', reason: 'queue-full' }]);
    d.leave('c2');
    d.enter('c3');
    expect(d.effects('entry.accepted')).toHaveLength(1);
  });

  test('[ACD-4] an unknown queue refuses', () => {
    const d = desk();
    d.enter('c1', { queue: 'nowhere' });
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'unknown-queue' }]);
  });

  test('[ACD-5] strict class, then age, then arrival; an older place is resumed', () => {
    const d = desk();
    d.advance(10_000);
    d.enter('plain');
    d.enter('vip', { priority: 5 });
    d.enter('second');
    d.enter('back', { agedSince: 2_000 });
    expect(d.facts('queue.entered')[0]?.position).toBe(2);
    d.enter('future', { agedSince: 99_000 });
    const order = d.distributor.entries('q' as never).map((entry) => entry.contactId);
    expect(order).toEqual(['vip', 'back', 'plain', 'second', 'future']);
    const served: string[] = [];
    d.agent('ann', { capacity: 10 });
    served.push(...d.effects('offer.make').map((offer) => offer.contactId));
    expect(served).toEqual(order);
  });

  test('[ACD-5] an offered contact keeps place and age', () => {
    const d = desk('ann');
    d.enter('c1');
    d.enter('c2');
    d.advance(15_000);
    expect(d.distributor.entries('q' as never)).toMatchObject([
      { contactId: 'c1', position: 1, enteredAt: 1, routingAttempts: 1, offeredTo: null },
      { contactId: 'c2', position: 2 },
    ]);
  });

  test('[ACD-6] a contact overflows at the limit of the wait, not while an agent rings for it', () => {
    const d = new Desk();
    d.queue('q', { maxWaitSeconds: 10, ringTimeoutSeconds: 15 });
    d.enter('c1');
    d.advance(9_999);
    expect(d.effects('contact.overflowed')).toEqual([]);
    d.advance(1);
    expect(d.effects('contact.overflowed')).toMatchObject([{ contactId: 'c1', reason: 'max-wait' }]);
    d.agent('ann');
    d.enter('c2');
    d.advance(14_999);
    expect(d.effects('contact.overflowed')).toEqual([]);
    d.advance(1);
    expect(d.facts('offer.ended')).toMatchObject([{ result: 'timed-out' }]);
    expect(d.effects('contact.overflowed')).toMatchObject([{ contactId: 'c2' }]);
    expect(d.facts('queue.left')).toMatchObject([{ result: 'overflowed', waitMs: 15_000 }]);
  });
});

describe('offers', () => {
  test('[ACD-3] one contact, one offer; one agent, one offer', () => {
    const d = desk('ann', 'bob');
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→ann']);
    d.enter('c2');
    expect(d.offers()).toEqual(['c2→bob']);
    d.enter('c3');
    expect(d.offers()).toEqual([]);
    expect(d.view('ann').readiness).toMatchObject({ ready: false, reason: 'at-capacity' });
  });

  test('[ACD-21] an agent with capacity two takes two and no third; the idle come first', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { capacity: 2 });
    d.advance(1);
    d.agent('bob');
    d.enter('c1');
    d.enter('c2');
    d.enter('c3');
    d.enter('c4');
    const made = d.all.flatMap((effect) => (effect.type === 'offer.make' ? [effect.agentId] : []));
    expect(made).toEqual(['ann', 'bob', 'ann']);
  });

  test('[ACD-12] a time-out withdraws, pauses the agent and moves on to the next', () => {
    const d = desk('ann', 'bob');
    d.enter('c1');
    d.advance(15_000);
    expect(d.effects('offer.withdraw')).toMatchObject([{ offerId: 'c1/o1', reason: 'timed-out' }]);
    expect(d.facts('offer.ended')).toMatchObject([{ result: 'timed-out', ringMs: 15_000 }]);
    expect(d.offers()).toEqual(['c1→bob']);
    expect(d.view('ann').readiness).toEqual({ ready: false, reason: 'backing-off', until: d.now + 10_000 });
    d.advance(10_000);
    expect(d.view('ann').readiness.ready).toBe(true);
  });

  test('[ACD-12] Not Responding after maxNonResponses in a row, one click back', () => {
    const d = new Desk();
    d.queue('q', { ringTimeoutSeconds: 5, noAnswerDelaySeconds: 1, maxNonResponses: 2 });
    d.agent('ann');
    d.enter('c1');
    d.advance(5_000);
    d.advance(1_000);
    expect(d.offers()).toEqual(['c1→ann']);
    d.advance(5_000);
    expect(d.view('ann')).toMatchObject({ activity: 'not-responding', status: 'available' });
    d.advance(60_000);
    expect(d.offers()).toEqual([]);
    d.status('ann', 'available');
    expect(d.offers()).toEqual(['c1→ann']);
    expect(d.view('ann').activity).toBe('offered');
  });

  test('[ACD-12] an accepted offer resets the non-responses', () => {
    const d = new Desk();
    d.queue('q', { ringTimeoutSeconds: 5, noAnswerDelaySeconds: 0, maxNonResponses: 2 });
    d.agent('ann');
    d.enter('c1');
    d.advance(5_000);
    d.accept('c1/o2');
    d.endTalk('c1', 'ann');
    d.enter('c2');
    d.advance(5_000);
    expect(d.offers()).toEqual(['c2→ann']);
  });

  test.each([
    ['rejected', 10_000],
    ['busy', 30_000],
    ['failed', 1_000],
  ] as const)('[ACD-12] %s costs %i ms', (result, pauseMs) => {
    const d = desk('ann');
    d.enter('c1');
    d.fail('c1/o1', result);
    expect(d.facts('offer.ended')).toMatchObject([{ result, reason: `test-${result}` }]);
    expect(d.offers()).toEqual([]);
    d.advance(pauseMs - 1);
    expect(d.offers()).toEqual([]);
    d.advance(1);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-12] a failing device backs off exponentially to five minutes, and is tried when it reports itself', () => {
    const d = desk('ann');
    d.enter('c1');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt++) {
      d.fail(`c1/o${attempt}`, 'failed');
      const { until } = d.view('ann').readiness;
      pauses.push((until ?? d.now) - d.now);
      d.advance((until ?? d.now) - d.now);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((seconds) => seconds * 1000));
    d.fail('c1/o12', 'failed');
    d.device('ann', true);
    expect(d.offers()).toEqual(['c1→ann']);
    d.fail('c1/o13', 'failed');
    expect(d.view('ann').readiness.until).toBe(d.now + 1_000);
  });

  test('[ACD-12] a caller who leaves costs the agent nothing', () => {
    const d = desk('ann', 'bob');
    d.enter('c1');
    d.leave('c1');
    expect(d.effects('offer.withdraw')).toMatchObject([{ offerId: 'c1/o1', reason: 'cancelled' }]);
    expect(d.facts('offer.ended')).toMatchObject([{ result: 'cancelled' }]);
    expect(d.facts('queue.left')).toMatchObject([{ result: 'abandoned', reason: 'customer-hung-up' }]);
    d.enter('c2');
    expect(d.offers()).toEqual(['c2→ann']);
  });

  test('[ACD-13] with no delay at all the contact still goes to the next agent', () => {
    const d = new Desk();
    d.queue('q', { rejectDelaySeconds: 0 });
    for (const name of ['ann', 'bob', 'eve']) {
      d.agent(name);
      d.advance(1);
    }
    d.enter('c1');
    const order: string[] = [...d.offers()];
    for (let offer = 1; offer <= 3; offer++) {
      d.fail(`c1/o${offer}`, 'rejected');
      order.push(...d.offers());
    }
    expect(order).toEqual(['c1→ann', 'c1→bob', 'c1→eve', 'c1→ann']);
  });

  test('[ACD-13] who refuses is out also with a slot free', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { capacity: 2 });
    d.enter('c1');
    d.fail('c1/o1', 'rejected');
    expect(d.offers()).toEqual([]);
    d.agent('bob');
    expect(d.offers()).toEqual(['c1→bob']);
  });

  test('[ACD-9] an acceptance ends the pause, and a further slot is filled at once', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { capacity: 2 });
    d.enter('c1');
    d.enter('c2');
    d.fail('c1/o1', 'rejected');
    d.accept('c2/o1');
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-14] an acceptance after the withdrawal is stale, whatever ended the offer', () => {
    const d = desk('ann', 'bob');
    d.enter('c1');
    d.leave('c1');
    expect(d.accept('c1/o1')).toEqual([{ type: 'offer.stale', offerId: 'c1/o1' }]);
    d.enter('c2');
    d.advance(15_000);
    expect(d.accept('c2/o1')).toEqual([{ type: 'offer.stale', offerId: 'c2/o1' }]);
    expect(d.accept('nobody/o9')).toEqual([{ type: 'offer.stale', offerId: 'nobody/o9' }]);
    expect(d.fail('c2/o1', 'busy')).toEqual([]);
    expect(d.distributor.queue('q' as never, d.now)?.waiting).toBe(1);
  });
});
