import type { SystemReadiness } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { CallService } from './features/calls/index.ts';
import type { Database } from './platform/index.ts';

const healthy = { healthy: true, detail: '' };

/** Whether each part works, for `/readyz` and the system page. */
export async function probeParts(database: Database, calls: CallService): Promise<SystemReadiness> {
  const parts = {
    database: await probeDatabase(database, calls),
    media: calls.plane.isReady
      ? healthy
      : { healthy: false, detail: 'No media process is connected; the server is starting a new one.' },
    sip: calls.sip.isOpen ? healthy : { healthy: false, detail: 'The SIP sockets are not open.' },
  };
  return { ready: Object.values(parts).every((part) => part.healthy), parts };
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
    await database.asSystem((transaction) => sql`select 1`.execute(transaction));
    return healthy;
  } catch (error) {
    return { healthy: false, detail: `The database does not answer: ${(error as Error).message}.` };
  }
}
