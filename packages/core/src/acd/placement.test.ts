import type { OverflowRule } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { contactId, Desk, queueId } from '../../test/distributor-kit.ts';

const to = (name: string) => ({ kind: 'queue', queueId: queueId(name) }) as const;
const hangUp = { kind: 'hang-up' } as const;
const box = { kind: 'voicemail', box: 'office' } as const;
const afterOneSecond = { when: 'waited', afterSeconds: 1 } as const;
const nobodyThere = { when: 'nobody-there', counts: 'working', afterSeconds: 0 } as const;
const crowded = { when: 'waiting-above', count: 0, afterSeconds: 5 } as const;
const rule = (condition: OverflowRule['condition'], target: OverflowRule['target']): OverflowRule => ({
  condition,
  target,
});
const queueOf = (d: Desk, contact: string) => d.distributor.entry(contactId(contact))?.queueId;

describe('placement', () => {
  test('[ACD-34] a chain of queues is followed for a contact that waits, and those that were passed are recorded', () => {
    const d = new Desk();
    d.queue('a', { overflow: [rule(afterOneSecond, to('b'))] });
    d.queue('b', { maxSize: 1, overflow: [rule({ when: 'full' }, to('c'))] });
    d.queue('c', { maxSize: 1, overflow: [rule({ when: 'full' }, box)] });
    d.enter('in-b', { queue: 'b' });
    for (const name of ['first', 'second']) d.enter(name, { queue: 'a' });
    d.advance(1_000);
    expect(queueOf(d, 'first')).toBe('c');
    expect(d.facts('contact.deflected')).toEqual([
      { queueId: 'b', reason: 'queue-full' },
      { queueId: 'b', reason: 'queue-full' },
      { queueId: 'c', reason: 'queue-full' },
    ]);
    expect(d.effects('contact.overflowed')).toMatchObject([
      { contactId: 'second', queueId: 'a', target: box },
    ]);
  });

  test('[ACD-34] who waits is not hung up because the next queue turns new calls away', () => {
    const d = new Desk();
    d.queue('a', { overflow: [rule(afterOneSecond, to('b'))] });
    d.queue('b', { maxSize: 1, overflow: [rule({ when: 'full' }, hangUp)] });
    d.enter('in-b', { queue: 'b' });
    d.enter('c1', { queue: 'a' });
    d.advance(60_000);
    expect(queueOf(d, 'c1')).toBe('a');
    expect(d.all.filter(({ type }) => type === 'contact.overflowed')).toEqual([]);
  });

  test('[ACD-34] two queues with nobody there do not send a contact back and forth; the first with an agent has it', () => {
    const d = new Desk();
    d.queue('a', { overflow: [rule(nobodyThere, to('b'))] });
    d.queue('b', { overflow: [rule(nobodyThere, to('a'))] });
    d.enter('c1', { queue: 'a' });
    expect(queueOf(d, 'c1')).toBe('b');
    d.advance(600_000);
    expect(queueOf(d, 'c1')).toBe('b');
    d.agent('ann', { queues: ['a'] });
    d.advance(10_000);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-34] crowded queues in a circle of three keep their contacts; an empty one among them takes one', () => {
    const d = new Desk();
    const next = { a: 'b', b: 'c', c: 'a' };
    for (const [name, other] of Object.entries(next)) d.queue(name, { overflow: [rule(crowded, to(other))] });
    for (const queue of ['a', 'a', 'b', 'b', 'c', 'c']) d.enter(`${queue}${d.inputs.length}`, { queue });
    const before = d.all.length;
    d.advance(600_000);
    expect(d.all.slice(before).filter((each) => each.type === 'contact.overflowed')).toEqual([]);
    expect(d.distributor.entries(queueId('b'))).toHaveLength(2);
    d.queue('d');
    d.queue('c', { overflow: [rule(crowded, to('d'))] });
    d.enter('late', { queue: 'c' });
    d.advance(5_000);
    expect(d.distributor.entries(queueId('d')).length).toBeGreaterThan(0);
  });

  test('[ACD-34] a rule is asked again while it holds: when its target has room, and when the queue has filled', () => {
    const d = new Desk();
    d.queue('a', { overflow: [rule(afterOneSecond, to('b'))] });
    d.queue('b', { maxSize: 1 });
    d.enter('in-b', { queue: 'b' });
    d.enter('c1', { queue: 'a' });
    d.advance(30_000);
    expect(queueOf(d, 'c1')).toBe('a');
    d.leave('in-b');
    d.advance(10_000);
    expect(queueOf(d, 'c1')).toBe('b');
    d.queue('q', { overflow: [rule(crowded, box)] });
    d.enter('first');
    d.advance(60_000);
    d.enter('second');
    d.advance(10_000);
    expect(d.effects('contact.overflowed')).toMatchObject([{ contactId: expect.any(String), target: box }]);
  });

  test('[ACD-19] changed rules act at once on who has waited longer than they say, and while several ring', () => {
    const d = new Desk();
    d.queue('q');
    d.queue('team', { strategy: 'ring-all' });
    for (const name of ['ann', 'bob']) d.agent(name, { queues: ['team'] });
    d.enter('c1');
    d.enter('c2', { queue: 'team' });
    d.advance(4_000);
    const overflow = [rule(afterOneSecond, box)];
    d.queue('q', { overflow });
    d.queue('team', { strategy: 'ring-all', maxWaitSeconds: 2 });
    d.advance(0);
    const gone = d.effects('contact.overflowed').map((effect) => effect.contactId);
    expect(gone.toSorted()).toEqual(['c1', 'c2']);
  });
});
