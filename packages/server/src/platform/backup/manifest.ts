import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { PlatformError } from '../errors.ts';

export const MANIFEST_FILE = 'manifest.json';
export const FORMAT_VERSION = 1;

const RelativePath = z
  .string()
  .min(1)
  .refine(
    (path) => normalize(path) === path && !path.startsWith(sep) && !path.startsWith('..'),
    'leaves the backup',
  );

const TableName = z.string().regex(/^[a-z_][a-z0-9_]*$/);

const Manifest = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  createdAt: z.iso.datetime(),
  /** Migrations that were applied, in order: restore makes exactly these tables first. */
  migrations: z.array(z.string()).min(1),
  /** In the order in which they can be filled, parents first. */
  tables: z.array(
    z.object({
      name: TableName,
      columns: z.array(TableName).min(1),
      file: RelativePath,
      rows: z.int().min(0),
      sha256: z.string(),
      /** First and last instant of a table that is partitioned by time. */
      range: z.object({ from: z.iso.datetime(), to: z.iso.datetime() }).optional(),
    }),
  ),
  /** Recordings, secrets and other files of the data directory. */
  files: z.array(z.object({ path: RelativePath, sizeBytes: z.int().min(0), sha256: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;

/** Reads and checks the manifest of a backup. @throws {PlatformError} `backup-invalid` */
export function readManifest(directory: string): Manifest {
  const path = join(directory, MANIFEST_FILE);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw invalidBackup(
      directory,
      `${path} cannot be read (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
  const parsed = Manifest.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalidBackup(directory, `in ${MANIFEST_FILE}, ${issue?.path.join('.')}: ${issue?.message}`);
}

/** Makes sure that every file of the backup is there and unchanged. @throws {PlatformError} `backup-invalid` */
export async function verifyFiles(directory: string, manifest: Manifest): Promise<void> {
  const files = [
    ...manifest.tables.map(({ file, sha256 }) => ({ path: file, sha256 })),
    ...manifest.files.map(({ path, sha256 }) => ({ path: join('files', path), sha256 })),
  ];
  for (const { path, sha256 } of files) {
    let found: string;
    try {
      found = await hashFile(join(directory, path));
    } catch (error) {
      throw invalidBackup(directory, `${path} cannot be read`, error);
    }
    if (found !== sha256) throw invalidBackup(directory, `${path} is not what was written (checksum)`);
  }
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

export function invalidBackup(directory: string, problem: string, cause?: unknown): PlatformError {
  const message = `${directory} is not a complete backup: ${problem}.`;
  return new PlatformError(
    'backup-invalid',
    message,
    'Use another backup; this one is refused as a whole.',
    cause,
  );
}
