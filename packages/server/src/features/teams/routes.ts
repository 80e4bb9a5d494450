import { Team, type Team as TeamModel, TeamInput, TeamPage, TeamQuery } from '@crosspoint/contracts';
import { z } from 'zod';
import {
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
import { deleteTeam, findTeam, insertTeam, isWithin, listTeams, updateTeam } from './repo.ts';

const tags = ['teams'];

/** Teams, which may contain teams. */
export function teamRoutes({ database }: ApiContext): Routes {
  return (api) => {
    api.get(
      '/teams',
      {
        config: { permission: 'teams.read' },
        schema: { summary: 'List teams', tags, querystring: TeamQuery, response: { 200: TeamPage } },
      },
      (request) =>
        database.inTenant(principalOf(request).tenantId, (transaction) =>
          listTeams(transaction, request.query),
        ),
    );

    api.get(
      '/teams/:id',
      {
        config: { permission: 'teams.read' },
        schema: { summary: 'Read a team', tags, params: IdParams, response: { 200: Team } },
      },
      async (request, reply) => {
        const { id } = request.params;
        const team = await database.inTenant(principalOf(request).tenantId, (transaction) =>
          findTeam(transaction, id),
        );
        if (team === undefined) throw notFound('team', id);
        return tagged(reply, team);
      },
    );

    api.post(
      '/teams',
      {
        config: { permission: 'teams.write' },
        schema: { summary: 'Add a team', tags, body: TeamInput, response: { 201: Team } },
      },
      async (request, reply) => {
        const { tenantId } = principalOf(request);
        const id = newId();
        const team = await database.inTenant(tenantId, async (transaction) => {
          await insertTeam(transaction, id, tenantId, request.body);
          const created = (await findTeam(transaction, id)) as TeamModel;
          await recordChange(transaction, request, 'team.created', id, { after: created });
          return created;
        });
        return tagged(reply.code(201), team);
      },
    );

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
        const { tenantId } = principalOf(request);
        const { id } = request.params;
        const { parentId } = request.body;
        const team = await database.inTenant(tenantId, async (transaction) => {
          const before = await findTeam(transaction, id, true);
          if (before === undefined) throw notFound('team', id);
          requireMatch(request, etagOf(before));
          if (parentId !== null && (await isWithin(transaction, parentId, id))) throw circle(parentId);
          await updateTeam(transaction, id, tenantId, request.body);
          const after = (await findTeam(transaction, id)) as TeamModel;
          await recordChange(transaction, request, 'team.updated', id, { before, after });
          return after;
        });
        return tagged(reply, team);
      },
    );

    api.delete(
      '/teams/:id',
      {
        config: { permission: 'teams.write' },
        schema: {
          summary: 'Delete a team',
          description:
            'Its members stay; teams within it become top-level, and its queues belong to no team.',
          tags,
          params: IdParams,
          response: { 204: z.null() },
        },
      },
      async (request, reply) => {
        const { id } = request.params;
        await database.inTenant(principalOf(request).tenantId, async (transaction) => {
          const before = await findTeam(transaction, id, true);
          if (before === undefined) throw notFound('team', id);
          requireMatch(request, etagOf(before));
          await deleteTeam(transaction, id);
          await recordChange(transaction, request, 'team.deleted', id, { before });
        });
        return reply.code(204).send(null);
      },
    );
  };
}

function circle(parentId: string): HttpProblem {
  const remedy = 'Choose a team that is not within this one.';
  return new HttpProblem('validation-failed', 'A team cannot lie within itself.', {
    errors: [{ path: 'parentId', value: parentId, message: 'is this team or lies within it', remedy }],
  });
}
