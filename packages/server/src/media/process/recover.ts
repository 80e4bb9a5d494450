import { type FileHandle, open } from 'node:fs/promises';
import { parseMp3Frame, repairWavHeader, wavHeaderBytes, writeWavHeader } from '@crosspoint/media';
import { CommandError } from './errors.ts';
import { recordingFormat } from './recording-file.ts';

export interface RecoveredRecording {
  durationSeconds: number;
  bytes: number;
  repaired: boolean;
}

/**
 * Repairs a recording that a crash left behind: the header of a WAV file states the sound that is there, half a frame
 * at the end is cut off. Repairing twice changes nothing. Must not be called for a file that is being recorded.
 */
export async function recoverRecording(path: string): Promise<RecoveredRecording> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      'file-unreadable',
      `path: ${path} cannot be opened (${why}); check path and rights`,
    );
  });
  try {
    const { size } = await file.stat();
    const head = new Uint8Array(wavHeaderBytes);
    await file.read(head, 0, wavHeaderBytes, 0);
    return path.endsWith('.mp3')
      ? await recoverMp3(path, file, size, head)
      : await recoverWav(path, file, size, head);
  } finally {
    await file.close();
  }
}

async function recoverWav(
  path: string,
  file: FileHandle,
  size: number,
  header: Uint8Array,
): Promise<RecoveredRecording> {
  // Sound comes to the disk before the header that states it; a power cut may leave the one without the other.
  if (size > wavHeaderBytes && header.every((byte) => byte === 0)) writeWavHeader(header, recordingFormat, 0);
  const repair = repairWavHeader(header, size);
  if ('problem' in repair) throw new CommandError('file-unsupported', `path: ${path}: ${repair.problem}`);
  if (repair.repaired) await file.write(header, 0, wavHeaderBytes, 0);
  if (repair.fileBytes < size) await file.truncate(repair.fileBytes);
  if (repair.repaired || repair.fileBytes < size) await file.datasync();
  return { durationSeconds: repair.durationSeconds, bytes: repair.fileBytes, repaired: repair.repaired };
}

/** Every frame has the size of the first; the last may be half written. */
async function recoverMp3(
  path: string,
  file: FileHandle,
  size: number,
  head: Uint8Array,
): Promise<RecoveredRecording> {
  if (size === 0) return { durationSeconds: 0, bytes: 0, repaired: false };
  const frame = parseMp3Frame(head);
  if (frame === undefined) {
    throw new CommandError(
      'file-unsupported',
      `path: ${path} does not begin with a frame of MP3; restore it from a backup`,
    );
  }
  const frames = Math.floor(size / frame.bytes);
  const bytes = frames * frame.bytes;
  if (bytes < size) {
    await file.truncate(bytes);
    await file.datasync();
  }
  return { durationSeconds: (frames * frame.samples) / frame.rateHz, bytes, repaired: bytes < size };
}
