import { BusinessHours, type OverflowCondition, type Requirement } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { type ReviewedMember, type ReviewedQueue, type ReviewedRule, reviewQueues } from './review.ts';

const queue = (key: string, more: Partial<ReviewedQueue> = {}): ReviewedQueue => ({
  key,
  steps: [],
  overflow: [],
  maxWaitSeconds: 0,
  hasHours: false,
  hours: null,
  priorityForAll: [],
  members: [],
  unknownDispositions: [],
  ...more,
});
const member = (key: string, skills: Record<string, number>, delaySeconds = 0): ReviewedMember => ({
  ...{ key, skills, delaySeconds },
  languages: [],
});
const after = (afterSeconds: number): OverflowCondition => ({ when: 'waited', afterSeconds });
const away = (condition: OverflowCondition): ReviewedRule => ({
  condition,
  queue: null,
  takesAll: true,
  leadsNowhere: false,
});
const to = (key: string, condition = after(10)): ReviewedRule => ({
  condition,
  queue: key,
  takesAll: false,
  leadsNowhere: false,
});
const found = (...queues: ReviewedQueue[]) =>
  reviewQueues(queues, 0).map(({ key, path, code, isWarning }) =>
    [key, path.join('.'), code, isWarning ? 'warning' : 'error'].join(' '),
  );

describe('review', () => {
  test('[ACD-39] a step that none of the agents can satisfy is a warning; a queue without agents is being built', () => {
    const asking = (level: number, agents: string[] = []) => ({
      requirement: { skill: 'billing', level },
      agents,
    });
    const steps = [asking(3), { requirement: null, agents: ['ann'] }, asking(2), asking(2, ['bob'])];
    const members = [member('ann', { billing: 2 }), member('bob', { billing: 1 })];
    expect(found(queue('q', { steps, members }))).toEqual([
      'q requirementSteps.0 nobody-satisfies warning',
      'q requirementSteps.3 nobody-satisfies warning',
    ]);
    expect(found(queue('q', { steps }))).toEqual([]);
  });

  test('[ACD-39] a step that excludes itself is an error, whoever serves the queue', () => {
    const czech = { language: 'cs' };
    const expert = { skill: 'billing', level: 3 };
    const not = (part: Requirement): Requirement => ({ not: part });
    const step = (...all: Requirement[]) => ({ requirement: { all }, agents: [] });
    const steps = [
      step(expert, not({ skill: 'billing', level: 1 })),
      step(not(expert), { skill: 'billing', level: 2 }),
      step(czech, { not: czech }),
    ];
    expect(found(queue('q', { steps }))).toEqual([
      'q requirementSteps.0 contradicts-itself error',
      'q requirementSteps.2 contradicts-itself error',
    ]);
  });

  test('[ACD-39] queues that send waiting contacts around in a circle, each with its rule, and a queue to itself', () => {
    const all = [
      queue('a', { overflow: [away({ when: 'full' }), to('b')] }),
      queue('b', { overflow: [to('c')] }),
      queue('c', { overflow: [to('a'), to('b', { when: 'full' })] }),
      queue('outside', { overflow: [to('a')] }),
      queue('self', { overflow: [to('self', { when: 'full' })] }),
    ];
    expect(found(...all)).toEqual([
      'a overflow.1.target overflow-circle error',
      'b overflow.0.target overflow-circle error',
      'c overflow.0.target overflow-circle error',
      'self overflow.0.target overflow-circle error',
    ]);
  });

  test('[ACD-39] rules that something else is always in the way of are warnings', () => {
    const overflow = [
      to('b', after(10)),
      away(after(20)),
      to('b', after(30)),
      away({ when: 'waiting-above', count: 5, afterSeconds: 60 }),
      away({ when: 'waiting-above', count: 5, afterSeconds: 0 }),
      away({ when: 'closed' }),
    ];
    const priorityForAll = [false, true, false];
    expect(found(queue('a', { overflow, priorityForAll }), queue('b'))).toEqual([
      'a overflow.2 never-applies warning',
      'a overflow.3 never-applies warning',
      'a overflow.5 never-applies warning',
      'a priorityRules.2 never-applies warning',
    ]);
    const late = queue('c', { overflow: [away(after(60))], maxWaitSeconds: 60, hasHours: true });
    expect(found(late)).toEqual(['c overflow.0 never-applies warning']);
  });

  test('[ACD-39] agents who take contacts only when nobody waits any more are a warning', () => {
    const members = [member('ann', {}, 60), member('bob', {}, 90)];
    expect(found(queue('q', { members, maxWaitSeconds: 60 }))).toEqual(['q agents nobody-in-time warning']);
    expect(found(queue('q', { members, maxWaitSeconds: 61 }))).toEqual([]);
  });

  test('[ACD-39] hours that never open', () => {
    const hours = BusinessHours.parse({ timeZone: 'UTC' });
    expect(reviewQueues([queue('q', { hours })], 0)).toMatchObject([
      { code: 'never-opens', isWarning: false },
    ]);
  });

  test('[ACD-39] a number that nobody has is a warning', () => {
    const overflow = [away({ when: 'full' }), { ...away(after(20)), leadsNowhere: true }];
    expect(found(queue('q', { overflow }))).toEqual(['q overflow.1.target leads-nowhere warning']);
  });
});
