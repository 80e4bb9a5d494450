import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** What supervisors write about agents; what they did in conversations is found in the facts by an index. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table coaching_notes (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      agent_id uuid not null,
      contact_id uuid,
      author_id uuid not null,
      text text not null check (length(text) between 1 and 4000),
      shared boolean not null,
      follow_up_on date,
      done_at timestamptz,
      created_at timestamptz not null,
      changed_at timestamptz not null,
      foreign key (tenant_id, agent_id) references agents (tenant_id, user_id) on delete cascade
    )
  `.execute(db);
  await sql`create index coaching_notes_agent_idx on coaching_notes (tenant_id, agent_id, created_at desc)`.execute(
    db,
  );
  await isolateTenants(db, 'coaching_notes');
  await sql`
    create index contact_events_supervision_idx on contact_events (tenant_id, at)
    where type in ('supervision.started', 'supervision.changed', 'supervision.ended')
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index contact_events_supervision_idx`.execute(db);
  await sql`drop table coaching_notes`.execute(db);
}
