import { join } from 'node:path';
import type { RecordingFormat, RecordingId } from '@crosspoint/contracts';
import type { RecordingRow } from '../../platform/index.ts';
import type { ContactEffectContext, EffectOf } from './effect-context.ts';
import type { OpenContact, TurnOutput } from './state.ts';

/** What is recorded, and in which file. */
export function applyRecordingEffect(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: EffectOf<'recording.'>,
  now: number,
  turn: TurnOutput,
): void {
  const { media } = context;
  switch (effect.type) {
    case 'recording.attach':
      return media.recordings.hear(effect.recordingId, contact.id, effect.right);
    case 'recording.pause':
      return media.recordings.pause(effect.recordingId, effect.paused);
    case 'recording.start':
      return startRecording(context, contact, effect, now, turn);
    case 'recording.stop':
      return media.recordings.stop(effect.recordingId);
  }
}

/**
 * `<year>/<month>/<day>/<id>.<format>`, by the UTC day of the start: no folder grows without end. Stored relative to the
 * folder of the recordings, so that a data directory can be moved or restored elsewhere.
 */
function recordingPath(recordingId: RecordingId, format: RecordingFormat, now: number): string {
  const [year = '', month = '', day = ''] = new Date(now).toISOString().slice(0, 10).split('-');
  return join(year, month, day, `${recordingId}.${format}`);
}

function startRecording(
  context: ContactEffectContext,
  contact: OpenContact,
  effect: EffectOf<'recording.start'>,
  now: number,
  turn: TurnOutput,
): void {
  const queue = effect.queueId === null ? undefined : context.state.configuration.queues.get(effect.queueId);
  const format = queue?.settings.recordingFormat ?? 'wav';
  const path = recordingPath(effect.recordingId, format, now);
  const row: RecordingRow = {
    id: effect.recordingId,
    contactId: contact.id,
    segmentId: String(effect.segment),
    queueId: effect.queueId,
    agentId: effect.agentId,
    path,
    format,
    channels: 2,
    sampleRate: 8000,
    durationSeconds: 0,
    sizeBytes: 0,
    status: 'recording',
    startedAt: now,
    endedAt: null,
    deletedAt: null,
  };
  contact.recordings.set(effect.recordingId, row);
  turn.recordings.push(row);
  const file = { path: join(context.recordingsDir, path), format };
  context.media.recordings.start(effect.recordingId, file, effect.customer, effect.agent);
}
