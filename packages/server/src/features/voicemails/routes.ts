import {
  Voicemail,
  VoicemailBox,
  type VoicemailBoxId,
  VoicemailBoxInput,
  VoicemailBoxPage,
  VoicemailChange,
  VoicemailDirectory,
  VoicemailForward,
  VoicemailId,
  VoicemailPage,
  VoicemailQuery,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  principalOf,
  type Routes,
  unknownReference,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { allNamed, findNamed, namedRoutes } from '../named/index.ts';
import { numbersTo } from '../numbers/index.ts';
import { inUse, readUses, usersIn } from '../references/index.ts';
import { boxNames, boxOf, boxWithin } from './boxes.ts';
import { boxesWithPin, registerPins } from './pins.ts';
import {
  archiveMessage,
  countMessages,
  deleteMessage,
  findMessage,
  forwardMessage,
  listMessages,
  markHeard,
} from './repo.ts';

const tags = ['voicemails'];
const Params = z.strictObject({ id: VoicemailId });

/** Messages that callers left, and the boxes that hold them. */
export function voicemailRoutes(context: ApiContext): Routes {
  const boxes = namedRoutes(context, {
    ...{ table: 'voicemail_boxes', path: '/voicemail-boxes', subject: 'voicemail-box', tag: 'voicemails' },
    permissions: { read: 'voicemails.read', write: 'voicemails.write' },
    ...{ input: VoicemailBoxInput, item: VoicemailBox, page: VoicemailBoxPage },
    own: (userId) => boxNames('settings', userId),
    within: (scope) => boxWithin('settings', scope),
    usedBy: async (transaction, name) => {
      const users = usersIn(await readUses(transaction), { kind: 'voicemail-box', name });
      return inUse(
        users,
        (words) => `Callers still come to the box "${name}" from ${words}. Change that first.`,
      );
    },
    show: async (transaction, rows) => {
      const counts = await countMessages(transaction);
      const opened = await boxesWithPin(transaction);
      return rows.map((row) => ({
        ...{ id: row.id, unheard: 0, messages: 0, hasPin: opened.has(row.id) },
        ...boxOf(row),
        ...counts.get(row.id),
      }));
    },
  });
  return async (api) => {
    await boxes(api);
    registerReading(api, context);
    registerChange(api, context);
    registerForwarding(api, context);
    registerDeletion(api, context);
    registerPins(api, context);
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
      const bounds = boundsOf(principal, 'voicemails.read');
      return database.inTenant(principal.tenantId, (transaction) =>
        listMessages(transaction, request.query, bounds),
      );
    },
  );
  api.get(
    '/voicemail-boxes/directory',
    {
      config,
      schema: {
        summary: 'List every box by its name, and the numbers at which boxes are opened by telephone',
        ...{ tags, response: { 200: VoicemailDirectory } },
      },
    },
    (request) =>
      database.inTenant(principalOf(request).tenantId, async (transaction) => ({
        boxes: (await allNamed(transaction, 'voicemail_boxes')).map(({ id, name }) => ({
          id: id as VoicemailBoxId,
          name,
        })),
        numbers: await numbersTo(transaction, 'voicemail-menu'),
      })),
  );
  api.get(
    '/voicemails/:id',
    { config, schema: { summary: 'Read a message', tags, params: Params, response: { 200: Voicemail } } },
    async (request) => {
      const { id } = request.params;
      const principal = principalOf(request);
      const bounds = boundsOf(principal, 'voicemails.read');
      const message = await database.inTenant(principal.tenantId, (transaction) =>
        findMessage(transaction, id, bounds),
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
        summary: 'Mark a message as heard or not, put it into the archive or take it out',
        ...{ tags, params: Params, body: VoicemailChange, response: { 200: Voicemail } },
      },
    },
    async (request) => {
      const principal = principalOf(request);
      const { tenantId, userId } = principal;
      const bounds = boundsOf(principal, 'voicemails.write');
      const { id } = request.params;
      const { heard, archived } = request.body;
      const changed = await database.inTenant(tenantId, async (transaction) => {
        const before = await findMessage(transaction, id, bounds);
        if (before === undefined) throw notFound('voicemail', id);
        const at = new Date(now());
        if (heard !== undefined && heard !== before.heard)
          await markHeard(transaction, id, heard ? { at, by: userId } : null);
        if (archived !== undefined && archived !== before.archived)
          await archiveMessage(transaction, id, archived ? at : null);
        const was = { heard: before.heard, archived: before.archived };
        const change = { before: was, after: { ...was, ...request.body } };
        await recordChange(transaction, request, 'voicemail.updated', id, change);
        return (await findMessage(transaction, id, bounds)) ?? before;
      });
      centreOf(tenantId)?.messagesChanged();
      return changed;
    },
  );
}

function registerForwarding(api: Api, { database, centreOf }: ApiContext): void {
  api.post(
    '/voicemails/:id/forward',
    {
      config: { permission: 'voicemails.write' },
      schema: {
        summary: 'Send a message on to another box, with a note',
        description: 'A copy lies there, new to everybody; the message stays where it is.',
        ...{ tags, params: Params, body: VoicemailForward, response: { 201: Voicemail } },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request);
      const { tenantId, userId } = principal;
      const bounds = boundsOf(principal, 'voicemails.write');
      const { id } = request.params;
      const { boxId, note } = request.body;
      const copy = await database.inTenant(tenantId, async (transaction) => {
        const message = await findMessage(transaction, id, bounds);
        if (message === undefined) throw notFound('voicemail', id);
        // Whoever has a message may send it to any box: those of others are seen by their name alone.
        const box = await findNamed(transaction, 'voicemail_boxes', boxId);
        if (box === undefined) throw unknownReference('boxId', boxId, 'voicemail box');
        if (boxId === message.boxId) throw ownBox(boxId);
        const copyId = await forwardMessage(transaction, tenantId, message, { boxId, note, by: userId });
        const after = { from: message.box, to: box.name, note };
        await recordChange(transaction, request, 'voicemail.forwarded', id, { after });
        return (await findMessage(transaction, copyId, undefined)) ?? message;
      });
      centreOf(tenantId)?.messagesChanged();
      return reply.code(201).send(copy);
    },
  );
}

function ownBox(boxId: string): HttpProblem {
  const error = { path: 'boxId', value: boxId, message: 'holds the message', remedy: 'Choose another box.' };
  return new HttpProblem('validation-failed', 'The message lies in this box already.', { errors: [error] });
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
      const bounds = boundsOf(principal, 'voicemails.write');
      await database.inTenant(tenantId, async (transaction) => {
        const before = await findMessage(transaction, id, bounds);
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
