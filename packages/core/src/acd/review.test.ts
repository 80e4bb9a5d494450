import { BusinessHours } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { type ReviewedQueue, reviewQueues } from './review.ts';

const queue = (key: string, more: Partial<ReviewedQueue> = {}): ReviewedQueue => ({
  key,
  steps: [],
  sendsWaitingTo: [],
  hours: null,
  members: [],
  unknownDispositions: [],
  ...more,
});

describe('review', () => {
  test('[ACD-39] a step that none of the agents can satisfy is a warning; a queue without agents is being built', () => {
    const steps = [{ skill: 'billing', level: 3 }, null, { skill: 'billing', level: 2 }];
    const members = [{ skills: { billing: 2 }, languages: [] }];
    expect(reviewQueues([queue('q', { steps, members })], 0)).toEqual([
      { key: 'q', path: ['requirementSteps', 0], code: 'nobody-satisfies', isWarning: true },
    ]);
    expect(reviewQueues([queue('q', { steps })], 0)).toEqual([]);
  });

  test('[ACD-39] queues that send waiting contacts around in a circle, each with its rule', () => {
    const all = [
      queue('a', { sendsWaitingTo: [null, 'b'] }),
      queue('b', { sendsWaitingTo: ['c'] }),
      queue('c', { sendsWaitingTo: ['a'] }),
      queue('outside', { sendsWaitingTo: ['a'] }),
    ];
    const found = reviewQueues(all, 0).map(({ key, path, code }) => [key, path.join('.'), code]);
    expect(found).toEqual([
      ['a', 'overflow.1.target', 'overflow-circle'],
      ['b', 'overflow.0.target', 'overflow-circle'],
      ['c', 'overflow.0.target', 'overflow-circle'],
    ]);
  });

  test('[ACD-39] hours that never open', () => {
    const hours = BusinessHours.parse({ timeZone: 'UTC' });
    expect(reviewQueues([queue('q', { hours })], 0)).toMatchObject([
      { code: 'never-opens', isWarning: false },
    ]);
  });
});
