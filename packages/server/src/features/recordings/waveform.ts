import { readFile, stat } from 'node:fs/promises';
import { type Recording, Waveform } from '@crosspoint/contracts';
import { readWaveform } from '../../media/index.ts';
import { writeDurably } from '../../platform/index.ts';

const PEAKS_PER_SECOND = 50;
/** Longer recordings get coarser peaks instead of more. */
const PEAKS_MAX = 10_000;
/** Of all channels together. */
const BYTES_PER_SECOND = { wav: 32_000, mp3: 4_000 } as const;

/**
 * The peaks of a recording, for drawing. Those of a finished recording are kept in a file beside it
 * (`<recording>.peaks.json`), so that they are computed once.
 */
export async function waveformOf(recording: Recording, path: string): Promise<Waveform> {
  const cachePath = `${path}.peaks.json`;
  const finished = recording.status !== 'recording';
  if (finished) {
    const cached = await readCache(cachePath, path);
    if (cached !== undefined) return cached;
  }
  const waveform = await computeWaveform(recording, path);
  if (finished) await writeCache(cachePath, waveform);
  return waveform;
}

/** What was kept, unless the recording was written after it. */
async function readCache(cachePath: string, path: string): Promise<Waveform | undefined> {
  try {
    const [cached, source] = await Promise.all([stat(cachePath), stat(path)]);
    if (cached.mtimeMs < source.mtimeMs) return undefined;
    const parsed = Waveform.safeParse(JSON.parse(await readFile(cachePath, 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    // A cache that is missing or damaged is computed anew.
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

/** Written aside and moved, so that nobody reads half of it; without room on the disk it is computed each time. */
async function writeCache(cachePath: string, waveform: Waveform): Promise<void> {
  try {
    await writeDurably(cachePath, JSON.stringify(waveform));
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EROFS') throw error;
  }
}

async function computeWaveform(recording: Recording, path: string): Promise<Waveform> {
  const { size } = await stat(path);
  const { format, channels, channelParties } = recording;
  // By the size of the file, because the duration of a recording that still runs is not known.
  const secondsAtMost = size / BYTES_PER_SECOND[format];
  const wanted = Math.min(PEAKS_MAX, Math.max(1, Math.floor(secondsAtMost * PEAKS_PER_SECOND)));
  const { durationSeconds, peaksPerSecond, channels: peaks } = await readWaveform(path, wanted);
  return { durationSeconds, channels, channelParties, peaksPerSecond, peaks };
}
