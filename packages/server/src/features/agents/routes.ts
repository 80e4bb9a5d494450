import {
  Agent,
  AgentId,
  AgentInput,
  AgentLivePage,
  AgentLiveQuery,
  AgentPage,
  AgentQuery,
  AgentUpdate,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  agentWithin,
  type Api,
  type ApiContext,
  boundsOf,
  notFound,
  pageOfArray,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { registerDeviceRoutes } from './device-routes.ts';
import { createAgent, removeAgent, replaceAgent } from './editor.ts';
import { agentOf, etagOfAgent } from './model.ts';
import { agentIdsOfTeams, findProfile, listProfiles } from './repo.ts';
import { requireAgentWithin } from './scope.ts';
import { registerStatusRoutes } from './status-routes.ts';

const tags = ['agents'];
const Params = z.strictObject({ id: AgentId });

/** People who take calls: profile, status, devices. */
export function agentRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerEditing(api, context);
    registerStatusRoutes(api, context);
    registerDeviceRoutes(api, context);
  };
}

function registerReading(api: Api, { database, centreOf }: ApiContext): void {
  api.get(
    '/agents',
    {
      config: { permission: 'agents.read' },
      schema: { summary: 'List agents', tags, querystring: AgentQuery, response: { 200: AgentPage } },
    },
    async (request) => {
      const principal = principalOf(request);
      const { query } = request;
      const centre = centreOf(principal.tenantId);
      const { owner, scope } = boundsOf(principal, 'agents.read');
      const people = owner === undefined ? scope?.agentIds : [owner];
      let only = people && ([...people] as AgentId[]);
      if (query.status !== undefined || query.activity !== undefined) {
        const { status, activity } = query;
        const asked = only && new Set(only);
        only = (centre?.agentsAtWork() ?? [])
          .filter((agent) => asked?.has(agent.id) !== false)
          .filter((agent) => status === undefined || status.includes(agent.status))
          .filter((agent) => activity === undefined || activity.includes(agent.activity))
          .map((agent) => agent.id);
      }
      const page = await database.inTenant(principal.tenantId, (transaction) =>
        listProfiles(transaction, query, only),
      );
      return { ...page, items: page.items.map((profile) => agentOf(profile, centre?.agent(profile.id))) };
    },
  );

  api.get(
    '/agents/live-status',
    {
      config: { permission: 'agents.read' },
      schema: {
        summary: 'What every agent does at this moment',
        tags,
        querystring: AgentLiveQuery,
        response: { 200: AgentLivePage },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { queueId, teamId } = request.query;
      const { owner, scope } = boundsOf(principal, 'agents.read');
      const team =
        teamId === undefined
          ? undefined
          : await database.inTenant(principal.tenantId, (transaction) =>
              agentIdsOfTeams(transaction, teamId),
            );
      const centre = centreOf(principal.tenantId);
      const agents = (centre?.agentsAtWork() ?? [])
        .filter((agent) => owner === undefined || agent.id === (owner as string))
        .filter((agent) => agentWithin(agent.id, scope))
        .filter((agent) => queueId === undefined || agent.queueIds.some((id) => queueId.includes(id)))
        .filter((agent) => team === undefined || team.has(agent.id))
        .toSorted((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
      const page = pageOfArray(agents, (agent) => agent.id, request.query);
      return { ...page, items: page.items.flatMap(({ id }) => centre?.agent(id) ?? []) };
    },
  );

  api.get(
    '/agents/:id',
    {
      config: { permission: 'agents.read' },
      schema: { summary: 'Read an agent', tags, params: Params, response: { 200: Agent } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      requireAgentWithin(boundsOf(principal, 'agents.read'), id);
      const profile = await database.inTenant(principal.tenantId, (transaction) =>
        findProfile(transaction, id),
      );
      if (profile === undefined) throw notFound('agent', id);
      reply.header('etag', etagOfAgent(profile));
      return agentOf(profile, centreOf(principal.tenantId)?.agent(id));
    },
  );
}

function registerEditing(api: Api, context: ApiContext): void {
  const live = (tenantId: Parameters<ApiContext['centreOf']>[0], id: AgentId) =>
    context.centreOf(tenantId)?.agent(id);

  api.post(
    '/agents',
    {
      config: { permission: 'agents.write' },
      schema: { summary: 'Add an agent, and the user', tags, body: AgentInput, response: { 201: Agent } },
    },
    async (request, reply) => {
      const profile = await createAgent(context, request, request.body);
      reply.code(201).header('etag', etagOfAgent(profile));
      return agentOf(profile, live(principalOf(request).tenantId, profile.id));
    },
  );

  api.put(
    '/agents/:id',
    {
      config: { permission: 'agents.write' },
      schema: {
        summary: 'Replace an agent; makes one of a user who was none',
        tags,
        params: Params,
        body: AgentUpdate,
        response: { 200: Agent },
      },
    },
    async (request, reply) => {
      const profile = await replaceAgent(context, request, request.params.id, request.body);
      reply.header('etag', etagOfAgent(profile));
      return agentOf(profile, live(principalOf(request).tenantId, profile.id));
    },
  );

  api.delete(
    '/agents/:id',
    {
      config: { permission: 'agents.write' },
      schema: {
        summary: 'Take the agent profile from a user, who stays',
        tags,
        params: Params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeAgent(context, request, request.params.id);
      return reply.code(204).send(null);
    },
  );
}
