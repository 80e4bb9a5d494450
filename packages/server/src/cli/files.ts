import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { PlatformError } from '../platform/index.ts';

const STANDARD_INPUT = 0;

/** The text of a file that a person named; `-` is standard input. @throws {PlatformError} `file-unreadable` */
export function readTextFile(file: string): string {
  const bytes = readBytes(file);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new PlatformError(
    'file-unreadable',
    `The file ${file} is not UTF-8.`,
    'Save it in that encoding; names in another one would be spoilt.',
  );
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === '-' ? STANDARD_INPUT : file);
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
