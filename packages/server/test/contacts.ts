import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  AgentId,
  ContactFact,
  ContactId,
  EntryId,
  LegId,
  OfferId,
  QueueId,
} from '@crosspoint/contracts';
import { contactHistory } from '@crosspoint/core';
import { writeWavHeader } from '@crosspoint/media';
import { contactRow } from '../src/features/calls/contact-row.ts';
import { DEFAULT_TENANT_ID, FactsWriter, newId } from '../src/platform/index.ts';
import type { TestApi } from './api.ts';

/** When the contacts of tests begin. */
export const START = Date.parse('2026-11-21T08:00:00.000Z');

/** The facts of a call that waits, and is then answered by an agent or given up. */
export function factsOf(
  queueId: QueueId,
  contactId: ContactId,
  startedAt: number,
  agentId: AgentId | null,
): ContactFact[] {
  const facts: ContactFact[] = [];
  const add = (afterMs: number, type: ContactFact['type'], data: object) => {
    facts.push({ contactId, seq: facts.length + 1, at: startedAt + afterMs, type, data } as ContactFact);
  };
  const legId = newId() as LegId;
  const entryId = `${contactId}/q1` as EntryId;
  const offerId = `${contactId}/o1` as OfferId;
  add(0, 'contact.started', {
    direction: 'inbound',
    number: '700',
    callerPhone: `+42060000${startedAt % 1000}`,
    callerName: 'Eva',
    carrier: 'sip',
    legId,
  });
  add(10, 'queue.entered', { entryId, queueId, priority: 0, position: 1 });
  if (agentId === null) {
    add(9000, 'queue.left', { entryId, queueId, result: 'abandoned', reason: 'caller-left', waitMs: 9000 });
    add(9000, 'contact.ended', { outcome: 'abandoned', reason: 'caller-left' });
    add(9000, 'contact.closed', {});
    return facts;
  }
  add(20, 'offer.made', {
    offerId,
    entryId,
    queueId,
    agentId,
    ringTimeoutMs: 15_000,
    why: 'longest-idle',
    consideredCount: 1,
  });
  add(4000, 'offer.ended', {
    offerId,
    queueId,
    agentId,
    result: 'accepted',
    reason: 'answered',
    ringMs: 3980,
  });
  add(4000, 'queue.left', {
    entryId,
    queueId,
    result: 'answered',
    reason: 'answered',
    waitMs: 4000,
    agentId,
  });
  add(4000, 'segment.started', { segment: 1, agentId, queueId, legId });
  add(64_000, 'segment.ended', {
    segment: 1,
    agentId,
    talkMs: 55_000,
    holdMs: 5000,
    reason: 'customer-hung-up',
  });
  add(64_000, 'contact.ended', { outcome: 'answered', reason: 'customer-hung-up' });
  add(64_000, 'contact.closed', {});
  return facts;
}

/** Stores the facts of a contact, and the row that follows from them. */
export async function storeContact(
  api: TestApi,
  queueId: QueueId,
  contactFacts: readonly ContactFact[],
): Promise<void> {
  const history = contactHistory(contactFacts);
  if (history === undefined) throw new Error('no history');
  const row = { ...contactRow(history), queueId };
  const silent = { warn: () => undefined, error: () => undefined, info: () => undefined };
  const facts = new FactsWriter({ connection: api.database.connection, log: silent });
  await facts.append({ tenantId: DEFAULT_TENANT_ID, contactEvents: contactFacts, contacts: [row] });
  await facts.close();
}

/** Two seconds of stereo: the customer loud in the first, the agent half as loud in the second. */
export async function storeRecording(
  api: TestApi,
  of: { id: string; contactId: ContactId; queueId: QueueId; agentId: string },
): Promise<void> {
  const folder = join(api.settings.dataDir, 'recordings/2026');
  mkdirSync(folder, { recursive: true });
  const frames = 16_000;
  const bytes = new Uint8Array(44 + frames * 4);
  writeWavHeader(bytes, { encoding: 'pcm16', channels: 2, rateHz: 8000 }, frames * 4);
  const samples = new Int16Array(bytes.buffer, 44);
  for (let frame = 0; frame < frames; frame++) {
    samples[frame * 2] = frame < 8000 ? 32_000 : 0;
    samples[frame * 2 + 1] = frame < 8000 ? 0 : -16_384;
  }
  writeFileSync(join(folder, 'one.wav'), bytes);
  await api.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .insertInto('recordings')
      .values({
        id: of.id,
        tenant_id: DEFAULT_TENANT_ID,
        contact_id: of.contactId,
        segment_id: '1',
        queue_id: of.queueId,
        agent_id: of.agentId,
        path: join(folder, 'one.wav'),
        format: 'wav',
        channels: 2,
        sample_rate: 8000,
        duration_seconds: 2,
        size_bytes: bytes.length,
        status: 'complete',
        started_at: new Date(START),
        ended_at: new Date(START + 2000),
      })
      .execute(),
  );
}
