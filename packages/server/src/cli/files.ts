import { readFileSync } from 'node:fs';
import { PlatformError } from '../platform/index.ts';

const STANDARD_INPUT = 0;

/** The text of a file that a person named; `-` is standard input. @throws {PlatformError} `file-unreadable` */
export function readTextFile(file: string): string {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const message = `The file ${file} cannot be read (${reason}).`;
    throw new PlatformError(
      'file-unreadable',
      message,
      'Name a readable file, or "-" for standard input.',
      error,
    );
  }
}
