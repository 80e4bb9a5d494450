import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId, Desk } from '../../test/distributor-kit.ts';

/** Who is asked, contact after contact; each is accepted and ends at once. */
function asked(d: Desk, count: number, prefix = 'c'): string[] {
  return Array.from({ length: count }, (_, index) => {
    const contact = `${prefix}${index}`;
    d.enter(contact);
    const [offer] = d.effects('offer.make');
    if (offer === undefined) return 'nobody';
    d.accept(offer.offerId);
    d.advance(1_000);
    d.endTalk(contact, offer.agentId);
    return offer.agentId;
  });
}

function desk(strategy: Parameters<Desk['queue']>[1], ...names: string[]): Desk {
  const d = new Desk();
  d.queue('q', strategy);
  for (const name of names) {
    d.agent(name);
    d.advance(1_000);
  }
  return d;
}

describe('strategies', () => {
  test('[ACD-28] round robin goes on behind whoever was asked last, also when agents come and go', () => {
    const d = desk({ strategy: 'round-robin' }, 'ann', 'bob', 'eve');
    expect(asked(d, 4)).toEqual(['ann', 'bob', 'eve', 'ann']);
    d.status('bob', 'break');
    expect(asked(d, 1, 'd')).toEqual(['eve']);
    d.status('bob', 'available');
    // His turn passed while he was away; the ring goes on behind eve.
    expect(asked(d, 3, 'e')).toEqual(['ann', 'bob', 'eve']);
  });

  test('[ACD-28] round robin: over whole rounds everybody is asked equally often', () => {
    const d = desk({ strategy: 'round-robin' }, 'ann', 'bob', 'eve', 'joe');
    const counts = Map.groupBy(asked(d, 40), (name) => name);
    expect([...counts.values()].map((each) => each.length)).toEqual([10, 10, 10, 10]);
  });

  test('[ACD-28] least active calls: the smallest part of the capacity in use', () => {
    const d = new Desk();
    d.queue('q', { strategy: 'least-active-calls' });
    d.agent('small', { capacity: 2 });
    d.advance(1_000);
    d.agent('large', { capacity: 5 });
    for (const contact of ['1', '2', '3', '4']) d.enter(contact);
    const made = d.all.flatMap((effect) => (effect.type === 'offer.make' ? [effect.agentId] : []));
    expect(made).toEqual(['small', 'large', 'large', 'large']);
  });

  test('[ACD-28] fewest calls of the day, told anew after a restart', () => {
    const d = desk({ strategy: 'fewest-calls' }, 'ann', 'bob');
    d.send({ type: 'agent.tallied', agentId: agentId('ann'), answered: 2, talkMs: 0 });
    expect(asked(d, 4)).toEqual(['bob', 'bob', 'ann', 'bob']);
  });

  test('[ACD-28] least talk time', () => {
    const d = desk({ strategy: 'least-talk-time' }, 'ann', 'bob');
    d.send({ type: 'agent.tallied', agentId: agentId('ann'), answered: 0, talkMs: 2_500 });
    expect(asked(d, 4)).toEqual(['bob', 'bob', 'bob', 'ann']);
  });

  test('[ACD-28] linear goes down the line from the top each time: priority, then name', () => {
    const d = new Desk();
    d.queue('q', { strategy: 'linear' });
    d.agent('zoe', { queues: [{ name: 'q', priority: 1 }] });
    d.agent('bob', { queues: [{ name: 'q', priority: 2 }] });
    d.agent('ann', { queues: [{ name: 'q', priority: 2 }] });
    expect(asked(d, 2)).toEqual(['zoe', 'zoe']);
    d.enter('1');
    d.enter('2');
    d.enter('3');
    const made = d.all.flatMap((effect) => (effect.type === 'offer.make' ? [effect.agentId] : []));
    expect(made.slice(-3)).toEqual(['zoe', 'ann', 'bob']);
  });

  test('[ACD-28] the weighted draw follows the weights within four standard deviations', () => {
    const d = new Desk();
    let seed = 1;
    d.draw = () => (seed += 7);
    d.queue('q', { strategy: 'weighted-random' });
    const weights = { ann: 1, bob: 2, eve: 7 };
    for (const [name, weight] of Object.entries(weights)) d.agent(name, { queues: [{ name: 'q', weight }] });
    const draws = 3_000;
    const counts = Map.groupBy(asked(d, draws), (name) => name);
    for (const [name, weight] of Object.entries(weights)) {
      const share = weight / 10;
      const deviation = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs((counts.get(name)?.length ?? 0) / draws - share), name).toBeLessThan(4 * deviation);
    }
  });

  test('[ACD-28] best skill match: the sum of the levels that are asked for', () => {
    const d = new Desk();
    d.queue('q', { strategy: 'best-skill-match' });
    d.agent('ann', { skills: { billing: 3, sales: 2 } });
    d.advance(1_000);
    d.agent('bob', { skills: { billing: 5, sales: 1 } });
    d.agent('eve', { skills: { sales: 5 } });
    const billing = { skill: 'billing', level: 2 };
    d.enter('1', { requirement: billing });
    expect(d.offers()).toEqual(['1→bob']);
    d.enter('2', { requirement: { all: [billing, { skill: 'sales', level: 1 }] } });
    expect(d.offers()).toEqual(['2→ann']);
    d.enter('3', { requirement: billing });
    expect(d.offers()).toEqual([]);
  });

  test('[ACD-28] a change of the strategy acts on those who are ready', () => {
    const d = desk({ strategy: 'longest-idle' }, 'zoe', 'ann');
    d.queue('q', { strategy: 'linear' });
    expect(asked(d, 1)).toEqual(['ann']);
  });

  test.each(['longest-idle', 'round-robin', 'fewest-calls', 'least-talk-time', 'linear'] as const)(
    '[ACD-11 ACD-28] %s: who has fewer contacts in hand is asked first',
    (strategy) => {
      fc.assert(
        fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 3 }), (agents, capacity) => {
          const d = new Desk();
          d.queue('q', { strategy });
          for (let index = 0; index < agents; index++) d.agent(`a${index}`, { capacity });
          for (let index = 0; index < agents * capacity; index++) d.enter(`c${index}`);
          const made = d.all.flatMap((effect) => (effect.type === 'offer.make' ? [effect.agentId] : []));
          expect(made).toHaveLength(agents * capacity);
          for (let round = 0; round < capacity; round++) {
            expect(new Set(made.slice(round * agents, (round + 1) * agents)).size).toBe(agents);
          }
        }),
        { numRuns: 30 },
      );
    },
  );
});

describe('ring-all', () => {
  test('[ACD-29] rings everybody ready; the first to accept has it, the others are rescinded at no cost', () => {
    const d = desk({ strategy: 'ring-all' }, 'ann', 'bob', 'eve');
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→ann', 'c1→bob', 'c1→eve']);
    d.enter('c2');
    expect(d.offers()).toEqual([]);
    d.accept('c1/o2');
    expect(d.effects('offer.withdraw')).toMatchObject([
      { offerId: 'c1/o1', reason: 'rescinded' },
      { offerId: 'c1/o3', reason: 'rescinded' },
    ]);
    expect(d.facts('offer.ended').map(({ result }) => result)).toEqual([
      'accepted',
      'rescinded',
      'rescinded',
    ]);
    expect(d.effects('contact.assigned')).toMatchObject([{ contactId: 'c1', agentId: 'bob' }]);
    expect(d.offers()).toEqual(['c2→ann', 'c2→eve']);
    expect(d.accept('c1/o3')).toEqual([{ type: 'offer.stale', offerId: 'c1/o3' }]);
  });

  test('[ACD-29] who becomes ready joins; who refuses is out, and the contact stays until all have failed', () => {
    const d = desk({ strategy: 'ring-all', ringTimeoutSeconds: 15 }, 'ann', 'bob');
    d.enter('c1');
    d.agent('eve');
    expect(d.offers()).toEqual(['c1→eve']);
    d.fail('c1/o1', 'rejected');
    expect(d.offers()).toEqual([]);
    d.advance(10_000);
    expect(d.offers(), 'the pause of ann is over').toEqual(['c1→ann']);
    d.leave('c1');
    expect(d.effects('offer.withdraw').map(({ agentId: agent, reason }) => [agent, reason])).toEqual([
      ['bob', 'cancelled'],
      ['eve', 'cancelled'],
      ['ann', 'cancelled'],
    ]);
  });

  test('[ACD-29] not more than ringAllMax together; the next contact gets the rest', () => {
    const d = desk({ strategy: 'ring-all', ringAllMax: 2 }, 'ann', 'bob', 'eve');
    d.enter('c1');
    expect(d.offers()).toEqual(['c1→ann', 'c1→bob']);
    d.enter('c2');
    expect(d.offers()).toEqual(['c2→eve']);
  });

  test('[ACD-6 ACD-29] those who ring together do not hold up the limit of the wait', () => {
    const d = desk({ strategy: 'ring-all', maxWaitSeconds: 10, ringTimeoutSeconds: 60 }, 'ann', 'bob');
    d.enter('c1');
    d.advance(10_000);
    expect(d.effects('contact.overflowed')).toMatchObject([{ reason: 'max-wait' }]);
    expect(d.effects('offer.withdraw')).toHaveLength(2);
    expect(d.view('ann').readiness.ready).toBe(true);
  });

  test('[ACD-29] an agent who rings with others takes nothing else, whatever the capacity', () => {
    const d = new Desk();
    d.queue('q', { strategy: 'ring-all' });
    d.queue('r');
    d.agent('ann', { capacity: 3, queues: ['q', 'r'] });
    d.agent('bob');
    d.enter('c1');
    d.enter('c2', { queue: 'r' });
    expect(d.offers()).toEqual([]);
    d.accept('c1/o2');
    expect(d.offers()).toEqual(['c2→ann']);
  });
});
