import {
  QUEUE_HISTORY_DAYS_MAX,
  QUEUE_HISTORY_INTERVALS_MAX,
  QueueHistory,
  type QueueHistoryFigures,
  type QueueHistoryInterval,
  QueueHistoryQuery,
  QueueId,
  type TenantId,
} from '@crosspoint/contracts';
import {
  createQueueIntervals,
  dayBounds,
  figure,
  type Interval,
  type IntervalCounts,
  totalOf,
} from '@crosspoint/core';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  principalOf,
  requireTimeZone,
} from '../../http/index.ts';
import type { Database, DatabaseTransaction } from '../../platform/index.ts';
import { replayFacts } from '../calls/index.ts';
import { findQueue, type StoredQueue } from './repo.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Nobody waits longer than so; who entered that long before a period may still wait in it. */
const waitMsMax = dayMs;
/** Calls go on between two pages. */
const pageRows = 1_000;
const countedTypes = [
  'contact.deflected',
  'queue.entered',
  'queue.left',
  'segment.started',
  'segment.ended',
  'wrapup.ended',
] as const;

type Query = z.output<typeof QueueHistoryQuery>;

export function registerHistory(api: Api, { database, now }: ApiContext): void {
  api.get(
    '/queues/:id/history',
    {
      config: { permission: 'queues.live' },
      schema: {
        summary: 'A queue’s figures of the past, by intervals',
        description:
          'Counted from the facts by the formulas of the board, with the present threshold of the service level. ' +
          `At most ${QUEUE_HISTORY_DAYS_MAX} days and ${QUEUE_HISTORY_INTERVALS_MAX} intervals.`,
        ...{ tags: ['queues'], params: z.strictObject({ id: QueueId }), querystring: QueueHistoryQuery },
        response: { 200: QueueHistory },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { tenantId } = principal;
      const bounds = boundsOf(principal, 'queues.live');
      const { query } = request;
      if (query.timeZone !== undefined) requireTimeZone('query.timeZone', query.timeZone);
      const { queue, centreZone } = await database.inTenant(tenantId, async (transaction) => ({
        queue: await findQueue(transaction, request.params.id, { bounds }),
        centreZone: await timeZoneOf(transaction, tenantId),
      }));
      if (queue === undefined) throw notFound('queue', request.params.id);
      const timeZone = query.timeZone ?? queue.hours?.timeZone ?? centreZone;
      const intervals = intervalsOf(query, timeZone, now());
      const counted = await countIntervals(database, tenantId, queue, intervals);
      return {
        ...{ queueId: queue.id, interval: query.interval, timeZone },
        serviceLevelSeconds: queue.serviceLevel.seconds,
        items: counted.map(figuresOf),
        total: figuresOf(totalOf(counted)),
      };
    },
  );
}

async function timeZoneOf(transaction: DatabaseTransaction, tenantId: TenantId): Promise<string> {
  const { time_zone } = await transaction
    .selectFrom('tenants')
    .select('time_zone')
    .where('id', '=', tenantId)
    .executeTakeFirstOrThrow();
  return time_zone;
}

const lengthsMs: Readonly<Record<QueueHistoryInterval, number>> = {
  '15m': 15 * minuteMs,
  hour: 60 * minuteMs,
  day: Number.POSITIVE_INFINITY,
};

/** Whole intervals of the zone that touch the period, up to now. @throws {HttpProblem} `validation-failed`. */
function intervalsOf({ from, to, interval }: Query, timeZone: string, now: number): Interval[] {
  const period = { from: Date.parse(from), to: Math.min(Date.parse(to), now) };
  const refuse = (path: string, value: string, message: string, remedy: string): never => {
    throw new HttpProblem('validation-failed', 'There is no such period.', {
      errors: [{ path: `query.${path}`, value, message, remedy }],
    });
  };
  if (period.from >= period.to) {
    refuse('from', from, 'is not before the end and before now', 'Choose an earlier start.');
  }
  // A day more for the one on which the clocks go back.
  if (period.to - period.from > (QUEUE_HISTORY_DAYS_MAX + 1) * dayMs) {
    refuse(
      'to',
      to,
      `is more than ${QUEUE_HISTORY_DAYS_MAX} days after the start`,
      'Choose a shorter period.',
    );
  }
  const lengthMs = lengthsMs[interval];
  const intervals: Interval[] = [];
  for (const day of dayBounds(timeZone, period.from, period.to)) {
    for (let begin = day.from; begin < day.to; begin += lengthMs) {
      const end = Math.min(begin + lengthMs, day.to);
      if (end > period.from && begin < period.to) intervals.push({ from: begin, to: Math.min(end, now) });
    }
  }
  if (intervals.length > QUEUE_HISTORY_INTERVALS_MAX) {
    const remedy = 'Choose a shorter period or longer intervals.';
    refuse('interval', interval, `gives more than ${QUEUE_HISTORY_INTERVALS_MAX} intervals`, remedy);
  }
  return intervals;
}

/** Day by day, so that no statement takes long. */
async function countIntervals(
  database: Database,
  tenantId: TenantId,
  { id: queueId, serviceLevel, shortAbandonSeconds }: StoredQueue,
  intervals: readonly Interval[],
): Promise<IntervalCounts[]> {
  const history = createQueueIntervals(queueId, { serviceLevel, shortAbandonSeconds }, intervals);
  const end = intervals.at(-1)?.to ?? 0;
  const take = { contactFact: history.apply, agentFact: () => undefined };
  const which = { queueId, contactTypes: countedTypes, agentTypes: [], pageRows };
  for (let since = (intervals[0]?.from ?? 0) - waitMsMax; since < end; since += dayMs) {
    await replayFacts(database, tenantId, { ...which, since, until: Math.min(since + dayMs, end) }, take);
  }
  return history.finish();
}

function figuresOf({ from, to, waitingBefore, counts }: IntervalCounts): QueueHistoryFigures {
  const { answered, abandoned, overflowed, callbacks, waiting, deflected, handled } = counts;
  const { shortAbandons, answeredWithin, abandonedWithin } = counts;
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    ...{ waitingBefore, waiting, offered: counts.offered - waitingBefore },
    ...{ answered, abandoned, overflowed, callbacks, deflected, handled },
    ...{ shortAbandons, answeredWithin, abandonedWithin },
    serviceLevel: figure('serviceLevel', counts),
    averageSpeedOfAnswerSeconds: figure('averageSpeedOfAnswerSeconds', counts),
    averageHandleSeconds: figure('averageHandleSeconds', counts),
    averageTalkSeconds: figure('averageTalkSeconds', counts),
    abandonRate: figure('abandonRate', counts),
  };
}
