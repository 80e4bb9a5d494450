import { z } from 'zod';
import { LegParty } from './states.ts';
import { AgentId, ContactId, QueueId, RecordingId } from './ids.ts';
import { Instant } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

export const RecordingStatus = z.enum(['recording', 'complete', 'failed']);
export type RecordingStatus = z.infer<typeof RecordingStatus>;

/** Both are stereo at 8,000 Hz; MP3 has 32 kbit/s. */
export const RecordingFormat = z.enum(['wav', 'mp3']);
export type RecordingFormat = z.infer<typeof RecordingFormat>;

export const Recording = z
  .object({
    id: RecordingId,
    contactId: ContactId,
    /** Number of the conversation within the contact. */
    segment: z.number().int().nullable(),
    queueId: QueueId.nullable(),
    queue: z.string().nullable(),
    agentId: AgentId.nullable(),
    agent: z.string().nullable(),
    number: z.string(),
    callerPhone: z.string(),
    callerName: z.string(),
    status: RecordingStatus,
    format: RecordingFormat,
    channels: z.number().int(),
    /** Who is heard on each channel, left first. */
    channelParties: z.array(LegParty),
    sampleRateHz: z.number().int(),
    durationSeconds: z.number(),
    sizeBytes: z.number().int(),
    startedAt: Instant,
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'Recording' });
export type Recording = z.infer<typeof Recording>;
export const RecordingPage = pageOf(Recording);

export const RecordingQuery = PageQuery.extend({
  /** Part of the dialled number, the caller's number or name. */
  search: SearchText.optional(),
  contactId: ContactId.optional(),
  queueId: oneOrMore(QueueId).optional(),
  agentId: oneOrMore(AgentId).optional(),
  status: oneOrMore(RecordingStatus).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  sort: z
    .enum(['-startedAt', 'startedAt', '-durationSeconds', 'durationSeconds', '-sizeBytes', 'sizeBytes'])
    .default('-startedAt'),
});

/** Peaks for drawing: for each channel the greatest amplitude (0 to 1) of each stretch of equal length. */
export const Waveform = z
  .object({
    durationSeconds: z.number(),
    channels: z.number().int(),
    channelParties: z.array(LegParty),
    peaksPerSecond: z.number(),
    peaks: z.array(z.array(z.number())),
  })
  .meta({ id: 'Waveform' });
export type Waveform = z.infer<typeof Waveform>;
