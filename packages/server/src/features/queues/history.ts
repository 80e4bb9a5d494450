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
  type Interval,
  type IntervalCounts,
  queueFigures,
  totalOf,
} from '@crosspoint/core';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  noSuchPeriod,
  notFound,
  pastPeriod,
  type Principal,
  principalOf,
  requireTimeZone,
} from '../../http/index.ts';
import type { Database, DatabaseTransaction } from '../../platform/index.ts';
import { calendarsByName } from '../calendars/index.ts';
import { replayFacts } from '../calls/index.ts';
import { historyTable, localTime } from './history-table.ts';
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

const summary = 'A queue’s figures of the past, by intervals';
const config = { permission: 'queues.live' } as const;
const params = z.strictObject({ id: QueueId });

export function registerHistory(api: Api, context: ApiContext): void {
  api.get(
    '/queues/:id/history',
    {
      config,
      schema: {
        summary,
        description:
          'Counted from the facts by the formulas of the board, with the present threshold of the service level. ' +
          `At most ${QUEUE_HISTORY_DAYS_MAX} days and ${QUEUE_HISTORY_INTERVALS_MAX} intervals.`,
        ...{ tags: ['queues'], params, querystring: QueueHistoryQuery, response: { 200: QueueHistory } },
      },
    },
    (request) => historyOf(context, principalOf(request), request.params.id, request.query),
  );
  api.get(
    '/queues/:id/history/export',
    {
      config,
      schema: {
        summary: `${summary}, as CSV`,
        ...{ tags: ['queues'], params, querystring: QueueHistoryQuery },
        response: { 200: { description: 'The table', content: { 'text/csv': { schema: z.any() } } } },
      },
    },
    async (request, reply) => {
      const history = await historyOf(context, principalOf(request), request.params.id, request.query);
      const day = localTime(history.items[0]?.from ?? request.query.from, history.timeZone).slice(0, 10);
      reply.type('text/csv; charset=utf-8');
      reply.header('content-disposition', `attachment; filename="queue-${day}.csv"`);
      return reply.send(historyTable(history));
    },
  );
}

async function historyOf(
  { database, now }: ApiContext,
  principal: Principal,
  id: QueueId,
  query: Query,
): Promise<QueueHistory> {
  const { tenantId } = principal;
  const bounds = boundsOf(principal, 'queues.live');
  if (query.timeZone !== undefined) requireTimeZone('query.timeZone', query.timeZone);
  const { queue, zone } = await database.inTenant(tenantId, async (transaction) => {
    const found = await findQueue(transaction, id, { bounds });
    return { queue: found, zone: found && (await zoneOf(transaction, tenantId, found)) };
  });
  if (queue === undefined || zone === undefined) throw notFound('queue', id);
  const timeZone = query.timeZone ?? zone;
  const intervals = intervalsOf(query, timeZone, now());
  const counted = await countIntervals(database, tenantId, queue, intervals);
  return {
    ...{ queueId: queue.id, interval: query.interval, timeZone },
    serviceLevelSeconds: queue.serviceLevel.seconds,
    items: counted.map(figuresOf),
    total: figuresOf(totalOf(counted)),
  };
}

/** The zone of the queue's own or shared hours, else the centre's. */
async function zoneOf(
  transaction: DatabaseTransaction,
  tenantId: TenantId,
  { calendar, hours }: StoredQueue,
): Promise<string> {
  const shared = calendar === null ? undefined : (await calendarsByName(transaction)).get(calendar);
  return shared?.timeZone ?? hours?.timeZone ?? timeZoneOf(transaction, tenantId);
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
  const period = pastPeriod({ from, to }, { daysMax: QUEUE_HISTORY_DAYS_MAX, now });
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
    throw noSuchPeriod(
      'interval',
      interval,
      `gives more than ${QUEUE_HISTORY_INTERVALS_MAX} intervals`,
      remedy,
    );
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
  const figures = queueFigures(counts);
  return {
    ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString(), waitingBefore },
    ...{ ...figures, offered: figures.offered - waitingBefore },
  };
}
