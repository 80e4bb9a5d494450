import { z } from 'zod';
import { AgentActivity } from './states.ts';
import { QueueId } from './ids.ts';
import { Instant } from './instants.ts';
import { QueueStats } from './live.ts';

/** The board at one glance; the same figures arrive piece by piece on the stream. */
export const DashboardStats = z
  .object({
    at: Instant,
    queues: z.array(z.object({ id: QueueId, name: z.string(), stats: QueueStats })),
    /** Sums over the queues shown, by the same formulas. */
    totals: z.object({
      offered: z.number().int(),
      answered: z.number().int(),
      abandoned: z.number().int(),
      overflowed: z.number().int(),
      callbacks: z.number().int(),
      waiting: z.number().int(),
      deflected: z.number().int(),
      serviceLevel: z.number().nullable(),
      abandonRate: z.number().nullable(),
      averageSpeedOfAnswerSeconds: z.number().nullable(),
      averageHandleSeconds: z.number().nullable(),
      longestWaitSince: Instant.nullable(),
    }),
    agents: z.object({
      total: z.number().int(),
      ready: z.number().int(),
      byActivity: z.record(AgentActivity, z.number().int()),
    }),
    calls: z.object({
      /** Contacts whose customer is on the line. */
      contacts: z.number().int(),
      waiting: z.number().int(),
      ringing: z.number().int(),
      talking: z.number().int(),
      onHold: z.number().int(),
    }),
  })
  .meta({ id: 'DashboardStats' });
export type DashboardStats = z.infer<typeof DashboardStats>;
