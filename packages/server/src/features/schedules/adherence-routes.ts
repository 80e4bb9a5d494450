import { AdherenceReport, SCHEDULE_DAYS_MAX, SchedulePeriod, ScheduleSpans } from '@crosspoint/contracts';
import { scheduledSpans } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Api, type ApiContext, csvOf, HttpProblem, principalOf } from '../../http/index.ts';
import { activitiesOf, scheduledAgents } from './repo.ts';
import { daysOf, reportOf } from './report.ts';
import { scopeOf } from './scope.ts';

const tags = ['schedules'];
const config = { permission: 'schedules.read' } as const;
const DAY_MS = 86_400_000;
/** What a report of facts may take of a busy server. */
const AGENT_DAYS_MAX = 5000;

type Query = z.output<typeof SchedulePeriod>;

/** Schedules as instants, and how they were kept. */
export function registerAdherence(api: Api, context: ApiContext): void {
  api.get(
    '/schedules/spans',
    {
      config,
      schema: {
        summary: 'What is scheduled in a period, agent by agent',
        ...{ tags, querystring: SchedulePeriod, response: { 200: ScheduleSpans } },
      },
    },
    async (request) => {
      const { from, to } = periodOf(request.query);
      const instant = (at: number) => new Date(at).toISOString();
      const agents = await chosenAgents(context, request, request.query);
      return {
        agents: agents.map(({ id, schedule }) => ({
          agentId: id,
          spans: scheduledSpans(schedule, from, to).map((span) => ({
            ...span,
            ...{ from: instant(span.from), to: instant(span.to) },
          })),
        })),
      };
    },
  );

  api.get(
    '/adherence',
    {
      config,
      schema: {
        summary: 'How schedules were kept, by agent and day',
        description: 'Adherent / scheduled time, with every difference. Days are those of the schedule.',
        ...{ tags, querystring: SchedulePeriod, response: { 200: AdherenceReport } },
      },
    },
    (request) => adherenceOf(context, request, request.query),
  );

  api.get(
    '/adherence/export',
    {
      config,
      schema: {
        summary: 'The same as CSV, a line for each day and each difference',
        ...{ tags, querystring: SchedulePeriod },
        response: { 200: { description: 'The table', content: { 'text/csv': { schema: z.any() } } } },
      },
    },
    async (request, reply) => {
      const report = await adherenceOf(context, request, request.query);
      reply.type('text/csv; charset=utf-8');
      const day = request.query.from.slice(0, 10);
      reply.header('content-disposition', `attachment; filename="adherence-${day}.csv"`);
      return reply.send(tableOf(report));
    },
  );
}

/** @throws {HttpProblem} `validation-failed`. */
function periodOf(query: Query): { from: number; to: number } {
  const [from, to] = [Date.parse(query.from), Date.parse(query.to)];
  if (from < to && to - from <= SCHEDULE_DAYS_MAX * DAY_MS) return { from, to };
  const message = from < to ? `is more than ${SCHEDULE_DAYS_MAX} days after from` : 'is not after from';
  const remedy = `Choose at most ${SCHEDULE_DAYS_MAX} days.`;
  throw new HttpProblem('validation-failed', 'The period cannot be used.', {
    errors: [{ path: 'query.to', value: query.to, message, remedy }],
  });
}

function chosenAgents({ database }: ApiContext, request: FastifyRequest, { agentId, teamId }: Query) {
  const principal = principalOf(request);
  return database.inTenant(principal.tenantId, async (transaction) => {
    const within = scopeOf(principal, config.permission);
    return scheduledAgents(transaction, { within, agentIds: agentId, teamIds: teamId });
  });
}

async function adherenceOf(
  context: ApiContext,
  request: FastifyRequest,
  query: Query,
): Promise<AdherenceReport> {
  const { from, to } = periodOf(query);
  // What has not happened yet is neither kept nor missed.
  const period = { from, to: Math.min(to, context.now()) };
  if (period.from >= period.to) return reportOf([]);
  const agents = await chosenAgents(context, request, query);
  if ((agents.length * (period.to - period.from)) / DAY_MS > AGENT_DAYS_MAX) {
    const detail = `This would compare more than ${AGENT_DAYS_MAX} days of agents. Choose a team, or fewer days.`;
    throw new HttpProblem('validation-failed', detail);
  }
  const { tenantId } = principalOf(request);
  const days: AdherenceReport['days'] = [];
  for (const agent of agents) {
    // One after the other, so that calls are not kept waiting for the database.
    const activities = await context.database.inTenant(tenantId, (transaction) =>
      activitiesOf(transaction, agent.id, period),
    );
    days.push(...daysOf(agent, activities, period));
  }
  return reportOf(days);
}

function tableOf({ days }: AdherenceReport): string {
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 10_000) / 10_000);
  const head = ['agent', 'day', 'scheduledSeconds', 'adherentSeconds', 'adherence'];
  const none = [null, null, null, null];
  const rows = days.flatMap((one) => {
    const whole = [one.agentName, one.day, one.scheduledSeconds, one.adherentSeconds, rounded(one.adherence)];
    return [
      [...whole, ...none],
      ...one.differences.map(({ from, to, scheduled, activity }) => [
        ...[one.agentName, one.day, null, null, null],
        ...[from, to, scheduled, activity],
      ]),
    ];
  });
  return csvOf([...head, 'from', 'to', 'scheduled', 'activity'], rows);
}
