import {
  CoachingNote,
  CoachingNoteChange,
  CoachingNoteId,
  CoachingNoteInput,
  CoachingPage,
  CoachingQuery,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  etagOf,
  notFound,
  ownerFilter,
  type Principal,
  principalOf,
  requireMatch,
  type Routes,
  tagged,
  unknownReference,
} from '../../http/index.ts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { agentsInScope } from '../teams/index.ts';
import {
  deleteNote,
  findNote,
  insertNote,
  isAgent,
  isContact,
  listCoaching,
  type Sight,
  updateNote,
} from './repo.ts';

const tags = ['coaching'];
const Params = z.strictObject({ id: CoachingNoteId });
const write = { permission: 'coaching.write' } as const;

/** What supervisors write about agents, and when they took part in their conversations. */
export function coachingRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerCreation(api, context);
    registerChange(api, context);
    registerDeletion(api, context);
  };
}

/** Agents see what is shared with them; others what is about their teams. */
function sightOf(principal: Principal): Sight {
  const about = ownerFilter(principal, 'coaching.read');
  return about === undefined ? { agents: agentsInScope(principal) } : { about };
}

async function requireNote(
  transaction: DatabaseTransaction,
  request: FastifyRequest<{ Params: { id: CoachingNoteId } }>,
  lock = false,
): Promise<CoachingNote> {
  const { id } = request.params;
  const note = await findNote(transaction, id, sightOf(principalOf(request)), lock);
  if (note === undefined) throw notFound('coaching note', id);
  return note;
}

function registerReading(api: Api, { database }: ApiContext): void {
  const config = { permission: 'coaching.read' } as const;
  api.get(
    '/coaching',
    {
      config,
      schema: {
        summary: 'List notes and interventions, newest first unless asked otherwise',
        description:
          'Interventions come from the facts of contacts. An agent sees the notes that are shared.',
        ...{ tags, querystring: CoachingQuery, response: { 200: CoachingPage } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      return database.inTenant(principal.tenantId, async (transaction) =>
        listCoaching(transaction, request.query, sightOf(principal)),
      );
    },
  );
  api.get(
    '/coaching-notes/:id',
    { config, schema: { summary: 'Read a note', tags, params: Params, response: { 200: CoachingNote } } },
    async (request, reply) =>
      tagged(
        reply,
        await database.inTenant(principalOf(request).tenantId, (transaction) =>
          requireNote(transaction, request),
        ),
      ),
  );
}

function registerCreation(api: Api, { database, now }: ApiContext): void {
  api.post(
    '/coaching-notes',
    {
      config: write,
      schema: {
        summary: 'Write a note about an agent',
        ...{ tags, body: CoachingNoteInput, response: { 201: CoachingNote } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenantId, userId: authorId } = principal;
      const { agentId, contactId } = request.body;
      const id = newId();
      const note = await database.inTenant(tenantId, async (transaction) => {
        const { agents } = sightOf(principal);
        if (agents?.includes(agentId) === false || !(await isAgent(transaction, agentId)))
          throw unknownReference('agentId', agentId, 'agent of yours');
        if (contactId !== null && !(await isContact(transaction, contactId)))
          throw unknownReference('contactId', contactId, 'contact');
        await insertNote(transaction, { ...request.body, id, tenantId, authorId, at: new Date(now()) });
        await recordChange(transaction, request, 'coaching-note.created', id, { after: request.body });
        return (await findNote(transaction, id, {})) as CoachingNote;
      });
      return tagged(reply.code(201), note);
    },
  );
}

function registerChange(api: Api, { database, now }: ApiContext): void {
  api.put(
    '/coaching-notes/:id',
    {
      config: write,
      schema: {
        summary: 'Change a note, or say that its follow-up is done',
        ...{ tags, params: Params, body: CoachingNoteChange, response: { 200: CoachingNote } },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { done, ...fields } = request.body;
      const note = await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const before = await requireNote(transaction, request, true);
        requireMatch(request, etagOf(before));
        const at = new Date(now());
        const doneAt = done ? new Date(before.doneAt ?? at) : null;
        await updateNote(transaction, id, { ...fields, doneAt, at });
        const after = (await findNote(transaction, id, {})) as CoachingNote;
        await recordChange(transaction, request, 'coaching-note.updated', id, { before, after });
        return after;
      });
      return tagged(reply, note);
    },
  );
}

function registerDeletion(api: Api, { database }: ApiContext): void {
  api.delete(
    '/coaching-notes/:id',
    {
      config: write,
      schema: { summary: 'Delete a note', tags, params: Params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { id } = request.params;
      await database.inTenant(principalOf(request).tenantId, async (transaction) => {
        const before = await requireNote(transaction, request, true);
        requireMatch(request, etagOf(before));
        await deleteNote(transaction, id);
        await recordChange(transaction, request, 'coaching-note.deleted', id, { before });
      });
      return reply.code(204).send(null);
    },
  );
}
