import type { EntryId } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId, contactId, Desk, queueId } from '../../test/distributor-kit.ts';

const supervisor = { by: 'supervisor', byUserId: 'sue' } as const;
const waiting = (d: Desk, queue = 'q') =>
  d.distributor.entries(queueId(queue)).map((entry) => entry.contactId);

describe('classes', () => {
  test('[ACD-31] the first priority rule that fits gives the class, else routing', () => {
    const d = new Desk();
    d.queue('q', {
      priorityRules: [
        { callers: ['+420777', '+1'], numbers: [], segments: [], priority: 7 },
        { callers: [], numbers: ['800'], segments: [], priority: 4 },
      ],
    });
    d.enter('plain', { priority: 5, caller: '+420111', number: '700' });
    d.enter('vip', { caller: '+420777123', number: '800' });
    d.enter('hotline', { priority: 9, caller: '+420111', number: '800' });
    expect(d.distributor.entries(queueId('q')).map(({ contactId: id, priority }) => [id, priority])).toEqual([
      ['vip', 7],
      ['plain', 5],
      ['hotline', 4],
    ]);
  });

  test('[ACD-31] a priority rule asks for a segment of customers, in the next queue too', () => {
    const d = new Desk();
    const priorityRules = [
      { callers: [], numbers: [], segments: ['VIP', 'press'], priority: 6 },
      { callers: [], numbers: [], segments: [], priority: 2 },
    ];
    d.queue('q', { priorityRules, maxWaitSeconds: 0 });
    d.enter('other', { segments: ['regulars'] });
    d.enter('vip', { segments: ['regulars', 'VIP'] });
    d.enter('plain');
    expect(d.distributor.entries(queueId('q')).map(({ contactId: id, priority }) => [id, priority])).toEqual([
      ['vip', 6],
      ['other', 2],
      ['plain', 2],
    ]);
  });

  test('[ACD-31] ageing lifts class by class to its limit, and the true wait is not altered', () => {
    const d = new Desk();
    d.queue('q', { ageing: { everySeconds: 60, priorityMax: 2 } });
    d.enter('old');
    d.advance(59_999);
    d.enter('vip', { priority: 1 });
    expect(waiting(d)).toEqual(['vip', 'old']);
    d.advance(1);
    expect(d.facts('entry.aged')).toMatchObject([{ priority: 1 }]);
    expect(waiting(d), 'of one class the older goes first').toEqual(['old', 'vip']);
    d.advance(180_000);
    expect(d.distributor.entries(queueId('q'))).toMatchObject([
      { contactId: 'old', priority: 2, givenPriority: 0, enteredAt: 0 },
      { contactId: 'vip', priority: 2, givenPriority: 1 },
    ]);
    d.agent('ann');
    d.accept('old/o1');
    expect(d.facts('queue.left')).toMatchObject([{ waitMs: 240_000 }]);
  });

  test('[ACD-31] with ageing nobody starves, however many important ones arrive', () => {
    const d = new Desk();
    d.queue('q', { ageing: { everySeconds: 30, priorityMax: 9 }, maxSize: 1_000 });
    d.agent('ann');
    d.enter('busy');
    d.accept('busy/o1');
    d.enter('poor');
    let talking = 'busy';
    let served = false;
    for (let round = 0; round < 100 && !served; round++) {
      d.advance(10_000);
      d.enter(`vip${round}`, { priority: 8 });
      d.endTalk(talking, 'ann');
      const [offer] = d.effects('offer.make');
      if (offer === undefined) throw new Error('Nobody was offered.');
      d.accept(offer.offerId);
      talking = offer.contactId;
      served = talking === 'poor';
    }
    expect(served).toBe(true);
    expect(d.now).toBeLessThanOrEqual(9 * 30_000);
  });

  test('[ACD-5 ACD-31] the order is class, then age, then arrival, whatever enters and ages', () => {
    const entry = fc.record({ priority: fc.nat({ max: 3 }), pauseMs: fc.nat({ max: 20_000 }) });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 2, maxLength: 12 }),
        fc.constantFrom(0, 5, 30),
        (entries, every) => {
          const d = new Desk();
          d.queue('q', { ageing: { everySeconds: every, priorityMax: 9 } });
          entries.forEach(({ priority, pauseMs }, index) => {
            d.enter(`c${index}`, { priority });
            d.advance(pauseMs);
          });
          const seen = d.distributor.entries(queueId('q'));
          for (const [index, one] of seen.entries()) {
            const age = Math.floor((d.now - one.enteredAt) / (every * 1000));
            const aged = every === 0 ? one.givenPriority : Math.min(9, one.givenPriority + age);
            expect(one.priority).toBe(aged);
            const next = seen[index + 1];
            if (next === undefined) continue;
            const isBefore =
              one.priority > next.priority ||
              (one.priority === next.priority && one.enteredAt <= next.enteredAt);
            expect(isBefore).toBe(true);
          }
          const served: string[] = [];
          d.agent('ann', { capacity: 10 });
          d.agent('bob', { capacity: 10 });
          served.push(...d.all.flatMap((each) => (each.type === 'offer.make' ? [each.contactId] : [])));
          expect(served).toEqual(seen.map(({ contactId: id }) => id));
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a supervisor', () => {
  const desk = () => {
    const d = new Desk();
    d.queue('q');
    d.queue('r', { maxSize: 1 });
    return d;
  };

  test('[ACD-32] gives another class, and ageing counts from it', () => {
    const d = desk();
    d.enter('c1');
    d.advance(1_000);
    d.enter('c2');
    d.send({ type: 'entry.reprioritised', contactId: contactId('c2'), priority: 5, ...supervisor });
    expect(waiting(d)).toEqual(['c2', 'c1']);
    expect(d.facts('entry.overridden')).toEqual([
      { entryId: 'c2/q1', queueId: 'q', action: 'reprioritised', priority: 5, ...supervisor },
    ]);
  });

  test('[ACD-32] moves a contact with its age, past the limits; who rings stops at no cost', () => {
    const d = desk();
    d.agent('ann');
    d.enter('c1');
    d.advance(1_000);
    d.enter('full', { queue: 'r' });
    d.advance(4_000);
    d.send({ type: 'entry.moved', contactId: contactId('c1'), queueId: queueId('r'), ...supervisor });
    expect(d.effects('offer.withdraw')).toMatchObject([{ offerId: 'c1/o1', reason: 'cancelled' }]);
    expect(d.facts('queue.left')).toMatchObject([
      { result: 'overflowed', reason: 'moved-by-supervisor', waitMs: 5_000 },
    ]);
    expect(d.facts('queue.entered')).toMatchObject([{ queueId: 'r', position: 1, agedMs: 5_000 }]);
    expect(d.effects('contact.overflowed'), 'it is still with us').toEqual([]);
    expect(waiting(d, 'r')).toEqual(['c1', 'full']);
    expect(d.view('ann').readiness.ready).toBe(true);
  });

  test('[ACD-32] gives a contact to one person for a while, who need not serve the queue', () => {
    const d = desk();
    d.agent('ann');
    d.agent('boss', { queues: [] });
    d.status('boss', 'break');
    d.enter('c1');
    const assigned = { type: 'entry.assigned', contactId: contactId('c1'), seconds: 60 } as const;
    d.send({ ...assigned, agentId: agentId('boss'), ...supervisor });
    expect(d.effects('offer.withdraw')).toHaveLength(1);
    expect(d.offers()).toEqual([]);
    expect(d.distributor.explain(contactId('c1'), d.now)).toMatchObject({
      step: { kind: 'assigned', agentIds: ['boss'], until: 60_000 },
      agents: [
        { agentId: 'ann', reason: 'not-named' },
        { agentId: 'boss', reason: 'status-break' },
      ],
    });
    d.status('boss', 'available');
    expect(d.offers()).toEqual(['c1→boss']);
    expect(d.facts('offer.made')).toMatchObject([{ why: 'assigned-by-supervisor' }]);
    d.fail('c1/o2', 'rejected');
    expect(d.offers(), 'he was meant, and nobody else is asked before the time is up').toEqual([]);
    d.advance(60_000);
    const asked = d.effects('offer.make').map((offer) => offer.agentId);
    expect(new Set(asked.slice(0, -1))).toEqual(new Set(['boss']));
    expect(asked.at(-1)).toBe('ann');
  });

  test('[ACD-32] after the time of one person the queue’s steps go on', () => {
    const d = desk();
    d.agent('ann');
    d.agent('bob');
    d.status('bob', 'break');
    d.enter('c1');
    d.send({
      type: 'entry.assigned',
      contactId: contactId('c1'),
      agentId: agentId('bob'),
      seconds: 20,
      ...supervisor,
    });
    d.advance(20_000);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-32] removes a contact: it is hung up and counts as overflowed', () => {
    const d = desk();
    d.enter('c1');
    d.send({ type: 'entry.removed', contactId: contactId('c1'), ...supervisor });
    expect(d.effects('contact.overflowed')).toMatchObject([
      { reason: 'removed-by-supervisor', target: null },
    ]);
    expect(d.distributor.entry(contactId('c1'))).toBeUndefined();
  });

  test('[ACD-32] a callback that is taken back while it waits, or rings an agent, has not overflowed', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann');
    d.enter('waiting', { via: 'callback' });
    expect(d.offers()).toEqual(['waiting→ann']);
    d.enter('behind', { via: 'callback' });
    const system = { by: 'system', byUserId: null } as const;
    for (const id of ['waiting', 'behind']) {
      d.send({ type: 'entry.removed', contactId: contactId(id), ...system });
      expect(d.facts('queue.left')).toMatchObject([{ result: 'callback', reason: 'removed-by-system' }]);
      expect(d.effects('contact.overflowed')).toEqual([]);
    }
    d.distributor.checkInvariants();
  });

  test('[ACD-24 ACD-32] what does not wait is left alone', () => {
    const d = desk();
    d.agent('ann');
    d.enter('c1');
    d.accept('c1/o1');
    for (const input of [
      { type: 'entry.moved', queueId: queueId('r') },
      { type: 'entry.removed' },
      { type: 'entry.reprioritised', priority: 3 },
      { type: 'entry.assigned', agentId: agentId('ann'), seconds: 5 },
    ] as const) {
      expect(d.send({ ...input, contactId: contactId('c1'), ...supervisor })).toEqual([]);
      expect(d.send({ ...input, contactId: contactId('nobody'), ...supervisor })).toEqual([]);
    }
  });
});

describe('explanation', () => {
  test('[ACD-38] an offer names who came next and counts the reasons against the others', () => {
    const d = new Desk();
    d.queue('q');
    for (const name of ['ann', 'bob', 'eve']) {
      d.agent(name);
      d.advance(1_000);
    }
    d.agent('low', { queues: [{ name: 'q', priority: 2 }] });
    d.agent('away');
    d.status('away', 'break');
    d.enter('c1');
    expect(d.facts('offer.made')).toMatchObject([
      {
        agentId: 'ann',
        why: 'longest-idle',
        consideredCount: 4,
        considered: [
          { agentId: 'bob', reason: 'idle-less-long' },
          { agentId: 'eve', reason: 'idle-less-long' },
          { agentId: 'low', reason: 'lower-priority' },
        ],
        against: { ready: 4, 'status-break': 1 },
        rulesVersion: 1,
        step: 1,
      },
    ]);
  });

  test('[ACD-37] nothing is said without data; then the measured rhythm decides', () => {
    const d = new Desk();
    d.queue('q', { maxSize: 1_000 });
    d.agent('ann');
    d.enter('c0');
    d.accept('c0/o1');
    d.enter('c1');
    expect(d.facts('queue.entered')).toMatchObject([{ estimatedWaitMs: null }]);
    for (let index = 2; index < 12; index++) d.enter(`c${index}`);
    for (let index = 0; index < 8; index++) {
      d.advance(30_000);
      d.endTalk(`c${index}`, 'ann');
      d.accept(`c${index + 1}/o1`);
    }
    const [first] = d.distributor.entries(queueId('q'));
    expect(first?.estimatedWaitMs).toBeCloseTo(30_000, -3);
    const view = d.distributor.queue(queueId('q'), d.now);
    expect(view?.estimatedWaitMs).toBeCloseTo(4 * 30_000, -4);
    expect(view).toMatchObject({ agentsWorking: 1, open: true, openUntil: null });
    expect(view?.handleMs).toBeCloseTo(30_000, -3);
    d.agent('bob');
    d.accept('c9/o1');
    d.agent('eve');
    d.accept('c10/o1');
    d.agent('joe');
    d.accept('c11/o1');
    d.agent('ivy');
    expect(d.distributor.queue(queueId('q'), d.now)?.estimatedWaitMs, 'somebody is ready').toBe(0);
  });
});

describe('callback', () => {
  test('[ACD-41] a promised callback ends the stay, frees who rings, and is no abandon', () => {
    const d = new Desk();
    d.queue('q', { resumeWindowSeconds: 600 });
    d.agent('ann');
    d.enter('c1', { caller: '+420111' });
    d.enter('c2');
    expect(d.distributor.place(contactId('c2'))).toMatchObject({ position: 2, offeredTo: null });
    d.advance(5_000);
    d.send({ type: 'callback.accepted', contactId: contactId('c1') });
    expect(d.facts('queue.left')).toMatchObject([{ result: 'callback', reason: 'requested', waitMs: 5_000 }]);
    expect(d.distributor.entries(queueId('q'))).toMatchObject([{ contactId: 'c2', offeredTo: 'ann' }]);
    d.send({ type: 'callback.accepted', contactId: contactId('c1') });
    expect(d.facts('queue.left')).toEqual([]);
    expect(d.distributor.place(contactId('c1'))).toBeUndefined();
    d.enter('c3', { caller: '+420111' });
    expect(d.distributor.place(contactId('c3'))).toMatchObject({ position: 2, agedSince: 5_000 });
    d.distributor.checkInvariants();
  });

  test('[ACD-41] a callback that is due keeps its age, and finds room in a full queue', () => {
    const d = new Desk();
    d.queue('q', { maxSize: 1 });
    d.enter('c1');
    d.advance(10_000);
    d.enter('late', { via: 'callback', agedSince: -60_000 });
    expect(waiting(d)).toEqual(['late', 'c1']);
  });

  test('[ACD-92 ACD-31] the class of a segment outlives a crash and a change of the settings after it', () => {
    const d = new Desk();
    const priorityRules = [{ callers: [], numbers: [], segments: ['VIP'], priority: 7 }];
    d.queue('q', { priorityRules });
    const id = contactId('vip');
    const stay = {
      ...{ entryId: `${id}/q1` as EntryId, queueId: queueId('q'), enteredAt: 0, agedSince: 0, step: 0 },
      ...{ priority: 7, routedPriority: 0, overriddenPriority: null, caller: '1', number: '2' },
      via: 'call',
      ...{ segments: ['VIP'], estimatedWaitMs: null },
    } as const;
    const rest = { stays: 1, offers: 0, conversations: [], wrapUps: [], engaged: [] };
    d.send({ type: 'contact.restored', contact: { contactId: id, stay, ...rest } });
    d.queue('q', { priorityRules, maxWaitSeconds: 600 }, 2);
    expect(d.distributor.entries(queueId('q'))).toMatchObject([{ priority: 7, givenPriority: 7 }]);
  });
});
