import { z } from 'zod';
import { QueueId } from './ids.ts';
import { Instant, TimeZone } from './instants.ts';
import { QueueStats } from './live.ts';

/** A period holds at most so many days, and an answer so many intervals. */
export const QUEUE_HISTORY_DAYS_MAX = 31;
export const QUEUE_HISTORY_INTERVALS_MAX = 1_000;

export const QueueHistoryInterval = z.enum(['15m', 'hour', 'day']);
export type QueueHistoryInterval = z.infer<typeof QueueHistoryInterval>;

export const QueueHistoryQuery = z.strictObject({
  from: Instant,
  to: Instant,
  interval: QueueHistoryInterval.default('hour'),
  /** In which days and hours begin; unless given that of the queue's hours, else the centre's. */
  timeZone: TimeZone.optional(),
});
export type QueueHistoryQuery = z.input<typeof QueueHistoryQuery>;

/**
 * What a queue went through in one interval, by the formulas of the board. Each thing counts when it happened:
 * waitingBefore + offered = answered + abandoned + overflowed + callbacks + waiting.
 */
const QueueHistoryFigures = QueueStats.pick({
  ...{ offered: true, answered: true, abandoned: true, overflowed: true, callbacks: true, waiting: true },
  ...{
    deflected: true,
    shortAbandons: true,
    answeredWithin: true,
    abandonedWithin: true,
    handled: true,
    serviceLevel: true,
  },
  ...{ averageSpeedOfAnswerSeconds: true, averageHandleSeconds: true, averageTalkSeconds: true },
  abandonRate: true,
}).extend({
  from: Instant,
  to: Instant,
  /** In the queue when the interval began; `waiting` counts its end. */
  waitingBefore: z.number().int(),
});
export type QueueHistoryFigures = z.infer<typeof QueueHistoryFigures>;

export const QueueHistory = z
  .object({
    queueId: QueueId,
    interval: QueueHistoryInterval,
    timeZone: TimeZone,
    /** The threshold of the queue as it is now. */
    serviceLevelSeconds: z.number(),
    /** Oldest first; the last one may not be over. */
    items: z.array(QueueHistoryFigures),
    total: QueueHistoryFigures,
  })
  .meta({ id: 'QueueHistory' });
export type QueueHistory = z.infer<typeof QueueHistory>;
