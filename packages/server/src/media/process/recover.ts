import { open } from 'node:fs/promises';
import { repairWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { CommandError } from './errors.ts';

/**
 * Repairs a recording that a crash left behind: its header states the sound that is there, half a frame at the
 * end is cut off. Repairing twice changes nothing. Must not be called for a file that is being recorded.
 */
export async function recoverRecording(
  path: string,
): Promise<{ durationSeconds: number; bytes: number; repaired: boolean }> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      'file-unreadable',
      `path: ${path} cannot be opened (${why}); check path and rights`,
    );
  });
  try {
    const { size } = await file.stat();
    const header = new Uint8Array(wavHeaderBytes);
    await file.read(header, 0, wavHeaderBytes, 0);
    const repair = repairWavHeader(header, size);
    if ('problem' in repair) throw new CommandError('file-unsupported', `path: ${path}: ${repair.problem}`);
    if (repair.repaired) await file.write(header, 0, wavHeaderBytes, 0);
    if (repair.fileBytes < size) await file.truncate(repair.fileBytes);
    if (repair.repaired || repair.fileBytes < size) await file.datasync();
    return { durationSeconds: repair.durationSeconds, bytes: repair.fileBytes, repaired: repair.repaired };
  } finally {
    await file.close();
  }
}
