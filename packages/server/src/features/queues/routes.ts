import {
  ContactId,
  Queue,
  type Queue as QueueModel,
  QueueAssignInput,
  type QueueEntry,
  QueueEntryAction,
  QueueEntryPage,
  QueueEntryQuery,
  QueueId,
  QueueInput,
  QueuePage,
  QueueQuery,
  QueueStats,
} from '@crosspoint/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  agentWithin,
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  pageOfArray,
  principalOf,
  queueWithin,
  requireCentre,
  type Routes,
  unknownReference,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { assignAgents, createQueue, etagOfQueue, removeQueue, replaceQueue } from './editor.ts';
import { registerHistory } from './history.ts';
import { findQueue, listQueues, type StoredQueue } from './repo.ts';

const tags = ['queues'];
const Params = z.strictObject({ id: QueueId });

/** Queues: what was set, who serves them, and how they stand. */
export function queueRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerEditing(api, context);
    registerLive(api, context);
    registerHistory(api, context);
    registerOverride(api, context);
  };
}

function withStats(context: ApiContext, request: FastifyRequest, queue: StoredQueue): QueueModel {
  const centre = context.centreOf(principalOf(request).tenantId);
  return { ...queue, stats: centre?.queueStats(queue.id) ?? null };
}

function registerReading(api: Api, context: ApiContext): void {
  const { database } = context;
  api.get(
    '/queues',
    {
      config: { permission: 'queues.read' },
      schema: { summary: 'List queues', tags, querystring: QueueQuery, response: { 200: QueuePage } },
    },
    async (request) => {
      const principal = principalOf(request);
      const { teamId: teamIds, ...query } = request.query;
      const filter = { ...query, teamIds, bounds: boundsOf(principal, 'queues.read') };
      const page = await database.inTenant(principal.tenantId, (transaction) =>
        listQueues(transaction, filter),
      );
      return { ...page, items: page.items.map((queue) => withStats(context, request, queue)) };
    },
  );

  api.get(
    '/queues/:id',
    {
      config: { permission: 'queues.read' },
      schema: { summary: 'Read a queue', tags, params: Params, response: { 200: Queue } },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const bounds = boundsOf(principal, 'queues.read');
      const queue = await database.inTenant(principal.tenantId, (transaction) =>
        findQueue(transaction, id, { bounds }),
      );
      if (queue === undefined) throw notFound('queue', id);
      return tagged(reply, queue, withStats(context, request, queue));
    },
  );
}

function tagged(reply: FastifyReply, stored: StoredQueue, queue: QueueModel): QueueModel {
  reply.header('etag', etagOfQueue(stored));
  return queue;
}

function registerEditing(api: Api, context: ApiContext): void {
  api.post(
    '/queues',
    {
      config: { permission: 'queues.write' },
      schema: { summary: 'Add a queue', tags, body: QueueInput, response: { 201: Queue } },
    },
    async (request, reply) => {
      const queue = await createQueue(context, request, request.body);
      return tagged(reply.code(201), queue, withStats(context, request, queue));
    },
  );

  api.put(
    '/queues/:id',
    {
      config: { permission: 'queues.write' },
      schema: {
        summary: 'Replace a queue',
        tags,
        params: Params,
        body: QueueInput,
        response: { 200: Queue },
      },
    },
    async (request, reply) => {
      const queue = await replaceQueue(context, request, request.params.id, request.body);
      return tagged(reply, queue, withStats(context, request, queue));
    },
  );

  api.post(
    '/queues/:id/assign',
    {
      config: { permission: 'queues.write' },
      schema: {
        summary: 'Put agents into a queue and take others out',
        tags,
        params: Params,
        body: QueueAssignInput,
        response: { 200: Queue },
      },
    },
    async (request, reply) => {
      const queue = await assignAgents(context, request, request.params.id, request.body);
      return tagged(reply, queue, withStats(context, request, queue));
    },
  );

  api.delete(
    '/queues/:id',
    {
      config: { permission: 'queues.write' },
      schema: {
        summary: 'Delete a queue',
        description:
          'Refused while something leads to it, somebody waits in it or a callback is promised from it.',
        tags,
        params: Params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await removeQueue(context, request, request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function registerLive(api: Api, { database, centreOf }: ApiContext): void {
  const requireVisible = async (request: FastifyRequest, id: QueueId): Promise<void> => {
    const principal = principalOf(request);
    const bounds = boundsOf(principal, 'queues.live');
    // Figures that are in memory are shown while the database is away, to those whose queues are known.
    const isKnown = bounds.owner === undefined && queueWithin(id, bounds.scope);
    if (isKnown && centreOf(principal.tenantId)?.queueStats(id) !== undefined) return;
    const queue = await database.inTenant(principal.tenantId, (transaction) =>
      findQueue(transaction, id, { bounds }),
    );
    if (queue === undefined) throw notFound('queue', id);
  };

  api.get(
    '/queues/:id/stats',
    {
      config: { permission: 'queues.live' },
      schema: { summary: 'A queue’s figures of today', tags, params: Params, response: { 200: QueueStats } },
    },
    async (request) => {
      await requireVisible(request, request.params.id);
      const stats = centreOf(principalOf(request).tenantId)?.queueStats(request.params.id);
      if (stats !== undefined) return stats;
      throw new HttpProblem(
        'unavailable',
        'The contact centre has not taken this queue up yet. Ask again in a second.',
      );
    },
  );

  api.get(
    '/queues/:id/entries',
    {
      config: { permission: 'queues.live' },
      schema: {
        summary: 'Who waits in a queue, in order',
        tags,
        params: Params,
        querystring: QueueEntryQuery,
        response: { 200: QueueEntryPage },
      },
    },
    async (request) => {
      await requireVisible(request, request.params.id);
      const { limit, cursor, ...filter } = request.query;
      const entries = centreOf(principalOf(request).tenantId)?.queueEntries(request.params.id) ?? [];
      const asked = entries.filter((entry) => isAsked(entry, filter));
      return pageOfArray(asked, (entry) => entry.entryId, { limit, cursor });
    },
  );
}

function isAsked(
  entry: QueueEntry,
  {
    search = '',
    status,
    direction,
    priority,
    contactId,
  }: Omit<z.output<typeof QueueEntryQuery>, 'limit' | 'cursor'>,
): boolean {
  const text = search.toLowerCase();
  return (
    (entry.callerPhone.includes(text) || entry.callerName.toLowerCase().includes(text)) &&
    (status === undefined || entry.status === status) &&
    (direction === undefined || entry.direction === direction) &&
    (priority === undefined || entry.priority === priority) &&
    (contactId === undefined || entry.contactId === contactId)
  );
}

/** What a supervisor does with one contact that waits; the contact is named by its id, which stays when it is moved. */
function registerOverride(api: Api, context: ApiContext): void {
  api.post(
    '/queues/:id/entries/:contactId',
    {
      config: { permission: 'queues.override' },
      schema: {
        summary: 'Move, reprioritise, assign or remove a contact that waits',
        tags,
        params: z.strictObject({ id: QueueId, contactId: ContactId }),
        body: QueueEntryAction,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { id, contactId } = request.params;
      const { body } = request;
      const bounds = boundsOf(principal, 'queues.override');
      const centre = requireCentre(context, principal.tenantId);
      const queue = await context.database.inTenant(principal.tenantId, (transaction) =>
        findQueue(transaction, id, { bounds }),
      );
      if (queue === undefined) throw notFound('queue', id);
      // To move a contact is to transfer it, which leads anywhere; to assign it is to command an agent.
      if (body.action === 'assign' && !agentWithin(body.agentId, bounds.scope))
        throw unknownReference('agentId', body.agentId, 'agent');
      const result = centre.overrideEntry(id, contactId, body, {
        kind: 'supervisor',
        userId: principal.userId,
      });
      if (!result.ok) {
        if (body.action === 'move' && result.code === 'queue-unknown')
          throw unknownReference('queueId', body.queueId, 'queue');
        if (body.action === 'assign' && result.code === 'agent-unknown')
          throw unknownReference('agentId', body.agentId, 'agent');
        const isElsewhere = result.code === 'not-waiting';
        throw new HttpProblem(isElsewhere ? 'not-waiting' : 'command-refused', result.detail, {
          reason: result.code,
        });
      }
      await context.database.inTenant(principal.tenantId, (transaction) =>
        recordChange(transaction, request, `queue-entry.${body.action}`, contactId, {
          before: { queueId: id },
          after: body,
        }),
      );
      return reply.code(204).send(null);
    },
  );
}
