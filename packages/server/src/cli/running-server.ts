import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { lockHolder, PlatformError, type RunningServer, type Settings } from '../platform/index.ts';

/** Written while the server is ready, so that commands find its API. */
const ADDRESS_FILE = 'server.json';

const Addresses = z.object({
  pid: z.int(),
  console: z.url(),
  sip: z.string(),
  /** Why it did not make room for another process when it was asked to the last time, if it did not. */
  refusal: z.object({ at: z.string(), reason: z.string() }).optional(),
});
export type ServerAddresses = z.infer<typeof Addresses>;

/** Notes where the server listens, while it is ready. */
export class Announcement {
  readonly #path: string;
  readonly #content: ServerAddresses;
  #isPublished = false;

  constructor(dataDir: string, { addresses }: RunningServer) {
    this.#path = join(dataDir, ADDRESS_FILE);
    this.#content = { pid: process.pid, console: addresses.console, sip: addresses.sip };
  }

  publish(): void {
    this.#write(this.#content);
    this.#isPublished = true;
  }

  /** Adds why the server goes on, for the command that asked it to make room for another process. */
  refuse(reason: string): void {
    if (!this.#isPublished) return;
    try {
      this.#write({ ...this.#content, refusal: { at: new Date().toISOString(), reason } });
    } catch {
      // No room on the disk: the log has the reason, and the command waits until its deadline.
    }
  }

  withdraw(): void {
    this.#isPublished = false;
    rmSync(this.#path, { force: true });
  }

  /** Whole at any moment, also on a disk that is full. */
  #write(note: ServerAddresses): void {
    writeFileSync(`${this.#path}.new`, JSON.stringify(note), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
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
