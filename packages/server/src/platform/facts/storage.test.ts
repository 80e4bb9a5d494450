import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, silentLog, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import { newId } from '../ids.ts';
import { type ContactRow, FactsWriter, type RecordingRow } from './index.ts';

let test: TestDatabase;
let writer: FactsWriter;
const at = Date.parse('2026-11-21T10:00:00.123Z');

beforeAll(async () => {
  test = await createTestDatabase();
  writer = new FactsWriter({ connection: test.connection, log: silentLog });
});
afterAll(async () => {
  await writer.close();
  await test.drop();
});

const tenantId = DEFAULT_TENANT_ID;
const event = (contactId: string, seq: number, data: object = {}) =>
  ({ contactId, seq, at: at + seq, type: 'contact.closed', data }) as never;

function contact(id: string, change: Partial<ContactRow> = {}): ContactRow {
  return {
    id,
    number: '700',
    direction: 'inbound',
    callerPhone: '+420555000111',
    callerName: 'Žofie',
    queueId: null,
    agentId: null,
    outcome: null,
    reason: null,
    startedAt: at,
    queuedAt: null,
    answeredAt: null,
    endedAt: null,
    closedAt: null,
    state: 'waiting',
    segments: [],
    lastSeq: 1,
    ...change,
  };
}

function eventsOf(contactId: string) {
  return test.database.inTenant(tenantId, (t) =>
    t.selectFrom('contact_events').selectAll().where('contact_id', '=', contactId).orderBy('seq').execute(),
  );
}
function contactOf(id: string) {
  return test.database.inTenant(tenantId, (t) =>
    t.selectFrom('contacts').selectAll().where('id', '=', id).executeTakeFirst(),
  );
}

describe('stored facts', () => {
  it('[OPS-03] are exactly what was appended, to the millisecond', async () => {
    const id = newId();
    const agentId = newId();
    const segments = [{ segment: 1, note: 'quote " and \\ and \u{1F4DE}' }];
    await writer.append({
      tenantId,
      contactEvents: [event(id, 1, { number: '700' }), event(id, 2)],
      agentEvents: [
        { agentId, at, type: 'device.changed', data: { reachable: false, reason: 'expired' } } as never,
      ],
      contacts: [contact(id, { segments, queuedAt: at + 5 })],
    });
    expect(await eventsOf(id)).toMatchObject([
      { seq: 1, at: new Date(at + 1), type: 'contact.closed', data: { number: '700' } },
      { seq: 2, at: new Date(at + 2), data: {} },
    ]);
    expect(await contactOf(id)).toMatchObject({
      caller_name: 'Žofie',
      queued_at: new Date(at + 5),
      ended_at: null,
      segments,
    });
    const agentEvents = await test.database.inTenant(tenantId, (t) =>
      t.selectFrom('agent_events').selectAll().where('agent_id', '=', agentId).execute(),
    );
    expect(agentEvents).toMatchObject([{ at: new Date(at), data: { reachable: false, reason: 'expired' } }]);
  });

  it('[OPS-03] are not doubled when they are written twice', async () => {
    const id = newId();
    await writer.append({ tenantId, contactEvents: [event(id, 1)] });
    await writer.append({ tenantId, contactEvents: [event(id, 1, { changed: true }), event(id, 2)] });
    expect((await eventsOf(id)).map(({ seq, data }) => [seq, data])).toEqual([
      [1, {}],
      [2, {}],
    ]);
  });

  it('[OPS-03] never replace a newer contact by an older one, in one batch or in several', async () => {
    const id = newId();
    const newer = contact(id, { lastSeq: 5, state: 'closed', outcome: 'answered' });
    const older = contact(id, { lastSeq: 4, state: 'talking' });
    await Promise.all([
      writer.append({ tenantId, contacts: [newer] }),
      writer.append({ tenantId, contacts: [older] }),
    ]);
    await writer.append({ tenantId, contacts: [older] });
    expect(await contactOf(id)).toMatchObject({ state: 'closed', outcome: 'answered', last_seq: 5 });
  });

  it('[OPS-03] keep a recording up to date', async () => {
    const running: RecordingRow = {
      id: newId(),
      contactId: newId(),
      segmentId: '1',
      queueId: null,
      agentId: null,
      path: 'recordings/a.wav',
      format: 'wav',
      channels: 2,
      sampleRate: 8000,
      durationSeconds: 0,
      sizeBytes: 0,
      status: 'recording',
      startedAt: at,
      endedAt: null,
      deletedAt: null,
    };
    const complete = {
      ...running,
      status: 'complete' as const,
      durationSeconds: 12.5,
      sizeBytes: 5e9,
      endedAt: at,
    };
    await writer.append({ tenantId, recordings: [running] });
    await writer.append({ tenantId, recordings: [complete] });
    // What was on its way when the database fell silent may arrive after what came later.
    await writer.append({ tenantId, recordings: [running] });
    const row = await test.database.inTenant(tenantId, (t) =>
      t.selectFrom('recordings').selectAll().where('id', '=', running.id).executeTakeFirst(),
    );
    expect(row).toMatchObject({
      status: 'complete',
      duration_seconds: 12.5,
      size_bytes: 5e9,
      ended_at: new Date(at),
    });
  });

  it('[AGT-01] bring the status that an agent chose with them, the newest, and none that the system chose', async () => {
    const agentId = newId();
    await test.database.inTenant(tenantId, async (t) => {
      const person = { id: agentId, tenant_id: tenantId, username: agentId, name: 'Ann', role: 'agent' };
      await t.insertInto('users').values(person).execute();
      const since = new Date(at);
      await t
        .insertInto('agents')
        .values({ user_id: agentId, tenant_id: tenantId, status_since: since })
        .execute();
    });
    const chosen = (afterMs: number, status: string, by: 'agent' | 'system') =>
      ({
        agentId,
        at: at + afterMs,
        type: 'status.chosen',
        data: { status, reasonCode: 'lunch', by },
      }) as never;
    await writer.append({
      tenantId,
      agentEvents: [chosen(1, 'available', 'agent'), chosen(2, 'break', 'agent')],
    });
    await writer.append({
      tenantId,
      agentEvents: [chosen(1, 'available', 'agent'), chosen(3, 'offline', 'system')],
    });
    const row = await test.database.inTenant(tenantId, (t) =>
      t.selectFrom('agents').selectAll().where('user_id', '=', agentId).executeTakeFirst(),
    );
    expect(row).toMatchObject({
      ...{ chosen_status: 'break', reason_code: 'lunch', status_since: new Date(at + 2) },
    });
  });

  it('[OPS-05] survive characters that PostgreSQL does not store', async () => {
    const id = newId();
    await writer.append({ tenantId, contacts: [contact(id, { callerName: 'a\0b\ud800c \\u0000' })] });
    expect(await contactOf(id)).toMatchObject({ caller_name: 'a\ufffdb\ufffdc \\u0000' });
  });

  it('[TEAM-03] belong to their tenant, and cannot take over a row of another', async () => {
    const id = newId();
    await writer.append({ tenantId, contacts: [contact(id)] });
    await writer.append({ tenantId: newId(), contacts: [contact(id, { lastSeq: 9, state: 'stolen' })] });
    expect(await contactOf(id)).toMatchObject({ state: 'waiting', tenant_id: tenantId });
  });

  it('[OPS-03] refuse a value against the rules of the table, alone', async () => {
    const [good, bad] = [newId(), newId()];
    const results = await Promise.allSettled([
      writer.append({ tenantId, contacts: [contact(good)] }),
      writer.append({ tenantId, contacts: [contact(bad, { outcome: 'vanished' as never })] }),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await contactOf(good)).toBeDefined();
    expect(await contactOf(bad)).toBeUndefined();
  });

  it('[OPS-03] go on after the database has cut the connection', async () => {
    const id = newId();
    await writer.append({ tenantId, contactEvents: [event(id, 1)] });
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'crosspoint facts' and datname = current_database()
    `.execute(test.database.unscoped);
    await writer.append({ tenantId, contactEvents: [event(id, 2)] });
    expect(await eventsOf(id)).toHaveLength(2);
    expect(writer.health.state).toBe('ok');
  });
});
