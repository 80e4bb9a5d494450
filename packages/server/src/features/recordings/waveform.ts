import { open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { type Recording, Waveform } from '@crosspoint/contracts';
import { parseWavHeader, PeakMeter, wavFrameBytes, type WavInfo } from '@crosspoint/media';

const PEAKS_PER_SECOND = 50;
/** Longer recordings get coarser peaks instead of more. */
const PEAKS_MAX = 20_000;
const HEADER_BYTES_MAX = 8192;
const READ_BYTES = 256 * 1024;

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
  const aside = `${cachePath}.${process.pid}.${crypto.randomUUID()}`;
  try {
    await writeFile(aside, JSON.stringify(waveform), { mode: 0o600 });
    await rename(aside, cachePath);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EROFS') throw error;
  }
}

async function computeWaveform(recording: Recording, path: string): Promise<Waveform> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(HEADER_BYTES_MAX, size));
    await file.read(head, 0, head.length, 0);
    const info = parseWavHeader(head);
    if ('problem' in info) throw new Error(`The recording ${recording.id} is not readable: ${info.problem}.`);
    const dataBytes = Math.min(info.dataBytes, size - info.dataStart);
    const frames = Math.floor(dataBytes / wavFrameBytes(info));
    const framesPerPeak = Math.max(info.rateHz / PEAKS_PER_SECOND, Math.ceil(frames / PEAKS_MAX), 1);
    const meter = new PeakMeter(info.channels, framesPerPeak, PEAKS_MAX + 1);
    await feed(file, info, dataBytes, meter);
    return {
      durationSeconds: frames / info.rateHz,
      channels: info.channels,
      channelParties: recording.channelParties,
      peaksPerSecond: info.rateHz / Math.floor(framesPerPeak),
      peaks: meter.finish(),
    };
  } finally {
    await file.close();
  }
}

async function feed(
  file: {
    read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  },
  info: WavInfo,
  dataBytes: number,
  meter: PeakMeter,
): Promise<void> {
  if (info.encoding !== 'pcm16') throw new Error(`Peaks are made of 16-bit sound, not of ${info.encoding}.`);
  const frameBytes = wavFrameBytes(info);
  const pieceBytes = READ_BYTES - (READ_BYTES % frameBytes);
  const piece = Buffer.alloc(pieceBytes);
  for (let done = 0; done < dataBytes; ) {
    const wanted = Math.min(pieceBytes, dataBytes - done);
    const { bytesRead } = await file.read(piece, 0, wanted, info.dataStart + done);
    const whole = bytesRead - (bytesRead % frameBytes);
    if (whole === 0) return;
    meter.push(new Int16Array(piece.buffer, piece.byteOffset, whole / 2));
    done += whole;
  }
}
