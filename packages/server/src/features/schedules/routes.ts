import {
  AgentId,
  AgentSchedule,
  AgentSchedulePage,
  AgentScheduleQuery,
  ScheduleInput,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  notFound,
  principalOf,
  requireMatch,
  requireTimeZone,
  type Routes,
  tagged,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { registerAdherence } from './adherence-routes.ts';
import { deleteSchedule, findSchedule, listSchedules, type ScheduledAgent, storeSchedule } from './repo.ts';
import { scopeOf } from './scope.ts';

const tags = ['schedules'];
const Params = z.strictObject({ id: AgentId });

/** When agents are to work, and whether they do. */
export function scheduleRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerWriting(api, context);
    registerAdherence(api, context);
  };
}

const shown = ({ id, name, schedule }: ScheduledAgent): AgentSchedule => ({ agent: { id, name }, schedule });

function registerReading(api: Api, { database }: ApiContext): void {
  const config = { permission: 'schedules.read' } as const;
  api.get(
    '/schedules',
    {
      config,
      schema: {
        summary: 'List agents with their schedules',
        ...{ tags, querystring: AgentScheduleQuery, response: { 200: AgentSchedulePage } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      const { teamId: teamIds, search, limit, cursor } = request.query;
      return database.inTenant(principal.tenantId, async (transaction) => {
        const within = scopeOf(principal, 'schedules.read');
        const { items, nextCursor } = await listSchedules(
          transaction,
          { within, teamIds, search },
          { limit, cursor },
        );
        return { items: items.map(shown), nextCursor };
      });
    },
  );

  api.get(
    '/schedules/:id',
    {
      config,
      schema: { summary: "An agent's schedule", tags, params: Params, response: { 200: AgentSchedule } },
    },
    (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      return database.inTenant(principal.tenantId, async (transaction) => {
        const within = scopeOf(principal, 'schedules.read');
        return tagged(reply, shown(await requireAgent(transaction, id, within)));
      });
    },
  );
}

function registerWriting(api: Api, context: ApiContext): void {
  const { database } = context;
  const config = { permission: 'schedules.write' } as const;
  api.put(
    '/schedules/:id',
    {
      config: { ...config, replaces: 'schedule' },
      schema: {
        summary: "Replace an agent's schedule",
        ...{ tags, params: Params, body: ScheduleInput, response: { 200: AgentSchedule } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      requireTimeZone('timeZone', request.body.timeZone);
      for (const [index, { timeZone }] of request.body.weeks.entries()) {
        if (timeZone !== undefined) requireTimeZone(`weeks.${index}.timeZone`, timeZone);
      }
      const stored = await database.inTenant(principal.tenantId, async (transaction) => {
        const within = scopeOf(principal, 'schedules.write');
        const before = shown(await requireAgent(transaction, id, within));
        requireMatch(request, etagOf(before));
        await storeSchedule(transaction, principal.tenantId, id, request.body);
        const after = shown(await requireAgent(transaction, id, within));
        await recordChange(transaction, request, 'schedule.updated', id, { before, after });
        return after;
      });
      await applyToCentre(context, principal.tenantId);
      return tagged(reply, stored);
    },
  );

  api.delete(
    '/schedules/:id',
    {
      config,
      schema: {
        summary: 'Expect nothing of an agent any more',
        ...{ tags, params: Params, response: { 204: z.null() } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      await database.inTenant(principal.tenantId, async (transaction) => {
        const within = scopeOf(principal, 'schedules.write');
        const before = shown(await requireAgent(transaction, id, within));
        requireMatch(request, etagOf(before));
        await deleteSchedule(transaction, id);
        await recordChange(transaction, request, 'schedule.deleted', id, { before });
      });
      await applyToCentre(context, principal.tenantId);
      return reply.code(204).send(null);
    },
  );
}

async function requireAgent(
  transaction: DatabaseTransaction,
  id: string,
  within: readonly string[] | undefined,
): Promise<ScheduledAgent> {
  const agent = await findSchedule(transaction, id, within);
  if (agent === undefined) throw notFound('agent', id);
  return agent;
}
