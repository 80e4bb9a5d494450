import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { PlatformError, type PlatformErrorCode } from '../errors.ts';

const TAIL_BYTES_MAX = 8_192;

/** The end of a text file from `offset` on, at most 8 kB; empty when there is none. */
export function readTail(path: string, offset = 0): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return ''; // The program failed before it wrote anything.
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.max(offset, size - TAIL_BYTES_MAX);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8');
  } finally {
    closeSync(file);
  }
}

interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: PlatformErrorCode;
  readonly remedy: string;
}

const KNOWN_FAILURES: readonly KnownFailure[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: 'disk-full',
    remedy: 'Free space on that disk, or move the data directory (CROSSPOINT_DATA_DIR), and start again.',
  },
  {
    pattern: /incompatible with server|not compatible with this version/i,
    code: 'database-version-mismatch',
    remedy:
      'Make a backup with the release that wrote the data ("crosspoint backup") and restore it with this one.',
  },
  {
    pattern: /permission denied|wrong ownership|invalid permissions|not owned by|could not access directory/i,
    code: 'data-directory-unusable',
    remedy:
      'Start Crosspoint under the account that started it first, or give the folder back to that account.',
  },
  {
    pattern: /lock file .* already exists|is another postmaster/i,
    code: 'data-directory-in-use',
    remedy: 'Another PostgreSQL runs on this folder: stop it first.',
  },
  {
    pattern: /cannot allocate memory|could not (map|create) .*shared memory/i,
    code: 'database-start-failed',
    remedy: 'The machine has too little free memory: PostgreSQL needs about 100 MB.',
  },
  {
    pattern: /checksum|invalid page|could not locate a valid checkpoint|unexpected eof|invalid checkpoint/i,
    code: 'database-start-failed',
    remedy: 'The database files are damaged: restore the last backup into a new data directory.',
  },
];

/** Turns what PostgreSQL wrote before it ended into a fault with a remedy. */
export function explainFailure(what: string, output: string, fallback: PlatformErrorCode): PlatformError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /fatal|panic|error|could not/i.test(line));
  const known = KNOWN_FAILURES.find(({ pattern }) => pattern.test(telling.join('\n')));
  const cause = telling.findLast((line) => known?.pattern.test(line) ?? true);
  const detail = (cause ?? lines.at(-1) ?? 'it wrote nothing').trim();
  return new PlatformError(
    known?.code ?? fallback,
    `${what}: ${detail}`,
    known?.remedy ?? 'Run "crosspoint doctor"; it checks what PostgreSQL needs.',
  );
}
