import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Shared business hours; boxes in which callers leave messages, and the messages, whose sound is that of a recording. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['calendars', 'voicemail_boxes']) {
    await sql`
      create table ${sql.table(table)} (
        id uuid primary key,
        tenant_id uuid not null references tenants,
        name text not null check (length(name) between 1 and 100),
        settings jsonb not null check (jsonb_typeof(settings) = 'object'),
        unique (tenant_id, id),
        unique (tenant_id, name)
      )
    `.execute(db);
    await isolateTenants(db, table);
  }
  await sql`
    create table voicemails (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      box_id uuid not null,
      contact_id uuid not null,
      recording_id uuid not null,
      number text not null,
      caller_phone text not null,
      caller_name text not null,
      left_at timestamptz not null,
      duration_ms integer not null check (duration_ms >= 0),
      heard_at timestamptz,
      heard_by uuid,
      deleted_at timestamptz,
      foreign key (tenant_id, box_id) references voicemail_boxes (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await sql`create index voicemails_by_time on voicemails (tenant_id, left_at)`.execute(db);
  await isolateTenants(db, 'voicemails');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table voicemails`.execute(db);
  await sql`drop table voicemail_boxes`.execute(db);
  await sql`drop table calendars`.execute(db);
}
