import { type Database, FactsWriter, newId, type VoicemailRow } from '../src/platform/index.ts';
import { DEFAULT_TENANT_ID } from '../src/migrations/index.ts';
import { silentLog } from './database.ts';

/** A message in a box, as a caller leaves one. */
export function messageIn(box: string, change: Partial<VoicemailRow> = {}): VoicemailRow {
  return {
    ...{ id: newId(), box, contactId: newId(), recordingId: newId() },
    ...{ number: '700', callerPhone: '+420555000111', callerName: 'Karel' },
    ...{ leftAt: Date.UTC(2030, 0, 7, 9), durationMs: 12_500 },
    ...change,
  };
}

/** Stores them as the server does, in this order. */
export async function storeMessages(database: Database, ...voicemails: VoicemailRow[]): Promise<void> {
  const writer = new FactsWriter({ connection: database.connection, log: silentLog });
  await writer.append({ tenantId: DEFAULT_TENANT_ID, voicemails });
  await writer.close();
}
