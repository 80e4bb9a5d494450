import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contact, Recording } from '@crosspoint/contracts';
import type { ApiClient } from './api/index.ts';
import { type DecodedAudio, decodeAudio, type Sounding, soundings } from './audio/index.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './wait.ts';

/** What is in the file of a recording. */
export interface RecordedSound {
  audio: DecodedAudio;
  /** What is heard on each channel: the customer's first, then that of the other side; nothing on one that is missing. */
  heard: [Sounding[], Sounding[]];
}

/** Downloads a recording, and tells in which parts of it these tones are heard. */
export async function soundOf(
  api: ApiClient,
  { id, format = 'wav' }: { id: string; format?: Recording['format'] },
  tonesHz: readonly number[],
): Promise<RecordedSound> {
  const file = join(temporaryFolder(), `recording.${format}`);
  writeFileSync(file, await api.downloadRecording(id));
  const audio = decodeAudio(file);
  const [left = [], right = []] = audio.channels.map((samples) =>
    soundings(samples, audio.sampleRateHz, tonesHz),
  );
  return { audio, heard: [left, right] };
}

/** The recording of that contact, once it is closed, and in which parts of it these tones are heard. */
export async function recordingOf(
  api: ApiClient,
  contact: Contact,
  tonesHz: readonly number[],
): Promise<RecordedSound & { contact: Contact; recording: Recording }> {
  const recording = await until('the recording to be closed', async () =>
    (await api.recordings()).find(
      ({ contactId, status }) => contactId === contact.id && status !== 'recording',
    ),
  );
  return { contact, recording, ...(await soundOf(api, recording, tonesHz)) };
}
