import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import {
  Recording,
  type RecordingFormat,
  type Recording as RecordingModel,
  RecordingId,
  RecordingPage,
  RecordingQuery,
  Waveform,
} from '@crosspoint/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type Api,
  type ApiContext,
  boundsOf,
  HttpProblem,
  notFound,
  type Principal,
  principalOf,
  reachOfPrincipal,
  type Routes,
} from '../../http/index.ts';
import { recordChange } from '../audit/index.ts';
import { parseRange } from './range.ts';
import { findRecording, listRecordings, type RecordingSight } from './repo.ts';
import { waveformOf } from './waveform.ts';

const tags = ['recordings'];
const Params = z.strictObject({ id: RecordingId });
const contentTypes = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const satisfies Record<
  RecordingFormat,
  string
>;
const soundContent = { 'audio/wav': { schema: z.any() }, 'audio/mpeg': { schema: z.any() } };

/** What was recorded: list, detail, sound and its picture. */
export function recordingRoutes(context: ApiContext): Routes {
  return (api) => {
    registerReading(api, context);
    registerDownload(api, context);
  };
}

type Access = 'recordings.read' | 'recordings.listen';

/** Whoever may hear the messages of a box hears them here, and without that permission none of them. */
function recordingSight(principal: Principal, permission: Access): RecordingSight {
  const hears = reachOfPrincipal(principal, 'voicemails.read') !== undefined;
  return {
    bounds: boundsOf(principal, permission),
    messages: hears ? boundsOf(principal, 'voicemails.read') : undefined,
  };
}

async function visible(
  { database }: ApiContext,
  request: FastifyRequest,
  id: RecordingId,
  permission: Access,
): Promise<{ recording: RecordingModel; path: string }> {
  const principal = principalOf(request);
  const sight = recordingSight(principal, permission);
  const found = await database.inTenant(principal.tenantId, (transaction) =>
    findRecording(transaction, id, sight),
  );
  if (found === undefined) throw notFound('recording', id);
  return found;
}

function registerReading(api: Api, context: ApiContext): void {
  const { database, settings } = context;
  api.get(
    '/recordings',
    {
      config: { permission: 'recordings.read' },
      schema: {
        summary: 'List recordings, newest first unless asked otherwise',
        tags,
        querystring: RecordingQuery,
        response: { 200: RecordingPage },
      },
    },
    (request) => {
      const principal = principalOf(request);
      const sight = recordingSight(principal, 'recordings.read');
      return database.inTenant(principal.tenantId, (transaction) =>
        listRecordings(transaction, request.query, sight),
      );
    },
  );

  api.get(
    '/recordings/:id',
    {
      config: { permission: 'recordings.read' },
      schema: {
        summary: 'Read a recording’s particulars',
        tags,
        params: Params,
        response: { 200: Recording },
      },
    },
    async (request) => (await visible(context, request, request.params.id, 'recordings.read')).recording,
  );

  api.get(
    '/recordings/:id/waveform',
    {
      config: { permission: 'recordings.read' },
      schema: {
        summary: 'Peaks of each channel, for drawing',
        tags,
        params: Params,
        response: { 200: Waveform },
      },
    },
    async (request, reply) => {
      const { recording, path } = await visible(context, request, request.params.id, 'recordings.read');
      const file = await fileOf(settings.dataDir, recording, path);
      // What is complete never changes; the picture may be kept by the one browser that may see it.
      if (recording.status !== 'recording') reply.header('cache-control', 'private, max-age=3600');
      return waveformOf(recording, file.path);
    },
  );
}

function registerDownload(api: Api, context: ApiContext): void {
  api.get(
    '/recordings/:id/download',
    {
      config: { permission: 'recordings.listen' },
      schema: {
        summary: 'The sound as WAV or MP3, whole or by Range',
        description:
          'Customer on the left channel, agent on the right. Each access is written to the audit log.',
        tags,
        params: Params,
        querystring: z.strictObject({ disposition: z.enum(['attachment', 'inline']).default('attachment') }),
        response: {
          200: { description: 'The file', content: soundContent },
          206: { description: 'The range asked for', content: soundContent },
        },
      },
    },
    async (request, reply) => {
      const { recording, path } = await visible(context, request, request.params.id, 'recordings.listen');
      const file = await fileOf(context.settings.dataDir, recording, path);
      return sendSound(context, request, reply, recording, file, request.query.disposition);
    },
  );
}

interface SoundFile {
  path: string;
  size: number;
}

/** @throws {HttpProblem} `recording-unavailable` when the file is not there (yet, or any more). */
async function fileOf(dataDir: string, recording: RecordingModel, stored: string): Promise<SoundFile> {
  const home = join(dataDir, 'recordings');
  const path = isAbsolute(stored) ? stored : join(home, stored);
  const inside = relative(home, path);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) {
    throw new Error(`The recording ${recording.id} lies outside of ${home}: ${stored}.`);
  }
  try {
    const { size } = await stat(path);
    return { path, size };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const detail =
      recording.status === 'recording'
        ? 'The recording has just begun. Try again in a second.'
        : 'The file of this recording is not on the disk. Look into the log of the time it was made, or restore a backup.';
    throw new HttpProblem('recording-unavailable', detail);
  }
}

async function sendSound(
  { database }: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  recording: RecordingModel,
  file: SoundFile,
  disposition: string,
): Promise<FastifyReply> {
  const range = parseRange(request.headers.range, file.size);
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`);
    throw new HttpProblem(
      'range-unsatisfiable',
      `The file has ${file.size} bytes. Ask for a range within it.`,
    );
  }
  // A player asks for many ranges; the access is the one that begins at the front.
  if (range === undefined || range.start === 0) {
    await database.inTenant(principalOf(request).tenantId, (transaction) =>
      recordChange(transaction, request, 'recording.downloaded', recording.id, {
        after: { contactId: recording.contactId, disposition },
      }),
    );
  }
  const { start, end } = range ?? { start: 0, end: file.size - 1 };
  reply
    .code(range === undefined ? 200 : 206)
    .type(contentTypes[recording.format])
    .header('accept-ranges', 'bytes')
    .header('cache-control', 'private, no-cache')
    .header('content-length', end - start + 1)
    .header('content-disposition', `${disposition}; filename="${fileName(recording)}"`);
  if (range !== undefined) reply.header('content-range', `bytes ${start}-${end}/${file.size}`);
  if (file.size === 0) return reply.send('');
  return reply.send(createReadStream(file.path, { start, end }));
}

/** `2026-11-21_08-30-00_+420555000111.wav` or `.mp3`; only characters that need no quoting. */
function fileName(recording: RecordingModel): string {
  const time = recording.startedAt.slice(0, 19).replace('T', '_').replaceAll(':', '-');
  const caller = recording.callerPhone.replace(/[^0-9A-Za-z+._-]/g, '') || recording.id;
  return `${time}_${caller}.${recording.format}`;
}
