import {
  Callback,
  CallbackAction,
  CallbackId,
  CallbackInput,
  CallbackPage,
  CallbackQuery,
} from '@crosspoint/contracts';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  inThePast,
  notFound,
  principalOf,
  requireCentre,
  type Routes,
  unknownReference,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { findCallback, isQueueVisible, listCallbacks } from './repo.ts';

const tags = ['callbacks'];
const Params = z.strictObject({ id: CallbackId });

/** Calls that were promised to customers. */
export function callbackRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerWriting(api, context);
  };
}

async function visible(
  { database }: ApiContext,
  request: FastifyRequest,
  id: CallbackId,
  permission: 'callbacks.read' | 'callbacks.write',
): Promise<Callback> {
  const principal = principalOf(request);
  const bounds = boundsOf(principal, permission);
  const callback = await database.inTenant(principal.tenantId, (transaction) =>
    findCallback(transaction, id, bounds),
  );
  if (callback === undefined) throw notFound('callback', id);
  return callback;
}

function registerReading(api: Api, context: ApiContext): void {
  api.get(
    '/callbacks',
    {
      config: { permission: 'callbacks.read' },
      schema: {
        summary: 'List callbacks',
        tags,
        querystring: CallbackQuery,
        response: { 200: CallbackPage },
      },
    },
    (request) => {
      const principal = principalOf(request);
      const bounds = boundsOf(principal, 'callbacks.read');
      return context.database.inTenant(principal.tenantId, (transaction) =>
        listCallbacks(transaction, request.query, bounds),
      );
    },
  );

  api.get(
    '/callbacks/:id',
    {
      config: { permission: 'callbacks.read' },
      schema: { summary: 'Read a callback', tags, params: Params, response: { 200: Callback } },
    },
    (request) => visible(context, request, request.params.id, 'callbacks.read'),
  );
}

function registerWriting(api: Api, context: ApiContext): void {
  const { database } = context;
  api.post(
    '/callbacks',
    {
      config: { permission: 'callbacks.write' },
      schema: {
        summary: 'Promise a customer a call at a time',
        tags,
        body: CallbackInput,
        response: { 201: Callback },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { queueId } = request.body;
      const bounds = boundsOf(principal, 'callbacks.write');
      const isVisible = await database.inTenant(principal.tenantId, (transaction) =>
        isQueueVisible(transaction, queueId, bounds),
      );
      if (!isVisible) throw unknownReference('queueId', queueId, 'queue');
      refusePast(context, request.body.at);
      const result = await requireCentre(context, principal.tenantId).scheduleCallback(request.body);
      if (!result.ok) throw refused(result.reason, request.body.number);
      const callback = await visible(context, request, result.id, 'callbacks.write');
      await database.inTenant(principal.tenantId, (transaction) =>
        recordChange(transaction, request, 'callback.created', callback.id, { after: callback }),
      );
      return reply.code(201).send(callback);
    },
  );

  api.post(
    '/callbacks/:id',
    {
      config: { permission: 'callbacks.write' },
      schema: {
        summary: 'Call now, put off or cancel a callback',
        tags,
        params: Params,
        body: CallbackAction,
        response: { 200: Callback },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const before = await visible(context, request, id, 'callbacks.write');
      if (request.body.action === 'reschedule') refusePast(context, request.body.at);
      const result = await requireCentre(context, tenantId).commandCallback(id, request.body);
      if (!result.ok) throw refused(result.reason);
      const after = await visible(context, request, id, 'callbacks.write');
      await database.inTenant(tenantId, (transaction) =>
        recordChange(transaction, request, `callback.${request.body.action}`, id, { before, after }),
      );
      return after;
    },
  );
}

/** Clocks of callers may be slow, and who chooses the present minute means now. */
const lateMsMax = 120_000;

function refusePast({ now }: ApiContext, at: string): void {
  if (Date.parse(at) < now() - lateMsMax) throw inThePast('at', at);
}

const sentences: Readonly<Record<string, string>> = {
  'unknown-callback': 'The callback has ended. Promise a new one.',
  'in-progress': 'The callback is being made already.',
  duplicate: 'This number has an open callback in this queue already. Change that one.',
  'too-many': 'There are as many open callbacks as there may be. Cancel some of them.',
  'unknown-queue': 'The contact centre has not taken this queue up yet. Try again in a second.',
  'database-away': 'The database does not answer, so that the callback could not be kept. Try again soon.',
};

function refused(reason: string, number = ''): HttpProblem {
  const noRoute = `No trunk takes calls to ${number}. Look at the prefixes of the trunks.`;
  const detail = reason === 'no-route' ? noRoute : (sentences[reason] ?? `It is refused: ${reason}.`);
  return new HttpProblem('command-refused', detail, { reason });
}
