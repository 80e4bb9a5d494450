import { readFile, rm } from 'node:fs/promises';
import {
  Prompt,
  promptBytesMax,
  PromptId,
  PromptPage,
  PromptQuery,
  PromptTextInput,
  PromptUploadQuery,
  SpeechInput,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  HttpProblem,
  notFound,
  pageOfArray,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { withHeader } from '../sound-files/index.ts';
import type { SpeechOf } from '../speech/index.ts';
import { registerCodes } from './code-routes.ts';
import { noSound, PromptKeeper } from './keeper.ts';
import { findPrompt, shippedPath } from './recordings.ts';
import { deleteDetails, type PromptDetails, promptParts } from './repo.ts';
import { isSought } from './shown.ts';

const tags = ['ivr'];
const Params = z.strictObject({ id: PromptId });
const Sound = z.unknown().describe('audio/wav');
const SoundQuery = z.strictObject({
  at: z.string().max(40).optional().describe('Anything: a changed sound has another address, past caches.'),
});
const write = { config: { permission: 'flows.write' as const } };
const read = { config: { permission: 'flows.read' as const } };

/** Recordings that flows and queues play: list, upload, speak, hear, delete. */
export function promptRoutes(context: ApiContext, speechOf: SpeechOf): Routes {
  const keeper = new PromptKeeper(context, speechOf);
  return (api) => {
    api.addContentTypeParser(
      /^audio\//,
      { parseAs: 'buffer', bodyLimit: promptBytesMax },
      (_request, body, done) => done(null, body),
    );
    registerReading(api, context, keeper);
    registerUpload(api, keeper);
    registerText(api, context, keeper);
    registerSpeech(api, keeper);
    registerDeletion(api, context, keeper);
    registerCodes(api, context);
  };
}

function registerReading(api: Api, { settings }: ApiContext, keeper: PromptKeeper): void {
  api.get(
    '/prompts',
    {
      ...read,
      schema: { summary: 'List recordings', tags, querystring: PromptQuery, response: { 200: PromptPage } },
    },
    async (request) => {
      const { language, origin, search, ...page } = request.query;
      const prompts = (await keeper.list(principalOf(request).tenantId, language)).filter(
        (each) =>
          (origin === undefined || each.origin === origin) &&
          (search === undefined || isSought(each, search)),
      );
      return pageOfArray(prompts, ({ id }) => id, page);
    },
  );
  api.get(
    '/prompts/:id',
    {
      ...read,
      schema: {
        summary: 'Hear a recording',
        ...{ tags, params: Params, querystring: SoundQuery, response: { 200: Sound } },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const found = await findPrompt(settings.dataDir, principalOf(request).tenantId, id);
      if (found === undefined) throw notFound('prompt', id);
      return reply.type('audio/wav').send(await readFile(found.path));
    },
  );
}

function registerUpload(api: Api, keeper: PromptKeeper): void {
  api.post(
    '/prompts',
    {
      ...write,
      bodyLimit: promptBytesMax,
      schema: {
        summary: 'Upload a recording',
        description:
          'The body is a WAV (PCM, G.711), MP3 or Ogg (Vorbis, Opus) file, or bare G.711 (audio/PCMU, audio/PCMA), of at most 20 MB and ten minutes. It is levelled and brought to 8,000 Hz once.',
        tags,
        consumes: ['audio/wav', 'audio/mpeg', 'audio/ogg', 'audio/pcmu', 'audio/pcma'],
        querystring: PromptUploadQuery,
        response: { 201: Prompt },
      },
    },
    async (request, reply) => {
      const { language, name, source } = request.query;
      if (!Buffer.isBuffer(request.body))
        throw noSound('Send the file as the body, with its type such as audio/wav.');
      const file = withHeader(request.body, request.headers['content-type'] ?? '');
      const id = `${language}.${name}`;
      const details = { source, text: null, pacePercent: null };
      return reply.code(201).send(await keeper.store(request, id, file, details));
    },
  );
}

function registerText(api: Api, { settings }: ApiContext, keeper: PromptKeeper): void {
  api.put(
    '/prompts/:id',
    {
      ...write,
      schema: {
        summary: 'Write what a recording says, or let a voice say it',
        description: 'With `speak` its sound is made anew from the text; without, the sound stays.',
        ...{ tags, params: Params, body: PromptTextInput, response: { 200: Prompt } },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const { text, speak } = request.body;
      if (speak !== undefined) {
        if (text === null) throw noText();
        const { pacePercent } = speak;
        const file = await keeper.spoken(tenantId, { text, pacePercent, language: promptParts(id).language });
        return keeper.store(request, id, file, { source: 'spoken', text, pacePercent });
      }
      const found = await findPrompt(settings.dataDir, tenantId, id);
      if (found?.origin !== 'own') throw notFound('own prompt', id);
      const before = await keeper.one(tenantId, id);
      const { source, gainDb, pacePercent } = before;
      const details = { source: source as PromptDetails['source'], gainDb, pacePercent, text, changedAt: 0 };
      const change = { before: { id, text: before.text }, after: { id, text } };
      await keeper.note(request, 'prompt.updated', id, details, change);
      return keeper.one(tenantId, id);
    },
  );
}

function registerSpeech(api: Api, keeper: PromptKeeper): void {
  api.post(
    '/prompts/speak',
    {
      ...write,
      schema: {
        summary: 'Hear a text as callers will',
        description: 'Spoken once and kept by its content, as when a flow is published.',
        tags,
        body: SpeechInput,
        response: { 200: Sound },
      },
    },
    async (request, reply) =>
      reply.type('audio/wav').send(await keeper.spoken(principalOf(request).tenantId, request.body)),
  );
}

function registerDeletion(api: Api, context: ApiContext, keeper: PromptKeeper): void {
  const { database, settings } = context;
  api.delete(
    '/prompts/:id',
    {
      ...write,
      schema: {
        summary: 'Delete an own recording that nothing plays',
        description: 'One of the same name that comes with the product is heard again.',
        tags,
        params: Params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { id } = request.params;
      const found = await findPrompt(settings.dataDir, tenantId, id);
      if (found?.origin !== 'own') throw notFound('own prompt', id);
      const { usedBy } = await keeper.one(tenantId, id);
      if (usedBy.length > 0 && (await shippedPath(id)) === undefined) {
        const list = usedBy.map(({ kind, name }) => `${kind} "${name}"`).join(', ');
        const detail = `The recording "${id}" is played by ${list}. Let them play another one first.`;
        throw new HttpProblem('in-use', detail, { usedBy });
      }
      await database.inTenant(tenantId, async (transaction) => {
        await deleteDetails(transaction, id);
        await recordChange(transaction, request, 'prompt.deleted', null, { before: { id } });
      });
      await rm(found.path, { force: true });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}

function noText(): HttpProblem {
  const error = { path: 'text', message: 'is empty', remedy: 'Write what the voice is to say.' };
  return new HttpProblem('validation-failed', 'There is nothing to speak.', { errors: [error] });
}
