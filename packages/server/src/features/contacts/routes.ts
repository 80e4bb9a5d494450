import {
  Contact,
  type Contact as ContactModel,
  ContactExplanation,
  type ContactFact,
  ContactId,
  ContactPage,
  ContactQuery,
  PageQuery,
  type TenantId,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  type Bounds,
  boundsOf,
  HttpProblem,
  notFound,
  principalOf,
  queueWithin,
  type Routes,
} from '../../http/index.ts';
import { recordingsOfContact } from '../recordings/index.ts';
import { registerAnnotations } from './annotation-routes.ts';
import { registerCallRoutes } from './call-routes.ts';
import { explanationOf } from './explanation.ts';
import { mentioned, summaryOf, timelineFact } from './model.ts';
import { boundsOfContact } from './own.ts';
import { type ContactRow, findContact, listContacts, listEarlier, listFacts, namesOf } from './repo.ts';

const tags = ['contacts'];
const Params = z.strictObject({ id: ContactId });

/** Every contact with its one timeline, and the calls that are up. */
export function contactRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerEarlier(api, context);
    registerExplanation(api, context);
    registerAnnotations(api, context);
    registerCallRoutes(api, context);
  };
}

function registerReading(api: Api, context: ApiContext): void {
  const { database } = context;
  const liveFacts = (tenantId: TenantId, row: ContactRow): ContactFact[] | undefined =>
    row.closed_at === null ? context.centreOf(tenantId)?.liveFacts(row.id as ContactId) : undefined;

  const readContact = (
    id: ContactId,
    tenantId: TenantId,
    bounds: Bounds,
  ): Promise<ContactModel | undefined> =>
    database.inTenant(tenantId, async (transaction) => {
      const row = await findContact(transaction, id, bounds);
      if (row === undefined) return undefined;
      const facts = liveFacts(tenantId, row) ?? (await listFacts(transaction, id));
      const names = await namesOf(transaction, mentioned([row], facts));
      const recordings = await recordingsOfContact(transaction, id);
      const calls = (context.centreOf(tenantId)?.calls() ?? []).filter((call) => call.contactId === id);
      return {
        // Of a contact that is over, the facts tell the same as the row; told from them, nothing can differ.
        ...summaryOf(row, facts, names),
        timeline: facts.map(timelineFact),
        recordings,
        calls,
        names: Object.fromEntries(names),
      };
    });

  api.get(
    '/contacts',
    {
      config: { permission: 'contacts.read' },
      schema: {
        summary: 'List contacts, newest first unless asked otherwise',
        tags,
        querystring: ContactQuery,
        response: { 200: ContactPage },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const bounds = boundsOf(principal, 'contacts.read');
      return database.inTenant(principal.tenantId, async (transaction) => {
        const page = await listContacts(transaction, request.query, bounds);
        const facts = new Map(page.items.map((row) => [row.id, liveFacts(principal.tenantId, row)]));
        const open = [...facts.values()].flatMap((each) => each ?? []);
        const names = await namesOf(transaction, mentioned(page.items, open));
        return { ...page, items: page.items.map((row) => summaryOf(row, facts.get(row.id), names)) };
      });
    },
  );

  api.get(
    '/contacts/:id',
    {
      config: { permission: 'contacts.read' },
      schema: {
        summary: 'Read a contact with its timeline',
        tags,
        params: Params,
        response: { 200: Contact },
      },
    },
    async (request): Promise<ContactModel> => {
      const principal = principalOf(request);
      const { id } = request.params;
      const bounds = boundsOfContact(context, principal, 'contacts.read', id);
      const centre = context.centreOf(principal.tenantId);
      const read = () => readContact(id, principal.tenantId, bounds);
      const contact = await read();
      if (contact !== undefined) return contact;
      // The stream tells of a contact before its facts are stored, by which it is there, and the own. They may also have been
      // stored since the look above.
      await centre?.stored(id);
      const stored = await read();
      if (stored === undefined) throw notFound('contact', id);
      return stored;
    },
  );
}

function registerEarlier(api: Api, context: ApiContext): void {
  api.get(
    '/contacts/:id/earlier',
    {
      config: { permission: 'contacts.read' },
      schema: {
        summary: 'Earlier contacts with the same customer, newest first, whoever had them',
        description: 'Who may read the contact may know what was before: an agent too, from the offer on.',
        tags,
        params: Params,
        querystring: PageQuery,
        response: { 200: ContactPage },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { id } = request.params;
      const bounds = boundsOfContact(context, principal, 'contacts.read', id);
      return context.database.inTenant(principal.tenantId, async (transaction) => {
        const row = await findContact(transaction, id, bounds);
        if (row === undefined) throw notFound('contact', id);
        const page = await listEarlier(transaction, row, request.query);
        const names = await namesOf(transaction, mentioned(page.items));
        return { ...page, items: page.items.map((earlier) => summaryOf(earlier, undefined, names)) };
      });
    },
  );
}

function registerExplanation(api: Api, context: ApiContext): void {
  api.get(
    '/contacts/:id/explain',
    {
      config: { permission: 'contacts.explain' },
      schema: {
        summary: 'Why a contact still waits: each agent of the queue and what speaks against an offer',
        tags,
        params: Params,
        response: { 200: ContactExplanation },
      },
    },
    (request) => explain(context, request, request.params.id),
  );
}

async function explain(
  context: ApiContext,
  request: FastifyRequest,
  id: ContactId,
): Promise<ContactExplanation> {
  const { database, centreOf, now } = context;
  const principal = principalOf(request);
  const found = centreOf(principal.tenantId)?.explainWait(id);
  const bounds = boundsOfContact(context, principal, 'contacts.explain', id);
  const isWithin = found !== undefined && queueWithin(found.entry.queueId, bounds.scope);
  return database.inTenant(principal.tenantId, async (transaction) => {
    if (!isWithin && (await findContact(transaction, id, bounds)) === undefined)
      throw notFound('contact', id);
    if (found === undefined) {
      const detail = 'The contact waits in no queue now. Its timeline tells what happened.';
      throw new HttpProblem('not-waiting', detail);
    }
    const { entry, agents, step } = found;
    const ids = {
      agents: new Set<string>([...agents.map(({ agentId }) => agentId), ...(step.agentIds ?? [])]),
      queues: new Set<string>([entry.queueId]),
    };
    return explanationOf(found, await namesOf(transaction, ids), now());
  });
}
