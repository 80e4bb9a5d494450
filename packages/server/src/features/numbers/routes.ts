import {
  EntryNumber,
  type EntryNumber as EntryNumberModel,
  EntryNumberInput,
  EntryNumberPage,
  EntryNumberQuery,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  IdParams,
  notFound,
  principalOf,
  requireMatch,
  type Routes,
  tagged,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { deleteNumber, findNumber, insertNumber, listNumbers, updateNumber } from './repo.ts';

const tags = ['numbers'];

/** Entry points: dialled numbers and what answers them. */
export function numberRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerEditing(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  api.get(
    '/numbers',
    {
      config: { permission: 'numbers.read' },
      schema: {
        summary: 'List numbers',
        tags,
        querystring: EntryNumberQuery,
        response: { 200: EntryNumberPage },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, (transaction) =>
        listNumbers(transaction, request.query),
      ),
  );

  api.get(
    '/numbers/:id',
    {
      config: { permission: 'numbers.read' },
      schema: { summary: 'Read a number', tags, params: IdParams, response: { 200: EntryNumber } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const number = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        findNumber(transaction, id),
      );
      if (number === undefined) throw notFound('number', id);
      return tagged(reply, number);
    },
  );
}

function registerEditing(api: Api, context: ApiContext): void {
  const { database } = context;
  api.post(
    '/numbers',
    {
      config: { permission: 'numbers.write' },
      schema: { summary: 'Add a number', tags, body: EntryNumberInput, response: { 201: EntryNumber } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const id = newId();
      const number = await database.inTenant(tenantId, async (transaction) => {
        await insertNumber(transaction, id, tenantId, request.body);
        const created = (await findNumber(transaction, id)) as EntryNumberModel;
        await recordChange(transaction, request, 'number.created', id, { after: created });
        return created;
      });
      await applyToCentre(context, tenantId);
      return tagged(reply.code(201), number);
    },
  );

  api.put(
    '/numbers/:id',
    {
      config: { permission: 'numbers.write' },
      schema: {
        summary: 'Replace a number',
        tags,
        params: IdParams,
        body: EntryNumberInput,
        response: { 200: EntryNumber },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const number = await database.inTenant(tenantId, async (transaction) => {
        const before = await findNumber(transaction, id, true);
        if (before === undefined) throw notFound('number', id);
        requireMatch(request, etagOf(before));
        await updateNumber(transaction, id, request.body, before);
        const after = (await findNumber(transaction, id)) as EntryNumberModel;
        await recordChange(transaction, request, 'number.updated', id, { before, after });
        return after;
      });
      await applyToCentre(context, tenantId);
      return tagged(reply, number);
    },
  );

  api.delete(
    '/numbers/:id',
    {
      config: { permission: 'numbers.write' },
      schema: { summary: 'Delete a number', tags, params: IdParams, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findNumber(transaction, id, true);
        if (before === undefined) throw notFound('number', id);
        requireMatch(request, etagOf(before));
        await deleteNumber(transaction, id);
        await recordChange(transaction, request, 'number.deleted', id, { before });
      });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}
