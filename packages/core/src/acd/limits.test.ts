import type { OverflowRule } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { Desk, queueId } from '../../test/distributor-kit.ts';

const to = (name: string) => ({ kind: 'queue', queueId: queueId(name) }) as const;
const hangUp = { kind: 'hang-up' } as const;
const number = { kind: 'number', number: '800' } as const;
const rule = (condition: OverflowRule['condition'], target: OverflowRule['target']): OverflowRule => ({
  condition,
  target,
});

describe('room', () => {
  test('[ACD-33] a full queue keeps 20 % for transfers and due callbacks, rounded up, and not one more', () => {
    const d = new Desk();
    d.queue('q', { maxSize: 6 });
    for (let index = 0; index < 6; index++) d.enter(`c${index}`);
    d.enter('call');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'queue-full', target: null }]);
    d.enter('transfer', { via: 'transfer' });
    d.enter('callback', { via: 'callback' });
    expect(d.effects('entry.accepted')).toHaveLength(1);
    d.enter('third', { via: 'transfer' });
    expect(d.effects('entry.refused')).toHaveLength(1);
  });

  test('[ACD-33] whether a transfer finds room is known before it is made, the chain of a full queue included', () => {
    const d = new Desk();
    const refusal = (name: string) => d.distributor.transferRefusal(queueId(name), d.now);
    d.queue('q', { maxSize: 1 });
    d.queue('chained', { maxSize: 1, overflow: [rule({ when: 'full' }, to('last'))] });
    d.queue('last', { maxSize: 1 });
    expect([refusal('q'), refusal('nowhere')]).toEqual([null, 'unknown-queue']);
    d.enter('c1', { queue: 'q' });
    expect(refusal('q')).toBeNull();
    d.enter('c2', { queue: 'q', via: 'transfer' });
    expect(refusal('q')).toBe('queue-full');
    d.enter('c3', { queue: 'chained' });
    d.enter('c4', { queue: 'chained', via: 'transfer' });
    expect(refusal('chained')).toBeNull();
    d.enter('c5', { queue: 'last' });
    d.enter('c6', { queue: 'last', via: 'transfer' });
    expect(refusal('chained')).toBe('queue-full');
  });

  test.each([
    ['signed-in', 'offline', false],
    ['signed-in', 'break', true],
    ['working', 'break', false],
    ['working', 'available', true],
    ['ready', 'available', true],
  ] as const)(
    '[ACD-33] joinWhenEmpty %s with an agent who is %s takes the contact: %s',
    (joinWhenEmpty, status, taken) => {
      const d = new Desk();
      d.queue('q', { joinWhenEmpty });
      d.agent('ann');
      d.status('ann', status);
      d.enter('c1');
      expect(d.effects('entry.accepted')).toHaveLength(taken ? 1 : 0);
      if (!taken) expect(d.effects('entry.refused')).toMatchObject([{ reason: 'nobody-there' }]);
    },
  );

  test('[ACD-33] an agent in a talk works but is not ready; one whose device is lost does not work', () => {
    const d = new Desk();
    d.queue('q', { joinWhenEmpty: 'working' });
    d.queue('r', { joinWhenEmpty: 'ready' });
    d.agent('ann', { queues: ['q', 'r'] });
    d.enter('c1');
    d.accept('c1/o1');
    d.enter('c2');
    expect(d.effects('entry.accepted')).toHaveLength(1);
    d.enter('c3', { queue: 'r' });
    expect(d.effects('entry.refused')).toHaveLength(1);
    d.device('ann', false);
    d.enter('c4');
    expect(d.effects('entry.refused')).toHaveLength(1);
  });

  test('[ACD-33] everybody leaves when nobody has been there for the time, and a short absence costs nothing', () => {
    const d = new Desk();
    d.queue('q', { leaveWhenEmpty: 'working', leaveWhenEmptySeconds: 30 });
    d.agent('ann');
    d.enter('c1');
    d.accept('c1/o1');
    d.enter('c2');
    d.device('ann', false);
    d.advance(29_999);
    d.device('ann', true);
    d.advance(60_000);
    expect(d.distributor.queue(queueId('q'), d.now)?.waiting).toBe(1);
    d.device('ann', false);
    d.enter('c3');
    d.advance(29_999);
    expect(d.effects('contact.overflowed')).toEqual([]);
    d.advance(1);
    expect(d.effects('contact.overflowed').map(({ contactId, reason }) => [contactId, reason])).toEqual([
      ['c2', 'nobody-there'],
      ['c3', 'nobody-there'],
    ]);
  });
});

describe('overflow', () => {
  test('[ACD-34] after its seconds a contact goes to the other queue with its age and class', () => {
    const d = new Desk();
    d.queue('q', { overflow: [rule({ when: 'waited', afterSeconds: 20 }, to('r'))] });
    d.queue('r');
    d.agent('rob', { queues: ['r'] });
    d.enter('c1', { priority: 3 });
    d.advance(20_000);
    expect(d.facts('queue.left')).toMatchObject([
      { queueId: 'q', result: 'overflowed', reason: 'waited', waitMs: 20_000 },
    ]);
    expect(d.facts('queue.entered')).toMatchObject([{ queueId: 'r', priority: 3, agedMs: 20_000 }]);
    expect(d.effects('contact.overflowed')).toEqual([]);
    expect(d.offers()).toEqual(['c1→rob']);
    d.advance(2_000);
    d.accept('c1/o1');
    expect(d.facts('queue.left'), 'the true wait there is its own').toMatchObject([{ waitMs: 2_000 }]);
  });

  test('[ACD-34] the seconds count from the entry into the queue, never from the rule before', () => {
    const d = new Desk();
    d.queue('full', { maxSize: 1 });
    d.enter('other', { queue: 'full' });
    const rules = [
      rule({ when: 'waited', afterSeconds: 10 }, to('full')),
      rule({ when: 'waited', afterSeconds: 30 }, number),
    ];
    d.queue('q', { overflow: rules });
    d.enter('c1');
    d.advance(29_999);
    expect(d.facts('queue.left')).toEqual([]);
    d.advance(1);
    expect(d.effects('contact.overflowed')).toMatchObject([
      { reason: 'waited', target: number, agedSince: 0 },
    ]);
  });

  test('[ACD-34] while an agent rings it is not taken away; it goes when the offer fails', () => {
    const d = new Desk();
    d.queue('q', { ringTimeoutSeconds: 15, overflow: [rule({ when: 'waited', afterSeconds: 5 }, hangUp)] });
    d.agent('ann');
    d.enter('c1');
    d.advance(14_999);
    expect(d.effects('contact.overflowed')).toEqual([]);
    d.advance(1);
    expect(d.effects('contact.overflowed')).toMatchObject([{ target: hangUp }]);
  });

  test('[ACD-34] on arrival: the size sends it on, and the queue that was passed is recorded', () => {
    const d = new Desk();
    d.queue('q', { overflow: [rule({ when: 'waiting-above', count: 1, afterSeconds: 0 }, to('r'))] });
    d.queue('r');
    d.enter('c1');
    d.enter('c2');
    expect(d.effects('entry.accepted')).toMatchObject([{ queueId: 'q' }]);
    d.enter('c3');
    expect(d.facts('contact.deflected')).toEqual([{ queueId: 'q', reason: 'waiting-above' }]);
    expect(d.effects('entry.accepted')).toMatchObject([{ queueId: 'r' }]);
  });

  test('[ACD-34] a full queue, a chain, a circle: each queue is asked once', () => {
    const d = new Desk();
    const full = { maxSize: 1 };
    d.queue('a', { ...full, overflow: [rule({ when: 'full' }, to('b'))] });
    d.queue('b', { ...full, overflow: [rule({ when: 'full' }, to('c'))] });
    d.queue('c', { ...full, overflow: [rule({ when: 'full' }, to('a'))] });
    const came: (string | undefined)[] = [];
    for (let index = 0; index < 4; index++) {
      d.enter(`c${index}`, { queue: 'a' });
      came.push(d.effects('entry.accepted')[0]?.queueId);
    }
    expect(came).toEqual(['a', 'b', 'c', undefined]);
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'queue-full', target: null }]);
  });

  test('[ACD-34] a circle of waiting contacts ends', () => {
    const d = new Desk();
    d.queue('a', { overflow: [rule({ when: 'waited', afterSeconds: 1 }, to('b'))] });
    d.queue('b', { overflow: [rule({ when: 'waited', afterSeconds: 1 }, to('a'))] });
    d.enter('c1', { queue: 'a' });
    d.advance(600_000);
    expect(d.all.filter((each) => each.type === 'fact' && each.fact.type === 'queue.entered')).toHaveLength(
      20,
    );
    d.agent('ann', { queues: ['a', 'b'] });
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-34] nobody there: on arrival at once, later within ten seconds', () => {
    const d = new Desk();
    const rules = [rule({ when: 'nobody-there', counts: 'working', afterSeconds: 0 }, number)];
    d.queue('q', { overflow: rules });
    d.enter('c1');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'nobody-there', target: number }]);
    d.agent('ann');
    d.enter('c2');
    d.accept('c2/o1');
    d.enter('c3');
    d.device('ann', false);
    d.advance(10_000);
    expect(d.effects('contact.overflowed')).toMatchObject([
      { contactId: 'c3', reason: 'nobody-there', target: number },
    ]);
  });

  test('[ACD-34] a long estimate sends a newcomer on', () => {
    const d = new Desk();
    d.queue('q', {
      overflow: [rule({ when: 'estimated-wait-above', seconds: 60, afterSeconds: 0 }, hangUp)],
    });
    d.agent('ann');
    for (let index = 0; index < 8; index++) d.enter(`c${index}`);
    for (let index = 0; index < 5; index++) {
      d.accept(`c${index}/o1`);
      d.advance(40_000);
      d.endTalk(`c${index}`, 'ann');
    }
    d.enter('late');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'estimated-wait-above', target: hangUp }]);
  });
});

describe('hours and places', () => {
  const nineToFive = { monday: [{ from: '09:00', to: '17:00' }] };
  const hours = { timeZone: 'Europe/Prague', week: nineToFive, specialDays: [] };
  /** Monday 5 January 1970, 08:59:59 in Prague. */
  const beforeNine = Date.UTC(1970, 0, 5, 7, 59, 59);

  test('[ACD-35] a closed queue refuses new calls, serves who waits, and opens by itself', () => {
    const d = new Desk();
    d.queue('q', { hours });
    d.advance(beforeNine);
    d.enter('early');
    expect(d.effects('entry.refused')).toMatchObject([{ reason: 'closed' }]);
    d.enter('transfer', { via: 'transfer' });
    expect(d.effects('entry.accepted')).toHaveLength(1);
    d.advance(1_000);
    d.enter('nine');
    expect(d.effects('entry.accepted')).toHaveLength(1);
    expect(d.distributor.queue(queueId('q'), d.now)).toMatchObject({
      open: true,
      openUntil: Date.UTC(1970, 0, 5, 16),
    });
    d.advance(8 * 3_600_000);
    d.enter('late');
    expect(d.effects('entry.refused')).toHaveLength(1);
    expect(d.distributor.queue(queueId('q'), d.now)).toMatchObject({ open: false, waiting: 2 });
  });

  test('[ACD-34 ACD-35] outside the hours a rule says where to', () => {
    const d = new Desk();
    d.queue('q', { hours, overflow: [rule({ when: 'closed' }, to('night'))] });
    d.queue('night');
    d.enter('c1');
    expect(d.facts('contact.deflected')).toEqual([{ queueId: 'q', reason: 'closed' }]);
    expect(d.effects('entry.accepted')).toMatchObject([{ queueId: 'night' }]);
  });

  test('[ACD-36] who comes back in time has the old age; the true wait begins anew', () => {
    const d = new Desk();
    d.queue('q', { resumeWindowSeconds: 60 });
    d.enter('c1', { caller: '+420111' });
    d.advance(30_000);
    d.enter('c2');
    d.leave('c1');
    d.advance(60_000);
    d.enter('c3', { caller: '+420111' });
    expect(d.facts('queue.entered')).toMatchObject([{ position: 1, agedMs: 90_000 }]);
    d.agent('ann');
    expect(d.offers()).toEqual(['c3→ann']);
    d.accept('c3/o1');
    expect(d.facts('queue.left')).toMatchObject([{ waitMs: 0 }]);
  });

  test('[ACD-36] a place that was left before a restart is the caller’s all the same, for as long as it was', () => {
    const d = new Desk();
    d.queue('q', { resumeWindowSeconds: 60 });
    d.queue('none');
    d.advance(100_000);
    const left = { caller: '+420111', agedSince: 40_000, leftAt: 70_000 };
    d.send({ type: 'place.remembered', queueId: queueId('q'), ...left });
    d.send({ type: 'place.remembered', queueId: queueId('none'), ...left });
    d.send({ type: 'place.remembered', queueId: queueId('ghost'), ...left });
    d.send({ type: 'place.remembered', queueId: queueId('q'), ...left, caller: '+420222', leftAt: 39_000 });
    d.enter('c1', { caller: '+420111' });
    expect(d.facts('queue.entered')[0]).toMatchObject({ agedMs: 60_000 });
    for (const [contact, options] of [
      ['c2', { caller: '+420222' }],
      ['c3', { caller: '+420111', queue: 'none' }],
    ] as const) {
      d.enter(contact, options);
      expect(d.facts('queue.entered')[0]?.agedMs, contact).toBeUndefined();
    }
  });

  test('[ACD-36] too late, withheld, in another queue, or a second time: no old place', () => {
    const d = new Desk();
    d.queue('q', { resumeWindowSeconds: 60 });
    d.queue('r', { resumeWindowSeconds: 60 });
    d.enter('c1', { caller: '+420111' });
    d.enter('hidden');
    d.advance(1_000);
    d.leave('c1');
    d.leave('hidden');
    const agedMs = (contact: string, options: Parameters<Desk['enter']>[1]) => {
      d.enter(contact, options);
      return d.facts('queue.entered')[0]?.agedMs;
    };
    expect(agedMs('c2', {})).toBeUndefined();
    expect(agedMs('c3', { queue: 'r', caller: '+420111' })).toBeUndefined();
    expect(agedMs('c4', { caller: '+420111' })).toBe(1_000);
    expect(agedMs('c5', { caller: '+420111' })).toBeUndefined();
    d.leave('c5');
    d.advance(60_001);
    expect(agedMs('c6', { caller: '+420111' })).toBeUndefined();
  });

  test('[ACD-43] a due callback keeps its place, whatever gives up callers who hold the line', () => {
    const d = new Desk();
    const settings = { maxWaitSeconds: 60, leaveWhenEmpty: 'working', leaveWhenEmptySeconds: 5 } as const;
    const overflow = [
      rule({ when: 'waited', afterSeconds: 10 }, hangUp),
      rule({ when: 'waited', afterSeconds: 20 }, { kind: 'callback' }),
    ];
    d.queue('q', { ...settings, overflow });
    d.enter('promised', { via: 'callback' });
    d.advance(3_600_000);
    expect(d.distributor.entries(queueId('q'))).toMatchObject([{ contactId: 'promised' }]);
    d.queue('r', settings);
    d.enter('promised-too', { queue: 'r', via: 'callback' });
    d.enter('caller', { queue: 'r' });
    d.advance(5_000);
    expect(d.effects('contact.overflowed')).toMatchObject([{ contactId: 'caller', reason: 'nobody-there' }]);
    d.advance(3_600_000);
    d.agent('ann', { queues: ['r'] });
    expect(d.offers()).toEqual(['promised-too→ann']);
  });

  test('[ACD-34] a callback names what the chain leads on to if it is not promised; who cannot be called waits on', () => {
    const d = new Desk();
    const callback = { kind: 'callback' } as const;
    const overflow = [
      rule({ when: 'waited', afterSeconds: 10 }, callback),
      rule({ when: 'closed' }, hangUp),
      rule({ when: 'waited', afterSeconds: 10 }, { kind: 'voicemail', box: 'night' }),
      rule({ when: 'waited', afterSeconds: 20 }, number),
    ];
    d.queue('q', { overflow });
    d.enter('known', { caller: '+420111' });
    d.enter('unreachable', { caller: '112', isCallable: false });
    d.advance(10_000);
    expect(d.effects('contact.overflowed')).toMatchObject([
      { contactId: 'known', target: callback, otherwise: [{ kind: 'voicemail', box: 'night' }] },
      { contactId: 'unreachable', target: { kind: 'voicemail' }, otherwise: [] },
    ]);
    d.queue('s', {
      maxSize: 1,
      overflow: [rule({ when: 'full' }, callback), rule({ when: 'full' }, number)],
    });
    d.enter('first', { queue: 's', caller: '+420222' });
    d.enter('second', { queue: 's', caller: '+420333' });
    expect(d.effects('entry.refused')).toMatchObject([{ target: callback, otherwise: [number] }]);
  });
});
