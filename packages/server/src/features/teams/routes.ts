import {
  Team,
  type Team as TeamModel,
  TeamInput,
  TeamPage,
  TeamQuery,
  type TenantId,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  etagOf,
  HttpProblem,
  IdParams,
  notFound,
  principalOf,
  requireMatch,
  type Routes,
  tagged,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { requireInputWithin, requireTeamsLeft, requireTeamWithin } from './guard.ts';
import { deleteTeam, findTeam, insertTeam, isWithin, listTeams, updateTeam } from './repo.ts';

const tags = ['teams'];

/** Teams, which may contain teams. */
export function teamRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerAdding(api, context);
    registerReplacing(api, context);
    registerDeleting(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  api.get(
    '/teams',
    {
      config: { permission: 'teams.read' },
      schema: { summary: 'List teams', tags, querystring: TeamQuery, response: { 200: TeamPage } },
    },
    (request) => {
      const { tenantId, scope } = principalOf(request);
      return database.inTenant(tenantId, (transaction) => listTeams(transaction, request.query, scope));
    },
  );

  api.get(
    '/teams/:id',
    {
      config: { permission: 'teams.read' },
      schema: { summary: 'Read a team', tags, params: IdParams, response: { 200: Team } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { tenantId, scope } = principalOf(request);
      requireTeamWithin(scope, id);
      const team = await database.inTenant(tenantId, (transaction) => findTeam(transaction, id));
      if (team === undefined) throw notFound('team', id);
      return tagged(reply, team);
    },
  );
}

function registerAdding(api: Api, context: ApiContext): void {
  const { database } = context;
  api.post(
    '/teams',
    {
      config: { permission: 'teams.write' },
      schema: { summary: 'Add a team', tags, body: TeamInput, response: { 201: Team } },
    },
    async (request, reply) => {
      const { tenantId, scope } = principalOf(request);
      const id = newId();
      const team = await database.inTenant(tenantId, async (transaction) => {
        requireInputWithin(scope, undefined, request.body);
        await insertTeam(transaction, id, tenantId, request.body);
        const created = (await findTeam(transaction, id)) as TeamModel;
        await recordChange(transaction, request, 'team.created', id, { after: created });
        return created;
      });
      boundsChanged(context, tenantId);
      return tagged(reply.code(201), team);
    },
  );
}

function registerReplacing(api: Api, context: ApiContext): void {
  const { database } = context;
  api.put(
    '/teams/:id',
    {
      config: { permission: 'teams.write' },
      schema: {
        summary: 'Replace a team',
        tags,
        params: IdParams,
        body: TeamInput,
        response: { 200: Team },
      },
    },
    async (request, reply) => {
      const { tenantId, scope } = principalOf(request);
      const { id } = request.params;
      const { parentId } = request.body;
      requireTeamWithin(scope, id);
      const team = await database.inTenant(tenantId, async (transaction) => {
        const before = await findTeam(transaction, id, true);
        if (before === undefined) throw notFound('team', id);
        requireMatch(request, etagOf(before));
        requireInputWithin(scope, before, request.body);
        if (parentId !== null && (await isWithin(transaction, parentId, id))) throw circle(parentId);
        await updateTeam(transaction, id, tenantId, request.body);
        await requireTeamsLeft(transaction, scope, before.memberIds);
        const after = (await findTeam(transaction, id)) as TeamModel;
        await recordChange(transaction, request, 'team.updated', id, { before, after });
        return after;
      });
      boundsChanged(context, tenantId);
      return tagged(reply, team);
    },
  );
}

function registerDeleting(api: Api, context: ApiContext): void {
  const { database } = context;
  api.delete(
    '/teams/:id',
    {
      config: { permission: 'teams.write' },
      schema: {
        summary: 'Delete a team',
        description: 'Its members stay; teams within it become top-level, and its queues belong to no team.',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { tenantId, scope } = principalOf(request);
      requireTeamWithin(scope, id);
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findTeam(transaction, id, true);
        if (before === undefined) throw notFound('team', id);
        requireMatch(request, etagOf(before));
        await deleteTeam(transaction, id);
        await requireTeamsLeft(transaction, scope, before.memberIds);
        await recordChange(transaction, request, 'team.deleted', id, { before });
      });
      boundsChanged(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}

/** Whoever is bound by teams may see and do something else now. */
function boundsChanged({ accessChanged }: ApiContext, tenantId: TenantId): void {
  accessChanged?.((principal) => principal.tenantId === tenantId, { scopedOnly: true });
}

function circle(parentId: string): HttpProblem {
  const remedy = 'Choose a team that is not within this one.';
  return new HttpProblem('validation-failed', 'A team cannot lie within itself.', {
    errors: [{ path: 'parentId', value: parentId, message: 'is this team or lies within it', remedy }],
  });
}
