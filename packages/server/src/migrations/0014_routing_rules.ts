import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Rules of routing: the draft, one row for each rule, and every list that was published. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table routing_rules (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      position integer not null check (position >= 0),
      rule jsonb not null check (jsonb_typeof(rule) = 'object')
    )
  `.execute(db);
  await sql`create index routing_rules_position_idx on routing_rules (tenant_id, position)`.execute(db);
  await sql`
    create table routing_versions (
      tenant_id uuid not null references tenants,
      version integer not null check (version >= 1),
      rules jsonb not null check (jsonb_typeof(rules) = 'array'),
      published_at timestamptz not null,
      primary key (tenant_id, version)
    )
  `.execute(db);
  await isolateTenants(db, 'routing_rules');
  await isolateTenants(db, 'routing_versions');
  // Logs and analytics of flows and rules read these few kinds of facts; the others cost nothing here.
  await sql`
    create index contact_events_ways_idx on contact_events (tenant_id, type, at desc, contact_id, seq)
      where type in ('flow.started', 'flow.passed', 'flow.ended', 'survey.answered', 'routing.decided')
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index contact_events_ways_idx`.execute(db);
  await sql`drop table routing_versions`.execute(db);
  await sql`drop table routing_rules`.execute(db);
}
