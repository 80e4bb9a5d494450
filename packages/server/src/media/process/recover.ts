import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  mp3FrameBytes,
  mp3FrameSamples,
  mp3RateHz,
  mp3Silence,
  parseMp3Frame,
  repairWavHeader,
  wavHeaderBytes,
  writeWavHeader,
} from '@crosspoint/media';
import { CommandError } from './errors.ts';
import { recordingFormat } from './recording-file.ts';

export interface RecoveredRecording {
  durationSeconds: number;
  bytes: number;
  repaired: boolean;
}

/**
 * Repairs a recording that a crash or a power cut left behind: the header of a WAV file states the sound that is there, half a
 * frame at the end is cut off, and frames of MP3 that did not reach the disk are silence. Repairing twice changes nothing.
 * Must not be called for a file that is being recorded.
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

/** Frames of a recording that a process which died has left; repairs it first. None where there is no file yet. */
export async function framesIn(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const { durationSeconds } = await recoverRecording(path);
  return Math.round(durationSeconds * recordingFormat.rateHz);
}

/** What is readable of a file that a disk has refused a part of; empty where it cannot be read at all. */
export async function leftOf(
  path: string,
): Promise<Partial<Pick<RecoveredRecording, 'durationSeconds' | 'bytes'>>> {
  try {
    const { durationSeconds, bytes } = await recoverRecording(path);
    return { durationSeconds, bytes };
  } catch (error) {
    if (error instanceof CommandError) return {};
    // The repair found no room either: the file stays as it is.
    if ((error as NodeJS.ErrnoException).code !== undefined) return {};
    throw error;
  }
}

async function recoverWav(
  path: string,
  file: FileHandle,
  size: number,
  header: Uint8Array,
): Promise<RecoveredRecording> {
  // Sound comes to the disk before the header that states it; a power cut may leave the one without the other, or neither.
  const isHeaderMissing = header.every((byte) => byte === 0);
  if (isHeaderMissing) writeWavHeader(header, recordingFormat, 0);
  const repair = repairWavHeader(header, Math.max(size, wavHeaderBytes));
  if ('problem' in repair) throw new CommandError('file-unsupported', `path: ${path}: ${repair.problem}`);
  const repaired = repair.repaired || isHeaderMissing;
  if (repaired) await file.write(header, 0, wavHeaderBytes, 0);
  if (repair.fileBytes < size) await file.truncate(repair.fileBytes);
  if (repaired || repair.fileBytes < size) await file.datasync();
  return { durationSeconds: repair.durationSeconds, bytes: repair.fileBytes, repaired };
}

/** The unit in which a disk takes what it is given: all of it or nothing. */
const sectorBytes = 512;
/** What is read at once: whole frames and whole sectors. */
const pieceBytes = mp3FrameBytes * sectorBytes;

/** Every frame has the same size. The last may be half written, and a page that did not reach the disk is a hole. */
async function recoverMp3(
  path: string,
  file: FileHandle,
  size: number,
  head: Uint8Array,
): Promise<RecoveredRecording> {
  if (parseMp3Frame(head) === undefined && head.some((byte) => byte !== 0)) {
    throw new CommandError(
      'file-unsupported',
      `path: ${path} does not begin with a frame of MP3; restore it from a backup`,
    );
  }
  const piece = Buffer.alloc(pieceBytes);
  let bytes = 0;
  let repaired = false;
  for (let start = 0; start < size; start += pieceBytes) {
    const { bytesRead } = await file.read(piece, 0, pieceBytes, start);
    for (const at of soundFrames(piece.subarray(0, bytesRead))) {
      const missing = (start + at - bytes) / mp3FrameBytes;
      if (missing > 0) await file.write(mp3Silence(missing), 0, undefined, bytes);
      repaired ||= missing > 0;
      bytes = start + at + mp3FrameBytes;
    }
  }
  repaired ||= bytes < size;
  if (bytes < size) await file.truncate(bytes);
  if (repaired) await file.datasync();
  return { durationSeconds: ((bytes / mp3FrameBytes) * mp3FrameSamples) / mp3RateHz, bytes, repaired };
}

/** Where frames begin that are whole. No frame is so long without its header that a hole could be taken for sound. */
function* soundFrames(piece: Buffer): Generator<number> {
  const isHole = (sector: number): boolean => {
    const bytes = piece.subarray(sector * sectorBytes, (sector + 1) * sectorBytes);
    return bytes.length >= mp3FrameBytes && bytes.every((byte) => byte === 0);
  };
  for (let at = 0; at + mp3FrameBytes <= piece.length; at += mp3FrameBytes) {
    if (parseMp3Frame(piece, at)?.bytes !== mp3FrameBytes) continue;
    const last = Math.floor((at + mp3FrameBytes - 1) / sectorBytes);
    if (!isHole(Math.floor(at / sectorBytes)) && !isHole(last)) yield at;
  }
}
