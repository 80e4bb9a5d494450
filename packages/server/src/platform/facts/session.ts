import pg from 'pg';
import { clientConfig, type ConnectionOptions } from '../database/index.ts';
import { inTime } from '../in-time.ts';
import { encodeBatch, WRITE_BATCH } from './statement.ts';
import type { PendingFacts } from './pending.ts';

const OPEN_TIMEOUT_MS = 5_000;

/** One database session of the writer. */
export interface FactsSession {
  /** Writes all of the batch in one transaction; resolves when it has committed. */
  write(batch: readonly PendingFacts[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens a session that may write the rows of every tenant; each row says whose it is. */
export async function openFactsSession(connection: ConnectionOptions): Promise<FactsSession> {
  const client = new pg.Client({ ...clientConfig(connection), application_name: 'crosspoint facts' });
  // A connection that breaks between batches shows at the next write, which then opens a new session.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const opened = client.query("set crosspoint.system = 'on'");
    await inTime(opened, OPEN_TIMEOUT_MS, `no answer within ${OPEN_TIMEOUT_MS} ms`);
  } catch (error) {
    // Where nothing is heard, the goodbye is not heard either.
    client.end().catch(() => undefined);
    throw error;
  }
  return {
    async write(batch) {
      await client.query({ name: 'write-facts', text: WRITE_BATCH, values: encodeBatch(batch) });
    },
    close: () => client.end(),
  };
}
