import type { PromptLanguage, RoutingStrategy } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId, Desk, queueId } from '../../test/distributor-kit.ts';
import type { Prediction } from '../index.ts';

const names = ['ann', 'bob', 'eve', 'joe', 'kim', 'lea'];
/** Draws by which a contact becomes part of the control, and one by which it does not, with a share of one half. */
const [toControl, toPredicted] = [0, 5];

function predictionOf(costs: Record<string, number>, language: PromptLanguage | null = null): Prediction {
  const entries = Object.entries(costs).map(([name, cost]) => [agentId(name), cost] as const);
  return { language, costs: new Map(entries), usualCost: 100 };
}

function desk(
  agents: readonly string[],
  predictions: readonly Prediction[],
  strategy: RoutingStrategy = 'longest-idle',
): Desk {
  const d = new Desk();
  d.draw = () => toPredicted;
  d.queue('q', { strategy, predictive: { controlShare: 0.5, goodDispositions: [] } });
  d.send({ type: 'prediction.told', queueId: queueId('q'), predictions });
  for (const name of agents) {
    d.agent(name);
    d.advance(1_000);
  }
  return d;
}

/** To whom the next contact is offered, and what chose. */
function next(
  d: Desk,
  contact: string,
  more: Parameters<Desk['enter']>[1] = {},
): [string, string | undefined] {
  d.enter(contact, more);
  const [made] = d.facts('offer.made');
  return [made?.agentId ?? 'nobody', made?.by];
}

describe('predictive routing', () => {
  test('[ACD-42] of more than three ready agents the one with the least expected cost is asked', () => {
    const d = desk(names.slice(0, 4), [predictionOf({ ann: 90, bob: 120, eve: 60 })]);
    expect(next(d, 'c1')).toEqual(['eve', 'predicted']);
    expect(d.facts('offer.made')[0]).toMatchObject({ why: 'predicted', consideredCount: 4 });
    expect(d.facts('offer.made')[0]?.considered).toContainEqual({ agentId: 'ann', reason: 'predicted-less' });
  });

  test('[ACD-42] of three or fewer the strategy chooses, and the contact is on no side', () => {
    const d = desk(names.slice(0, 4), [predictionOf({ ann: 90, eve: 60 })]);
    next(d, 'c1');
    expect(next(d, 'c2')).toEqual(['ann', 'standard']);
  });

  test('[ACD-42] the control goes as the strategy says, and a stay remains on its side', () => {
    const d = desk(names, [predictionOf({ kim: 10, lea: 20 })]);
    d.draw = () => toControl;
    expect(next(d, 'c1')).toEqual(['ann', 'control']);
    d.draw = () => toPredicted;
    d.fail('c1/o1', 'rejected');
    expect(d.facts('offer.made')).toMatchObject([{ agentId: 'bob', by: 'control' }]);
  });

  test('[ACD-42] an agent who was not measured is expected to be as usual', () => {
    const d = desk(names.slice(0, 4), [predictionOf({ ann: 140, bob: 120, eve: 130 })]);
    expect(next(d, 'c1')).toEqual(['joe', 'predicted']);
  });

  test('[ACD-42] a language has its own prediction, others that of the queue', () => {
    const d = desk(names, [predictionOf({ ann: 10 }), predictionOf({ bob: 10 }, 'cs')]);
    expect(next(d, 'c1', { language: 'cs' })).toEqual(['bob', 'predicted']);
    expect(d.facts('queue.entered')).toMatchObject([{ language: 'cs' }]);
    expect(next(d, 'c2', { language: 'es' })).toEqual(['ann', 'predicted']);
  });

  test('[ACD-42] priority, delay and the contacts in hand decide before', () => {
    const d = desk(names.slice(0, 4), [predictionOf({ kim: 1, lea: 2, ann: 5 })]);
    d.agent('kim', { queues: [{ name: 'q', priority: 2 }] });
    d.agent('lea', { queues: [{ name: 'q', delaySeconds: 30 }] });
    expect(next(d, 'c1')).toEqual(['ann', 'predicted']);
  });

  test('[ACD-42] with ring-all, and without predictions, the strategy chooses', () => {
    expect(next(desk(names, [predictionOf({ eve: 1 })], 'ring-all'), 'c1')[1]).toBe('standard');
    expect(next(desk(names, []), 'c1')).toEqual(['ann', 'standard']);
    const plain = new Desk();
    plain.queue('q');
    plain.agent('ann');
    expect(next(plain, 'c1')).toEqual(['ann', undefined]);
  });

  test('[ACD-42] round robin keeps its turn while prediction takes others out of it', () => {
    const d = desk(names.slice(0, 5), [predictionOf({ eve: 1 })], 'round-robin');
    expect(next(d, 'c1')).toEqual(['eve', 'predicted']);
    d.draw = () => toControl;
    expect(next(d, 'c2')).toEqual(['ann', 'control']);
    expect(next(d, 'c3')[0]).toBe('bob');
  });

  test('[ACD-42] about the control share of the contacts is in the control', () => {
    const d = desk(names, [predictionOf({ eve: 1 })]);
    let draw = 0;
    d.draw = () => draw++;
    let control = 0;
    for (let index = 0; index < 1_000; index++) {
      if (next(d, `c${index}`)[1] === 'control') control += 1;
      d.leave(`c${index}`);
    }
    expect(control).toBeGreaterThan(430);
    expect(control).toBeLessThan(570);
  });

  test('[ACD-42] whatever the costs, whoever is taken costs least, and nothing else is broken', () => {
    const costs = fc.dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 300 }));
    const strategy = fc.constantFrom<RoutingStrategy>(
      'longest-idle',
      'round-robin',
      'fewest-calls',
      'weighted-random',
    );
    fc.assert(
      fc.property(
        costs,
        strategy,
        fc.array(fc.nat({ max: 50 }), { maxLength: 12 }),
        (costOf, chosen, draws) => {
          const d = desk(names, [predictionOf(costOf)], chosen);
          const free = new Set(names);
          for (const [index, draw] of draws.entries()) {
            d.draw = () => draw;
            const [agent, by] = next(d, `c${index}`);
            const least = Math.min(...[...free].map((name) => costOf[name] ?? 100));
            if (by === 'predicted') expect(costOf[agent] ?? 100).toBe(least);
            if (agent !== 'nobody') expect(by === 'standard').toBe(free.size <= 3);
            free.delete(agent);
            d.distributor.checkInvariants();
          }
        },
      ),
      { seed: 20_261_121, numRuns: 200 },
    );
  });
});
