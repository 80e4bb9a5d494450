import type { ContactFact, ContactId, LegId, TenantId } from '@crosspoint/contracts';
import { contactHistory } from '@crosspoint/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, silentLog, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import { type Facts, FactsWriter, newId } from '../../platform/index.ts';
import { contactRow } from './contact-row.ts';
import { recover } from './recovery.ts';

const tenantId = DEFAULT_TENANT_ID as TenantId;
let storage: TestDatabase;
let writer: FactsWriter;
const at = Date.parse('2026-11-21T10:00:00.123Z');

beforeAll(async () => {
  storage = await createTestDatabase();
  writer = new FactsWriter({ connection: storage.connection, log: silentLog });
});
afterAll(async () => {
  await writer.close();
  await storage.drop();
});

function begun(): Facts {
  const contactId = newId() as ContactId;
  const data = {
    ...{ direction: 'inbound' as const, number: '700', callerPhone: '1', callerName: '', carrier: 'sip' },
    legId: newId() as LegId,
  };
  const fact: ContactFact = { contactId, seq: 1, at, type: 'contact.started', data };
  const history = contactHistory([fact]);
  if (history === undefined) throw new Error('a contact that has started has a history');
  return { tenantId, contactEvents: [fact], contacts: [contactRow(history)] };
}

const openContacts = () =>
  storage.database.inTenant(tenantId, (transaction) =>
    transaction.selectFrom('contacts').select('id').where('closed_at', 'is', null).execute(),
  );

test('[AVL-05] the contacts that a former process left are closed by few commits, however many they are', async () => {
  await Promise.all(Array.from({ length: 1_200 }, () => writer.append(begun())));
  expect(await openContacts()).toHaveLength(1_200);
  let underway = 0;
  let most = 0;
  const facts = {
    append: async (added: Facts): Promise<void> => {
      underway += 1;
      most = Math.max(most, underway);
      await writer.append(added);
      underway -= 1;
    },
  };
  await recover({
    ...{ tenantId, database: storage.database, facts, media: [], recordingsDir: '/', now: () => at + 5_000 },
    goesOn: { contactIds: new Set(), recordingIds: new Set() },
    log: silentLog,
  });
  expect(most).toBe(500);
  expect(await openContacts()).toEqual([]);
});
