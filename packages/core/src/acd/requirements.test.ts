import type { Requirement } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { agentId, Desk } from '../../test/distributor-kit.ts';
import { lackOf, satisfies, scoreOf } from './requirement.ts';

const step = (requirement: Requirement | null, seconds: number, ...agents: string[]) => ({
  requirement,
  agentIds: agents.map(agentId),
  seconds,
});
const billing = (level: number): Requirement => ({ skill: 'billing', level });

describe('requirements', () => {
  test.each<[string, Requirement, boolean]>([
    ['a skill at its level', billing(3), true],
    ['one level above', billing(4), false],
    ['a skill that is not there', { skill: 'law', level: 1 }, false],
    ['a language', { language: 'cs' }, true],
    ['a language with a region, spoken without one', { language: 'en-GB' }, false],
    ['a language without a region, spoken with one', { language: 'PT' }, true],
    ['all, one of which is lacking', { all: [billing(1), { language: 'de' }] }, false],
    ['any, one of which is there', { any: [{ language: 'de' }, billing(2)] }, true],
    ['not what is there', { not: { language: 'en' } }, false],
    ['nested', { all: [{ any: [billing(5), { language: 'cs' }] }, { not: billing(5) }] }, true],
    ['an inherited name is no skill', { skill: 'constructor', level: 1 }, false],
  ])('[ACD-26] %s', (_what, requirement, fits) => {
    const attributes = { skills: { billing: 3, sales: 1 }, languages: ['en', 'cs', 'pt-BR'] };
    expect(satisfies(requirement, attributes)).toBe(fits);
    expect(lackOf(requirement, attributes) === null).toBe(fits);
  });

  test('[ACD-26] negation turns every verdict around, and joining follows the table of truth', () => {
    const leaf = fc.record({ skill: fc.constantFrom('a', 'b'), level: fc.integer({ min: 1, max: 5 }) });
    const skills = fc.record({ a: fc.nat({ max: 5 }), b: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(leaf, leaf, skills, (one, other, levels) => {
        const attributes = { skills: levels, languages: [] };
        const [first, second] = [satisfies(one, attributes), satisfies(other, attributes)];
        expect(satisfies({ not: one }, attributes)).toBe(!first);
        expect(satisfies({ all: [one, other] }, attributes)).toBe(first && second);
        expect(satisfies({ any: [one, other] }, attributes)).toBe(first || second);
        expect(scoreOf({ all: [one, other] }, attributes)).toBe(
          levels[one.skill as 'a'] + levels[other.skill as 'a'],
        );
      }),
    );
  });

  test('[ACD-26] only who satisfies it is asked, and the moment he learns it he is', () => {
    const d = new Desk();
    d.queue('q');
    d.agent('ann', { skills: { billing: 2 } });
    d.enter('c1', { requirement: billing(3) });
    d.enter('c2');
    expect(d.offers()).toEqual(['c2→ann']);
    expect(d.distributor.explain('c1' as never, d.now)?.agents).toEqual([
      { agentId: 'ann', reason: 'lacks-requirement', until: null, lacks: billing(3) },
    ]);
    d.accept('c2/o1');
    d.endTalk('c2', 'ann');
    expect(d.offers()).toEqual([]);
    d.configure('ann', { skills: { billing: 3 } });
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-27] steps relax one after the other, then anybody may take it', () => {
    const d = new Desk();
    d.queue('q', { requirementSteps: [step(billing(5), 10), step(billing(2), 20)] });
    d.agent('novice', {});
    d.agent('good', { skills: { billing: 2 } });
    d.enter('c1');
    expect(d.offers()).toEqual([]);
    expect(d.distributor.explain('c1' as never, d.now)?.step).toMatchObject({
      number: 1,
      count: 3,
      until: 10_000,
    });
    d.advance(9_999);
    expect(d.offers()).toEqual([]);
    d.advance(1);
    expect(d.facts('entry.relaxed')).toMatchObject([{ step: 2, steps: 3 }]);
    expect(d.offers()).toEqual(['c1→good']);
    d.fail('c1/o1', 'busy');
    d.advance(19_999);
    expect(d.offers()).toEqual([]);
    d.advance(1);
    expect(d.offers()).toEqual(['c1→novice']);
  });

  test('[ACD-27] the last requirement stays where the queue says so', () => {
    const d = new Desk();
    d.queue('q', { requirementSteps: [step(billing(5), 10)], afterLastStep: 'keep-last' });
    d.agent('novice');
    d.enter('c1');
    d.advance(3_600_000);
    expect(d.all.filter(({ type }) => type === 'offer.make')).toEqual([]);
    expect(d.distributor.explain('c1' as never, d.now)?.step).toMatchObject({
      number: 1,
      count: 1,
      until: null,
    });
  });

  test('[ACD-27] named agents are the only ones of their step', () => {
    const d = new Desk();
    d.queue('q', { requirementSteps: [step(null, 10, 'bob')] });
    d.agent('ann');
    d.agent('bob');
    d.status('bob', 'break');
    d.enter('c1');
    expect(d.distributor.explain('c1' as never, d.now)?.agents).toMatchObject([
      { agentId: 'ann', reason: 'not-named', until: 10_000 },
      { agentId: 'bob', reason: 'status-break' },
    ]);
    d.advance(10_000);
    expect(d.offers()).toEqual(['c1→ann']);
  });

  test('[ACD-27] a contact keeps the steps of its entry, until it is moved', () => {
    const d = new Desk();
    d.queue('q', { requirementSteps: [step(billing(5), 600)] }, 1);
    d.agent('ann');
    d.enter('c1');
    d.queue('q', {}, 2);
    expect(d.offers()).toEqual([]);
    expect(d.distributor.explain('c1' as never, d.now)?.rulesVersion).toBe(1);
    const by = { by: 'supervisor', byUserId: 'sue' } as const;
    d.send({ type: 'entry.moved', contactId: 'c1' as never, queueId: 'q' as never, ...by });
    expect(d.offers()).toEqual(['c1→ann']);
    expect(d.facts('offer.made')).toMatchObject([{ rulesVersion: 2, step: 1 }]);
  });

  test('[ACD-26] an older contact that nobody can take does not hold up a younger one', () => {
    const d = new Desk();
    d.queue('q');
    d.enter('old', { requirement: billing(5), priority: 9 });
    d.advance(60_000);
    d.enter('young');
    d.agent('ann');
    expect(d.offers()).toEqual(['young→ann']);
  });
});

describe('sticky agents', () => {
  const last = { mode: 'last', waitSeconds: 30 } as const;

  /** `ann` has talked with the caller; `bob` has been idle longer. */
  function desk(sticky: Parameters<Desk['queue']>[1]): Desk {
    const d = new Desk();
    d.queue('q', sticky);
    d.agent('ann');
    d.enter('c0', { caller: '+420111' });
    d.accept('c0/o1');
    d.agent('bob');
    d.advance(60_000);
    d.endTalk('c0', 'ann');
    d.advance(1_000);
    return d;
  }

  test('[ACD-30] the last agent is asked first, although another is idle longer', () => {
    const d = desk({ sticky: last });
    d.enter('c1', { caller: '+420111' });
    expect(d.offers()).toEqual(['c1→ann']);
    expect(d.facts('offer.made')).toMatchObject([{ why: 'sticky-agent' }]);
    d.fail('c1/o1', 'rejected');
    expect(d.offers(), 'the others follow at once').toEqual(['c1→bob']);
  });

  test('[ACD-30] it waits for an agent who is busy, and for one who is away not at all', () => {
    const d = desk({ sticky: last });
    d.enter('c1', { caller: '+420111' });
    d.accept('c1/o1');
    d.enter('c2', { caller: '+420111' });
    expect(d.offers(), 'bob is free, and the contact waits for ann').toEqual([]);
    d.advance(30_000);
    expect(d.offers()).toEqual(['c2→bob']);
    d.status('ann', 'offline');
    d.endTalk('c1', 'ann');
    d.enter('c4', { caller: '+420111' });
    expect(d.distributor.explain('c4' as never, d.now)?.step.kind).toBe('anybody');
  });

  test('[ACD-30] without a wait only a ready one is sticky', () => {
    const d = desk({ sticky: { mode: 'last', waitSeconds: 0 } });
    d.enter('c1', { caller: '+420111' });
    expect(d.offers()).toEqual(['c1→ann']);
    d.enter('c2', { caller: '+420111' });
    expect(d.offers()).toEqual(['c2→bob']);
  });

  test('[ACD-30] the agent whom routing prefers; one who does not serve the queue is passed over', () => {
    const d = desk({ sticky: { mode: 'preferred', waitSeconds: 0 } });
    d.agent('guest', { queues: [] });
    d.enter('c1', { preferredAgentId: agentId('ann') });
    expect(d.offers()).toEqual(['c1→ann']);
    d.enter('c2', { preferredAgentId: agentId('guest') });
    expect(d.offers()).toEqual(['c2→bob']);
  });
});
