import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  promptBytesMax,
  PromptId,
  PromptList,
  PromptQuery,
  PromptUploadQuery,
  StoredPrompt,
} from '@crosspoint/contracts';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  applyToCentre,
  HttpProblem,
  notFound,
  principalOf,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { PromptSoundError } from './decode.ts';
import { findPrompt, listPrompts, ownPromptsDir } from './recordings.ts';
import { storePrompt } from './upload.ts';

const tags = ['ivr'];
const Params = z.strictObject({ id: PromptId });
const Sound = z.unknown().describe('audio/wav');
const write = { config: { permission: 'flows.write' as const } };
const read = { config: { permission: 'flows.read' as const } };

/** Recordings that flows and queues play: list, upload, hear, delete. */
export function promptRoutes(context: ApiContext): Routes {
  return (api) => {
    api.addContentTypeParser(
      /^audio\//,
      { parseAs: 'buffer', bodyLimit: promptBytesMax },
      (_request, body, done) => done(null, body),
    );
    registerReading(api, context);
    registerEditing(api, context);
  };
}

function registerReading(api: Api, { settings }: ApiContext): void {
  const { dataDir } = settings;
  api.get(
    '/prompts',
    {
      ...read,
      schema: { summary: 'List recordings', tags, querystring: PromptQuery, response: { 200: PromptList } },
    },
    async (request) => ({
      items: await listPrompts(dataDir, principalOf(request).tenantId, request.query.language),
    }),
  );
  api.get(
    '/prompts/:id',
    { ...read, schema: { summary: 'Hear a recording', tags, params: Params, response: { 200: Sound } } },
    async (request, reply) => {
      const { id } = request.params;
      const found = await findPrompt(dataDir, principalOf(request).tenantId, id);
      if (found === undefined) throw notFound('prompt', id);
      return reply.type('audio/wav').send(await readFile(found.path));
    },
  );
}

function registerEditing(api: Api, context: ApiContext): void {
  const { database, settings } = context;
  api.post(
    '/prompts',
    {
      ...write,
      bodyLimit: promptBytesMax,
      schema: {
        summary: 'Upload a recording',
        description:
          'The body is a WAV (PCM, G.711), MP3 or Ogg (Vorbis, Opus) file of at most 20 MB and ten minutes. It is levelled and brought to 8,000 Hz once.',
        tags,
        consumes: ['audio/wav', 'audio/mpeg', 'audio/ogg'],
        querystring: PromptUploadQuery,
        response: { 201: StoredPrompt },
      },
    },
    async (request, reply) => {
      const { tenantId } = principalOf(request);
      const { language, name } = request.query;
      if (!Buffer.isBuffer(request.body))
        throw noSound('Send the file as the body, with its type such as audio/wav.');
      const path = join(ownPromptsDir(settings.dataDir, tenantId), language, `${name}.wav`);
      const stored = await storePrompt(path, request.body).catch((error: unknown) => {
        throw error instanceof PromptSoundError ? noSound(error.message) : error;
      });
      const prompt = { id: `${language}.${name}`, name, language, ...stored };
      await database.inTenant(tenantId, (transaction) =>
        recordChange(transaction, request, 'prompt.stored', null, { after: prompt }),
      );
      // The centre looks for recordings when its configuration changes.
      await applyToCentre(context, tenantId);
      return reply.code(201).send(prompt);
    },
  );
  api.delete(
    '/prompts/:id',
    {
      ...write,
      schema: {
        summary: 'Delete an own recording',
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
      await database.inTenant(tenantId, (transaction) =>
        recordChange(transaction, request, 'prompt.deleted', null, { before: { id } }),
      );
      await rm(found.path, { force: true });
      await applyToCentre(context, tenantId);
      return reply.code(204).send(null);
    },
  );
}

function noSound(message: string): HttpProblem {
  return new HttpProblem('validation-failed', 'The recording cannot be stored.', {
    errors: [{ path: 'body', message, remedy: 'Send a WAV, MP3 or Ogg file.' }],
  });
}
