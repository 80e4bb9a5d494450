import type { QueueId, QueueStats } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { queueStats } from '../../../test/fake-centre.ts';
import { totalsOf } from './totals.ts';

const queue = (id: string, figures: Partial<QueueStats>) => queueStats(id as QueueId, figures);

describe('the figures of several queues', () => {
  test('[QUE-12] [MET-7] handle time is the mean of conversations that are over, whenever they were answered', () => {
    const totals = totalsOf([
      queue('still talking', { answered: 5, handled: 1, averageHandleSeconds: 100 }),
      queue('answered yesterday', { answered: 0, handled: 3, averageHandleSeconds: 200 }),
    ]);
    expect(totals).toMatchObject({ answered: 5, averageHandleSeconds: 175 });
  });
});
