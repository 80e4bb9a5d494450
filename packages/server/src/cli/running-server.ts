import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { lockHolder, PlatformError, type RunningServer, type Settings } from '../platform/index.ts';

/** Written while the server is ready, so that commands find its API. */
const ADDRESS_FILE = 'server.json';

const Addresses = z.object({ pid: z.int(), console: z.url(), sip: z.string() });
export type ServerAddresses = z.infer<typeof Addresses>;

/** Notes where the server listens. @returns removes the note again. */
export function announceServer(dataDir: string, { addresses }: RunningServer): () => void {
  const path = join(dataDir, ADDRESS_FILE);
  const content: ServerAddresses = { pid: process.pid, console: addresses.console, sip: addresses.sip };
  writeFileSync(path, JSON.stringify(content), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

/**
 * Where the server of this data directory listens, or undefined when none runs.
 *
 * @throws {PlatformError} `server-unreachable` while it is starting or stopping.
 */
export function findServer(settings: Settings): ServerAddresses | undefined {
  const holder = lockHolder(settings.dataDir);
  if (holder === undefined) return undefined;
  try {
    const addresses = Addresses.parse(JSON.parse(readFileSync(join(settings.dataDir, ADDRESS_FILE), 'utf8')));
    if (addresses.pid === holder.pid) return addresses;
  } catch {
    // No note, or half of one: it is written when the server is ready.
  }
  throw new PlatformError(
    'server-unreachable',
    `The server (process ${holder.pid}) is just starting or stopping.`,
    'Try again in a few seconds.',
  );
}
