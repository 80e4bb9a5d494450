import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

const TENANT_TABLES = [
  'contact_events',
  'contact_events_default',
  'agent_events',
  'agent_events_default',
  'contacts',
  'recordings',
] as const;

/**
 * Facts and what is derived from them. These tables have no foreign keys on purpose: facts are history and outlive the
 * queue or agent that they name, and a check per row would double the price of the busiest inserts.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // PostgreSQL wants the partition key in every primary key; a retried event carries the same instant, so that
  // "on conflict do nothing" still recognises it.
  await sql`
    create table contact_events (
      tenant_id uuid not null,
      contact_id uuid not null,
      seq integer not null check (seq >= 1),
      at timestamptz not null,
      type text not null,
      data jsonb not null,
      primary key (contact_id, seq, at)
    ) partition by range (at)
  `.execute(db);
  await sql`create table contact_events_default partition of contact_events default`.execute(db);
  await sql`create index contact_events_at_idx on contact_events (tenant_id, at)`.execute(db);
  await sql`
    create table agent_events (
      tenant_id uuid not null,
      agent_id uuid not null,
      at timestamptz not null,
      id uuid not null,
      type text not null,
      data jsonb not null,
      primary key (agent_id, at, id)
    ) partition by range (at)
  `.execute(db);
  await sql`create table agent_events_default partition of agent_events default`.execute(db);
  await sql`create index agent_events_at_idx on agent_events (tenant_id, at)`.execute(db);
  await createContacts(db);
  await createRecordings(db);
  for (const table of TENANT_TABLES) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['recordings', 'contacts', 'agent_events', 'contact_events']) {
    await sql`drop table ${sql.table(table)}`.execute(db);
  }
}

async function createContacts(db: Kysely<unknown>): Promise<void> {
  // A contact is updated a handful of times while it lives: room in the page keeps those updates off the indexes.
  await sql`
    create table contacts (
      id uuid primary key,
      tenant_id uuid not null,
      number text not null,
      direction text not null check (direction in ('inbound', 'outbound')),
      caller_phone text not null,
      caller_name text not null default '',
      queue_id uuid,
      agent_id uuid,
      outcome text check (
        outcome in ('answered', 'abandoned', 'overflowed', 'callback', 'deflected', 'failed')
      ),
      reason text,
      started_at timestamptz not null,
      queued_at timestamptz,
      answered_at timestamptz,
      ended_at timestamptz,
      closed_at timestamptz,
      state text not null,
      segments jsonb not null default '[]' check (jsonb_typeof(segments) = 'array'),
      last_seq integer not null check (last_seq >= 0)
    ) with (fillfactor = 80)
  `.execute(db);
  await sql`create index contacts_started_at_idx on contacts (tenant_id, started_at desc, id desc)`.execute(
    db,
  );
  await sql`create index contacts_queue_idx on contacts (tenant_id, queue_id, started_at desc)`.execute(db);
  await sql`create index contacts_agent_idx on contacts (tenant_id, agent_id, started_at desc)`.execute(db);
  await sql`create index contacts_open_idx on contacts (tenant_id) where closed_at is null`.execute(db);
}

async function createRecordings(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recordings (
      id uuid primary key,
      tenant_id uuid not null,
      contact_id uuid not null,
      segment_id text,
      queue_id uuid,
      agent_id uuid,
      path text not null,
      format text not null,
      channels integer not null check (channels between 1 and 2),
      sample_rate integer not null check (sample_rate > 0),
      duration_seconds double precision not null default 0 check (duration_seconds >= 0),
      size_bytes bigint not null default 0 check (size_bytes >= 0),
      status text not null check (status in ('recording', 'complete', 'failed')),
      started_at timestamptz not null,
      ended_at timestamptz,
      deleted_at timestamptz
    )
  `.execute(db);
  await sql`create index recordings_contact_id_idx on recordings (contact_id)`.execute(db);
  await sql`create index recordings_started_at_idx on recordings (tenant_id, started_at desc, id desc)`.execute(
    db,
  );
  await sql`create index recordings_running_idx on recordings (tenant_id) where status = 'recording'`.execute(
    db,
  );
}
