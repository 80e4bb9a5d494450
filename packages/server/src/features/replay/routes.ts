import {
  Replay,
  ReplayDifferencePage,
  ReplayDifferenceQuery,
  type ReplayId,
  ReplayInput,
  replaySpanDaysMax,
} from '@crosspoint/contracts';
import type { z } from 'zod';
import {
  type Api,
  type ApiContext,
  HttpProblem,
  IdParams,
  notFound,
  pageOfArray,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { newId } from '../../platform/index.ts';
import { recordChange } from '../audit/index.ts';
import { flowReplay } from './flows.ts';
import { idsWithin, type Within } from './past.ts';
import { Replays } from './replays.ts';
import { rulesReplay } from './rules.ts';

const tags = ['routing'];
const write = { config: { permission: 'routing.write' as const } };
const read = { config: { permission: 'routing.read' as const } };
const dayMs = 86_400_000;
const path = '/routing/replays';

/** Contacts of the past against a draft of the rules or of a flow. */
export function replayRoutes(context: ApiContext): Routes {
  const replays = new Replays(context.now, context.log);
  return (api) => {
    registerBegin(api, context, replays);
    registerReading(api, context, replays);
  };
}

function registerBegin(api: Api, { database, now }: ApiContext, replays: Replays): void {
  api.post(
    path,
    {
      ...write,
      schema: {
        summary: 'Begin to replay contacts of the past against a draft',
        description:
          'Of the last seven days unless from and to say otherwise. One at a time; it goes on in the background and steps back for calls.',
        tags,
        body: ReplayInput,
        response: { 202: Replay },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { subject, contactsMax } = request.body;
      const within: Within = (work) => database.inTenant(tenantId, work);
      const span = spanOf(request.body, now());
      const source =
        'flow' in subject
          ? await flowReplay(within, subject.flow, { type: 'flow.started', ...span })
          : await rulesReplay(within, { type: 'routing.decided', flow: null, ...span });
      const id = newId() as ReplayId;
      const replay = replays.begin({ id, tenantId, subject, contactsMax }, source, within);
      await within((transaction) =>
        recordChange(transaction, request, 'replay.begun', id, { after: { subject, contactsMax } }),
      );
      return reply.code(202).send(replay);
    },
  );
  api.post(
    `${path}/:id/cancel`,
    {
      ...write,
      schema: {
        summary: 'End a replay early',
        description: 'What was found so far stays.',
        tags,
        params: IdParams,
        response: { 200: Replay },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const replay = replays.cancel(tenantId, id);
      if (replay === undefined) throw notFound('replay', id);
      await database.inTenant(tenantId, (transaction) =>
        recordChange(transaction, request, 'replay.cancelled', id, { after: { done: replay.done } }),
      );
      return replay;
    },
  );
}

function registerReading(api: Api, { database }: ApiContext, replays: Replays): void {
  api.get(
    `${path}/:id`,
    {
      ...read,
      schema: {
        summary: 'Read how far a replay is and what changes',
        tags,
        params: IdParams,
        response: { 200: Replay },
      },
    },
    async (request) => {
      const replay = replays.find(principalOf(request).tenantId, request.params.id);
      if (replay === undefined) throw notFound('replay', request.params.id);
      return replay;
    },
  );
  api.get(
    `${path}/:id/differences`,
    {
      ...read,
      schema: {
        summary: 'List the contacts that a draft treats differently',
        description:
          'The earliest first; with `move` those of one move of the list. Contacts of other teams are only counted.',
        tags,
        params: IdParams,
        querystring: ReplayDifferenceQuery,
        response: { 200: ReplayDifferencePage },
      },
    },
    async (request) => {
      const { move, ...page } = request.query;
      const { tenantId, scope } = principalOf(request);
      const all = replays.differences(tenantId, request.params.id, move);
      if (all === undefined) throw notFound('replay', request.params.id);
      const ids = all.map(({ contactId }) => contactId);
      const within = await database.inTenant(tenantId, (transaction) => idsWithin(transaction, ids, scope));
      const list = all.filter(({ contactId }) => within.has(contactId));
      return pageOfArray(list, ({ contactId, at }) => `${contactId} ${at}`, page);
    },
  );
}

function spanOf({ from, to }: z.output<typeof ReplayInput>, nowMs: number): { fromMs: number; toMs: number } {
  const toMs = to === undefined ? nowMs : Date.parse(to);
  const fromMs = from === undefined ? toMs - 7 * dayMs : Date.parse(from);
  if (fromMs < toMs && toMs - fromMs <= replaySpanDaysMax * dayMs) return { fromMs, toMs };
  const message = `is not before its end, or more than ${replaySpanDaysMax} days before it`;
  const remedy = `Choose a time of at most ${replaySpanDaysMax} days.`;
  const error = { path: 'from', value: new Date(fromMs).toISOString(), message, remedy };
  throw new HttpProblem('validation-failed', 'The time to replay is no time, or too long.', {
    errors: [error],
  });
}
