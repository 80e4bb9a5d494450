import {
  ReasonCode,
  type ReasonCode as ReasonCodeModel,
  ReasonCodeInput,
  ReasonCodeName,
  ReasonCodePage,
  ReasonCodeQuery,
  ReasonCodeUpdate,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  etagOf,
  notFound,
  pageOfArray,
  principalOf,
  requireMatch,
  tagged,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import {
  deleteReasonCode,
  findReasonCode,
  insertReasonCode,
  listReasonCodes,
  updateReasonCode,
} from './reason-codes.ts';

const tags = ['agents'];
const Params = z.strictObject({ code: ReasonCodeName });
const readOptions = { permission: 'reason-codes.read' } as const;
const writeOptions = { permission: 'reason-codes.write' } as const;

/** The reasons that agents give for a break or for being offline. */
export function registerReasonCodes(api: Api, context: ApiContext): void {
  registerReading(api, context);
  registerAdding(api, context);
  registerChanging(api, context);
}

function registerReading(api: Api, { database }: ApiContext): void {
  api.get(
    '/reason-codes',
    {
      config: readOptions,
      schema: {
        summary: 'List reason codes',
        ...{ tags, querystring: ReasonCodeQuery, response: { 200: ReasonCodePage } },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { limit, cursor, ...wanted } = request.query;
      const codes = await database.inTenant(tenantId, (transaction) => listReasonCodes(transaction, wanted));
      return pageOfArray(codes, ({ code }) => code, { limit, cursor });
    },
  );

  api.get(
    '/reason-codes/:code',
    {
      config: readOptions,
      schema: { summary: 'Read a reason code', tags, params: Params, response: { 200: ReasonCode } },
    },
    async (request, reply) => {
      const { code } = request.params;
      const found = await database.inTenant(principalOf(request).tenantId, (transaction) =>
        findReasonCode(transaction, code),
      );
      if (found === undefined) throw notFound('reason code', code);
      return tagged(reply, found);
    },
  );
}

function registerAdding(api: Api, context: ApiContext): void {
  const { database } = context;
  api.post(
    '/reason-codes',
    {
      config: writeOptions,
      schema: { summary: 'Add a reason code', tags, body: ReasonCodeInput, response: { 201: ReasonCode } },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const created: ReasonCodeModel = request.body;
      await database.inTenant(tenantId, async (transaction) => {
        await insertReasonCode(transaction, tenantId, created);
        await recordChange(transaction, request, 'reason-code.created', created.code, { after: created });
      });
      await applyToCentre(context, tenantId);
      reply.code(201).header('etag', etagOf(created));
      return created;
    },
  );
}

function registerChanging(api: Api, context: ApiContext): void {
  const { database } = context;
  api.put(
    '/reason-codes/:code',
    {
      config: writeOptions,
      schema: {
        summary: 'Replace a reason code',
        tags,
        params: Params,
        body: ReasonCodeUpdate,
        response: { 200: ReasonCode },
      },
    },
    async (request, reply) => {
      const { code } = request.params;
      const { tenantId } = principalOf(request);
      const after: ReasonCodeModel = { code, ...request.body };
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findReasonCode(transaction, code, true);
        if (before === undefined) throw notFound('reason code', code);
        requireMatch(request, etagOf(before));
        await updateReasonCode(transaction, after);
        await recordChange(transaction, request, 'reason-code.updated', code, { before, after });
      });
      await applyToCentre(context, tenantId);
      return tagged(reply, after);
    },
  );

  api.delete(
    '/reason-codes/:code',
    {
      config: writeOptions,
      schema: { summary: 'Delete a reason code', tags, params: Params, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { code } = request.params;
      const { tenantId } = principalOf(request);
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findReasonCode(transaction, code, true);
        if (before === undefined) throw notFound('reason code', code);
        requireMatch(request, etagOf(before));
        await deleteReasonCode(transaction, code);
        await recordChange(transaction, request, 'reason-code.deleted', code, { before });
      });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}
