import { resolve } from 'node:path';
import type { ContactFact, ContactId, TenantId } from '@crosspoint/contracts';
import { contactHistory } from '@crosspoint/core';
import { type MediaClient, recoverRecording } from '../../media/index.ts';
import type { Database, FactsWriter, RecordingRow } from '../../platform/index.ts';
import { contactRow } from './contact-row.ts';
import { closingFacts } from './lost-contacts.ts';

export interface RecoveryContext {
  tenantId: TenantId;
  database: Database;
  facts: Pick<FactsWriter, 'append'>;
  media: readonly MediaClient[];
  recordingsDir: string;
  /** What goes on and is left alone. */
  goesOn: { contactIds: ReadonlySet<string>; recordingIds: ReadonlySet<string> };
  now: () => number;
  log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/** A start after a crash looks at no more open contacts than this; more were never up at once. */
const openContactsMax = 50_000;
/** So many are given to the writer before the first is awaited: one commit takes hundreds, and each alone would wait for its own. */
const closedTogether = 500;

/**
 * Puts right what a former process left behind and what does not go on: recordings without an end, contacts without an
 * outcome. Runs before the first call is taken, and reports what it repaired.
 */
export async function recover(context: RecoveryContext): Promise<void> {
  await stopOrphans(context);
  const recordings = await repairRecordings(context);
  const closed = await closeLostContacts(context, recordings);
  if (recordings.size > 0 || closed > 0) {
    context.log.warn(
      { contacts: closed, recordings: recordings.size },
      'the server had not been stopped cleanly; its open contacts were closed and its recordings repaired',
    );
  }
}

/** Media processes outlive a crash. A recording of a contact that does not go on is ended, so that its file can be repaired. */
async function stopOrphans({ media, log, goesOn }: RecoveryContext): Promise<void> {
  for (const client of media) {
    for (const { recordingId } of client.hello?.recordings ?? []) {
      if (goesOn.recordingIds.has(recordingId)) continue;
      await client.stopRecording(recordingId).catch((error: Error) => {
        log.warn({ err: error, recordingId }, 'a left-over recording could not be stopped');
      });
    }
  }
}

/** Repairs the file of every recording that has no end; returns them by id. */
async function repairRecordings(context: RecoveryContext): Promise<Map<string, RecordingRow>> {
  const { database, tenantId, facts, now } = context;
  const rows = await database.inTenant(tenantId, (transaction) =>
    transaction
      .selectFrom('recordings')
      .selectAll()
      .where('status', '=', 'recording')
      .limit(openContactsMax)
      .execute(),
  );
  const repaired = new Map<string, RecordingRow>();
  for (const row of rows) {
    if (context.goesOn.recordingIds.has(row.id)) continue;
    const found = await measure(context, resolve(context.recordingsDir, row.path));
    repaired.set(row.id, {
      id: row.id,
      contactId: row.contact_id,
      segmentId: row.segment_id,
      queueId: row.queue_id,
      agentId: row.agent_id,
      path: row.path,
      format: row.format,
      channels: row.channels === 1 ? 1 : 2,
      sampleRate: row.sample_rate,
      durationSeconds: found?.durationSeconds ?? 0,
      sizeBytes: found?.bytes ?? 0,
      status: found === undefined ? 'failed' : 'complete',
      startedAt: row.started_at.getTime(),
      endedAt: now(),
      deletedAt: null,
    });
  }
  if (repaired.size > 0) await facts.append({ tenantId, recordings: [...repaired.values()] });
  return repaired;
}

async function measure(
  { log }: RecoveryContext,
  path: string,
): Promise<{ durationSeconds: number; bytes: number } | undefined> {
  try {
    return await recoverRecording(path);
  } catch (error) {
    log.warn({ err: error, path }, 'a recording could not be repaired');
    return undefined;
  }
}

async function closeLostContacts(
  { database, tenantId, facts, goesOn, now }: RecoveryContext,
  recordings: ReadonlyMap<string, RecordingRow>,
): Promise<number> {
  const byContact = await database.inTenant(tenantId, async (transaction) => {
    const rows = await transaction
      .selectFrom('contact_events')
      .innerJoin('contacts', 'contacts.id', 'contact_events.contact_id')
      .select(['contact_events.contact_id', 'contact_events.seq', 'contact_events.at'])
      .select(['contact_events.type', 'contact_events.data'])
      .where('contacts.closed_at', 'is', null)
      .orderBy('contact_events.contact_id')
      .orderBy('contact_events.seq')
      .execute();
    return Map.groupBy(rows, (row) => row.contact_id);
  });
  const recordedMs = new Map(
    [...recordings].map(([id, row]) => [id, Math.round(row.durationSeconds * 1000)]),
  );
  let closed = 0;
  const underway: Promise<void>[] = [];
  for (const [contactId, rows] of byContact) {
    if (goesOn.contactIds.has(contactId)) continue;
    const known = rows.map(
      (row) =>
        ({
          contactId: contactId as ContactId,
          seq: row.seq,
          at: row.at.getTime(),
          type: row.type,
          data: row.data,
        }) as ContactFact,
    );
    const closing = closingFacts(known, recordedMs, now());
    if (closing.length === 0) continue;
    const history = contactHistory([...known, ...closing]);
    const contacts = history === undefined ? [] : [contactRow(history)];
    closed++;
    underway.push(facts.append({ tenantId, contactEvents: closing, contacts }));
    if (underway.length >= closedTogether) await Promise.all(underway.splice(0));
  }
  await Promise.all(underway);
  return closed;
}
