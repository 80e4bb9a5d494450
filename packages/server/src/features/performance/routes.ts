import {
  type AgentId,
  Performance,
  PERFORMANCE_DAYS_MAX,
  type PerformanceFigures,
  PerformanceQuery,
  PerformanceRebuild,
  PerformanceRebuildInput,
  type TeamId,
} from '@crosspoint/contracts';
import { type AgentCounts, agentFigure, emptyAgentCounts, sumAgentCounts } from '@crosspoint/core';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  csvOf,
  ownerFilter,
  pastPeriod,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { agentsInScope, membersByTeam, type TeamMembers } from '../teams/index.ts';
import { AgentHistory } from './history.ts';
import { type MeasuredAgent, measuredAgents, type Scores, scoresOf } from './repo.ts';
import { forgetDays } from './sums-repo.ts';
import type { AgentSums } from './sums.ts';

const tags = ['performance'];
const config = { permission: 'performance.read' } as const;
const none: Scores = { evaluations: 0, sum: 0 };

type Query = z.output<typeof PerformanceQuery>;

/** What agents and teams did in a period. */
export function performanceRoutes(
  context: ApiContext,
  sums: AgentSums,
  allStored: () => Promise<boolean>,
): Routes {
  const history = new AgentHistory({ database: context.database, now: context.now, allStored });
  return (api) => {
    api.addHook('preClose', () => sums.close());
    registerRebuild(api, context, sums);
    api.get(
      '/performance',
      {
        config,
        schema: {
          summary: 'What agents and teams did in a period',
          description: 'From the facts, by the formulas of the live board. An agent sees only oneself.',
          ...{ tags, querystring: PerformanceQuery, response: { 200: Performance } },
        },
      },
      (request) => performanceOf(context, history, request, request.query),
    );
    api.get(
      '/performance/export',
      {
        config,
        schema: {
          summary: 'The same of the agents as CSV',
          ...{ tags, querystring: PerformanceQuery },
          response: { 200: { description: 'The table', content: { 'text/csv': { schema: z.any() } } } },
        },
      },
      async (request, reply) => {
        const performance = await performanceOf(context, history, request, request.query);
        const day = performance.from.slice(0, 10);
        reply.type('text/csv; charset=utf-8');
        reply.header('content-disposition', `attachment; filename="performance-${day}.csv"`);
        return reply.send(tableOf(performance));
      },
    );
  };
}

function registerRebuild(api: Api, { database }: ApiContext, sums: AgentSums): void {
  api.post(
    '/performance/rebuild',
    {
      config: { permission: 'configuration.write' },
      schema: {
        summary: 'Add up days anew from the facts',
        description: 'Figures stay right meanwhile: what is not added up is counted from the facts.',
        ...{ tags, body: PerformanceRebuildInput, response: { 200: PerformanceRebuild } },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const days = await database.inTenant(tenantId, async (transaction) => {
        const forgotten = await forgetDays(transaction, request.body);
        const after = { ...request.body, days: forgotten };
        await recordChange(transaction, request, 'performance.rebuilt', tenantId, { after });
        return forgotten;
      });
      sums.wake();
      return { days };
    },
  );
}

async function performanceOf(
  { database, now }: ApiContext,
  history: AgentHistory,
  request: FastifyRequest,
  query: Query,
): Promise<Performance> {
  const principal = principalOf(request);
  const { tenantId } = principal;
  const period = pastPeriod(query, { daysMax: PERFORMANCE_DAYS_MAX, now: now() });
  const { agents, teams, scores } = await database.inTenant(tenantId, async (transaction) => {
    const owner = ownerFilter(principal, 'performance.read');
    const scope = owner === undefined ? agentsInScope(principal) : [owner];
    const found = await measuredAgents(transaction, { only: scope, teamIds: query.teamId });
    const ids = new Set<string>(found.map(({ id }) => id));
    const whole = (await membersByTeam(transaction)).filter(
      ({ memberIds }) => scope === undefined || memberIds.every((id) => scope.includes(id)),
    );
    return {
      agents: found,
      // An agent alone is no team.
      teams: owner === undefined ? whole.filter(({ memberIds }) => memberIds.some((id) => ids.has(id))) : [],
      scores: await scoresOf(transaction, period),
    };
  });
  const counts = await history.counts(
    tenantId,
    period,
    agents.map(({ id }) => id),
  );
  const figures = (ids: readonly AgentId[]) => figuresOf(ids, counts, scores);
  return {
    from: new Date(period.from).toISOString(),
    to: new Date(period.to).toISOString(),
    agents: agents.map(({ id, name, teams: names }) => ({
      ...{ agentId: id, agent: name, teams: names },
      ...figures([id]),
    })),
    teams: teams.map((team) => {
      const members = membersOf(team, agents);
      return { teamId: team.id as TeamId, team: team.name, agents: members.length, ...figures(members) };
    }),
    total: figures(agents.map(({ id }) => id)),
  };
}

function membersOf({ memberIds }: TeamMembers, agents: readonly MeasuredAgent[]): AgentId[] {
  const members = new Set(memberIds);
  return agents.flatMap(({ id }) => (members.has(id) ? [id] : []));
}

function figuresOf(
  ids: readonly AgentId[],
  counts: ReadonlyMap<AgentId, AgentCounts>,
  scores: ReadonlyMap<AgentId, Scores>,
): PerformanceFigures {
  const sum = sumAgentCounts(ids.map((id) => counts.get(id) ?? emptyAgentCounts()));
  const judged = ids.map((id) => scores.get(id) ?? none);
  const evaluations = judged.reduce((all, each) => all + each.evaluations, 0);
  const points = judged.reduce((all, each) => all + each.sum, 0);
  return {
    answered: sum.answered,
    handled: sum.handled,
    handleSecondsMean: agentFigure('handleSecondsMean', sum),
    talkSecondsMean: agentFigure('talkSecondsMean', sum),
    holdSecondsMean: agentFigure('holdSecondsMean', sum),
    wrapUpSecondsMean: agentFigure('wrapUpSecondsMean', sum),
    occupancy: agentFigure('occupancy', sum),
    missed: sum.missed,
    rejected: sum.rejected,
    transfers: sum.transfers,
    evaluations,
    scoreMean: evaluations > 0 ? points / evaluations : null,
  };
}

const columns = [
  'answered',
  'handled',
  'handleSecondsMean',
  'talkSecondsMean',
  'holdSecondsMean',
  'wrapUpSecondsMean',
  'occupancy',
  'missed',
  'rejected',
  'transfers',
  'evaluations',
  'scoreMean',
] as const satisfies (keyof PerformanceFigures)[];

function tableOf({ agents, from, to }: Performance): string {
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);
  return csvOf(
    ['from', 'to', 'agent', 'teams', ...columns],
    agents.map((row) => [
      from,
      to,
      row.agent,
      row.teams.join('; '),
      ...columns.map((name) => rounded(row[name])),
    ]),
  );
}
