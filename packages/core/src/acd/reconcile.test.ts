import { describe, expect, test } from 'vitest';
import { agentId, contactId, Desk, offerId } from '../../test/distributor-kit.ts';
import type { DistributorInput } from '../index.ts';

type Reality = Omit<Extract<DistributorInput, { type: 'reality.seen' }>, 'type'>;

function centre(): Desk {
  const d = new Desk();
  d.queue('q', { wrapUp: { mode: 'mandatory' } });
  d.agent('ann');
  d.advance(1);
  d.agent('bob');
  return d;
}

interface Seen {
  contacts?: string[];
  ringing?: string[];
  talking?: Record<string, string>;
  reachable?: string[];
}

function look(
  d: Desk,
  { contacts = [], ringing = [], talking = {}, reachable = ['ann', 'bob'] }: Seen,
): void {
  const reality: Reality = {
    contacts: new Set(contacts.map(contactId)),
    ringing: new Set(ringing.map(offerId)),
    talking: new Map(Object.entries(talking).map(([id, agent]) => [contactId(id), agentId(agent)])),
    reachable: new Set(reachable.map(agentId)),
  };
  d.send({ type: 'reality.seen', ...reality });
}

/** Two looks, far enough apart. */
function lookTwice(d: Desk, seen: Seen): void {
  look(d, seen);
  expect(d.effects('repaired')).toEqual([]);
  d.now += 5_000;
  look(d, seen);
}

describe('reality', () => {
  test('[ACD-23] nothing is repaired while it agrees', () => {
    const d = centre();
    d.enter('c1');
    d.enter('c2');
    d.accept('c2/o1');
    lookTwice(d, { contacts: ['c1', 'c2'], ringing: ['c1/o1'], talking: { c2: 'bob' } });
    expect(d.last).toEqual([]);
  });

  test('[ACD-23] a difference is repaired only when two looks far enough apart have seen it', () => {
    const d = centre();
    d.enter('c1');
    look(d, { contacts: ['c1'] });
    d.now += 1_999;
    look(d, { contacts: ['c1'] });
    expect(d.effects('repaired')).toEqual([]);
    look(d, { contacts: ['c1'], ringing: ['c1/o1'] });
    d.now += 5_000;
    look(d, { contacts: ['c1'] });
    expect(d.effects('repaired')).toEqual([]);
  });

  test('[ACD-23] an offer that rings nowhere goes back at no cost', () => {
    const d = centre();
    d.enter('c1');
    lookTwice(d, { contacts: ['c1'] });
    expect(d.effects('repaired')).toEqual([{ type: 'repaired', what: 'offer-not-ringing', detail: 'c1/o1' }]);
    expect(d.facts('offer.ended')).toMatchObject([{ result: 'cancelled', reason: 'not-ringing' }]);
    expect(d.facts('repair.made')).toHaveLength(1);
    expect(d.offers()).toEqual(['c1→bob']);
    expect(d.view('ann').readiness.ready).toBe(true);
  });

  test('[ACD-23] a leg that rings for no offer is released', () => {
    const d = centre();
    lookTwice(d, { ringing: ['ghost/o1'] });
    expect(d.effects('offer.stale')).toEqual([{ type: 'offer.stale', offerId: 'ghost/o1' }]);
  });

  test('[ACD-23] a conversation that is over begins its wrap-up', () => {
    const d = centre();
    d.enter('c1');
    d.accept('c1/o1');
    lookTwice(d, { contacts: ['c1'] });
    expect(d.effects('repaired')).toMatchObject([{ what: 'conversation-gone' }]);
    expect(d.view('ann').activity).toBe('wrap-up');
  });

  test('[ACD-23] an agent found talking is busy, and his contact leaves the queue as answered', () => {
    const d = centre();
    d.enter('c1');
    lookTwice(d, { contacts: ['c1'], ringing: ['c1/o1'], talking: { c1: 'bob' } });
    expect(d.facts('queue.left')).toMatchObject([{ result: 'answered', agentId: 'bob' }]);
    expect(d.view('bob')).toMatchObject({ activity: 'on-contact', contacts: [{ queueId: 'q' }] });
    expect(d.view('ann').activity).toBe('idle');
    d.endTalk('c1', 'bob');
    expect(d.view('bob').activity).toBe('wrap-up');
  });

  test('[ACD-23] an acceptance that got lost is taken up', () => {
    const d = centre();
    d.enter('c1');
    lookTwice(d, { contacts: ['c1'], ringing: ['c1/o1'], talking: { c1: 'ann' } });
    expect(d.effects('contact.assigned')).toMatchObject([{ contactId: 'c1', agentId: 'ann' }]);
  });

  test('[ACD-23] an unknown contact in talk is adopted without a queue', () => {
    const d = centre();
    lookTwice(d, { contacts: ['x'], talking: { x: 'ann' } });
    expect(d.view('ann')).toMatchObject({ activity: 'on-contact', contacts: [{ queueId: null }] });
    d.endTalk('x', 'ann');
    expect(d.effects('contact.wrapped')).toHaveLength(1);
    expect(d.view('ann').activity).toBe('idle');
  });

  test('[ACD-23] what belongs to a contact that is gone ends', () => {
    const d = centre();
    d.enter('talked');
    d.accept('talked/o1');
    d.endTalk('talked', 'ann');
    d.enter('waits');
    lookTwice(d, { ringing: ['waits/o1'] });
    expect(d.facts('queue.left')).toMatchObject([{ result: 'abandoned', reason: 'vanished' }]);
    expect(d.facts('wrapup.ended')).toMatchObject([{ by: 'system' }]);
    expect(d.distributor.agents(d.now).every((view) => view.activity === 'idle')).toBe(true);
  });

  test('[ACD-23] devices are as they are', () => {
    const d = centre();
    lookTwice(d, { reachable: ['ann'] });
    expect(d.effects('repaired')).toMatchObject([{ what: 'device-differs', detail: 'bob unreachable' }]);
    expect(d.view('bob').activity).toBe('unreachable');
  });

  test('[ACD-7 ACD-23] a timer that was lost is made up for', () => {
    const d = centre();
    d.enter('c1');
    d.now += 15_000;
    const seen = { contacts: ['c1'], ringing: ['c1/o1'] };
    lookTwice(d, seen);
    expect(d.effects('repaired')).toMatchObject([{ what: 'timer-lost' }]);
    expect(d.offers()).toEqual(['c1→bob']);
  });
});
