import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { SystemReadiness } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { CallService } from './features/calls/index.ts';
import { type Database, inTime } from './platform/index.ts';

/** Room for a hundred recorded conversations of a minute. */
const freeBytesMin = 200 * 1024 * 1024;
const healthy = { healthy: true, detail: '' };

/** Orchestrators give up on a probe after a few seconds; a database that hangs is told before that. */
const databaseAnswerTimeoutMs = 2_000;
/** The question that a hanging database has not answered yet: later probes wait for it and take no connection. */
const asked = new WeakMap<Database, Promise<boolean>>();

/** Whether each part works, for `/readyz` and the system page. */
export async function probeParts(
  database: Database,
  calls: CallService,
  dataDir: string,
): Promise<SystemReadiness> {
  const [databaseHealth, storage] = await Promise.all([
    probeDatabase(database, calls),
    probeStorage(calls, dataDir),
  ]);
  const parts = {
    database: databaseHealth,
    media: calls.plane.isReady
      ? healthy
      : { healthy: false, detail: 'No media process is connected; the server is starting a new one.' },
    sip: probeSip(calls),
    storage,
  };
  return { ready: Object.values(parts).every((part) => part.healthy), parts };
}

/** What brings calls and people here is to bring them elsewhere once this server is stopping. */
function probeSip(calls: CallService): SystemReadiness['parts']['sip'] {
  if (!calls.sip.isOpen) return { healthy: false, detail: 'The SIP sockets are not open.' };
  if (!calls.isDraining) return healthy;
  return { healthy: false, detail: 'The server is stopping: calls that are up go on, new ones are refused.' };
}

async function probeStorage(
  calls: CallService,
  dataDir: string,
): Promise<SystemReadiness['parts']['storage']> {
  const trouble = calls.diskTrouble;
  if (trouble !== undefined) return { healthy: false, detail: trouble };
  // Recordings may have a disk of their own.
  for (const folder of [dataDir, join(dataDir, 'recordings')]) {
    const freeBytes = await freeBytesOf(folder);
    if (freeBytes >= freeBytesMin) continue;
    const freeMegabytes = Math.floor(freeBytes / 1024 / 1024);
    const detail = `Only ${freeMegabytes} MB are free on the disk of ${folder}: make room before recordings are cut short.`;
    return { healthy: false, detail };
  }
  return healthy;
}

/** Unlimited for a folder that is not there: the first recording makes it, on the disk of the one above. */
async function freeBytesOf(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Number.POSITIVE_INFINITY;
  }
}

async function probeDatabase(
  database: Database,
  calls: CallService,
): Promise<SystemReadiness['parts']['database']> {
  const { state, lastError } = calls.facts.health;
  if (state !== 'ok') {
    const detail = `The database does not take facts (${lastError ?? state}). Calls go on; facts are kept and tried again.`;
    return { healthy: false, detail };
  }
  try {
    const answer = ask(database);
    const isReadOnly = await inTime(
      answer,
      databaseAnswerTimeoutMs,
      `no answer within ${databaseAnswerTimeoutMs} ms`,
    );
    if (!isReadOnly) return healthy;
    const detail =
      'The database can only be read (a standby, or default_transaction_read_only). Calls go on.';
    return { healthy: false, detail };
  } catch (error) {
    return { healthy: false, detail: `The database does not answer: ${(error as Error).message}.` };
  }
}

/** Whether it can only be read. */
function ask(database: Database): Promise<boolean> {
  const pending = asked.get(database);
  if (pending !== undefined) return pending;
  const question = database
    .asSystem(async (transaction) => {
      const setting = sql<{ value: string }>`select current_setting('transaction_read_only') as value`;
      return (await setting.execute(transaction)).rows[0]?.value === 'on';
    })
    .finally(() => asked.delete(database));
  asked.set(database, question);
  return question;
}
