import {
  Voicemail,
  VoicemailBox,
  VoicemailBoxInput,
  VoicemailBoxPage,
  VoicemailChange,
  VoicemailId,
  VoicemailPage,
  VoicemailQuery,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  notFound,
  ownerFilter,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { namedRoutes } from '../named/index.ts';
import { readUses, usersIn, usersWords } from '../references/index.ts';
import { boxNames, boxOf } from './boxes.ts';
import { countMessages, deleteMessage, findMessage, listMessages, markHeard } from './repo.ts';

const tags = ['voicemails'];
const Params = z.strictObject({ id: VoicemailId });

/** Messages that callers left, and the boxes that hold them. */
export function voicemailRoutes(context: ApiContext): Routes {
  const boxes = namedRoutes(context, {
    ...{ table: 'voicemail_boxes', path: '/voicemail-boxes', subject: 'voicemail-box', tag: 'voicemails' },
    permissions: { read: 'voicemails.read', write: 'voicemails.write' },
    ...{ input: VoicemailBoxInput, item: VoicemailBox, page: VoicemailBoxPage },
    own: (userId) => boxNames('settings', userId),
    usedBy: async (transaction, name) => {
      const words = usersWords(usersIn(await readUses(transaction), { kind: 'voicemail-box', name }));
      return words && `Callers still come to the box "${name}" from ${words}. Change that first.`;
    },
    show: async (transaction, rows) => {
      const counts = await countMessages(transaction);
      return rows.map((row) => ({
        ...{ id: row.id, unheard: 0, messages: 0 },
        ...boxOf(row),
        ...counts.get(row.id),
      }));
    },
  });
  return async (api) => {
    await boxes(api);
    registerReading(api, context);
    registerChange(api, context);
    registerDeletion(api, context);
  };
}

function registerReading(api: Api, { database }: ApiContext): void {
  const config = { permission: 'voicemails.read' } as const;
  api.get(
    '/voicemails',
    {
      config,
      schema: {
        summary: 'List messages, newest first unless asked otherwise',
        description:
          'Who reaches only the own sees the boxes that name them. The sound is that of the recording: `GET /recordings/{recordingId}/download`.',
        ...{ tags, querystring: VoicemailQuery, response: { 200: VoicemailPage } },
      },
    },
    (request) => {
      const principal = principalOf(request);
      const owner = ownerFilter(principal, 'voicemails.read');
      return database.inTenant(principal.tenantId, (transaction) =>
        listMessages(transaction, request.query, owner),
      );
    },
  );
  api.get(
    '/voicemails/:id',
    { config, schema: { summary: 'Read a message', tags, params: Params, response: { 200: Voicemail } } },
    async (request) => {
      const { id } = request.params;
      const principal = principalOf(request);
      const owner = ownerFilter(principal, 'voicemails.read');
      const message = await database.inTenant(principal.tenantId, (transaction) =>
        findMessage(transaction, id, owner),
      );
      if (message === undefined) throw notFound('voicemail', id);
      return message;
    },
  );
}

function registerChange(api: Api, { database, now, centreOf }: ApiContext): void {
  api.put(
    '/voicemails/:id',
    {
      config: { permission: 'voicemails.write' },
      schema: {
        summary: 'Mark a message as heard, or as not heard',
        ...{ tags, params: Params, body: VoicemailChange, response: { 200: Voicemail } },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { tenantId, userId } = principal;
      const owner = ownerFilter(principal, 'voicemails.write');
      const { id } = request.params;
      const { heard } = request.body;
      const changed = await database.inTenant(tenantId, async (transaction) => {
        const before = await findMessage(transaction, id, owner);
        if (before === undefined) throw notFound('voicemail', id);
        await markHeard(transaction, id, heard ? { at: new Date(now()), by: userId } : null);
        const change = { before: { heard: before.heardAt !== null }, after: { heard } };
        await recordChange(transaction, request, 'voicemail.updated', id, change);
        return (await findMessage(transaction, id, owner)) ?? before;
      });
      centreOf(tenantId)?.messagesChanged();
      return changed;
    },
  );
}

function registerDeletion(api: Api, { database, now, centreOf }: ApiContext): void {
  api.delete(
    '/voicemails/:id',
    {
      config: { permission: 'voicemails.write' },
      schema: {
        summary: 'Delete a message; its recording stays with the contact',
        ...{ tags, params: Params, response: { 204: z.null() } },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const principal = principalOf(request);
      const { tenantId } = principal;
      const owner = ownerFilter(principal, 'voicemails.write');
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findMessage(transaction, id, owner);
        if (before === undefined) throw notFound('voicemail', id);
        await deleteMessage(transaction, id, new Date(now()));
        const { box, callerPhone, at } = before;
        await recordChange(transaction, request, 'voicemail.deleted', id, {
          before: { box, callerPhone, at },
        });
      });
      centreOf(tenantId)?.messagesChanged();
      return reply.code(204).send(null);
    },
  );
}
