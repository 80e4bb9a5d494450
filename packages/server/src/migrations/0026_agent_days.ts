import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/**
 * What each agent did on each day of UTC, added up from the facts, and which days are added up. No foreign key to agents: what
 * somebody did stays when the profile goes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table agent_days (
      tenant_id uuid not null references tenants (id) on delete cascade,
      day date not null,
      agent_id uuid not null,
      answered integer not null,
      handled integer not null,
      talk_ms bigint not null,
      hold_ms bigint not null,
      wrap_up_ms bigint not null,
      missed integer not null,
      rejected integer not null,
      transfers integer not null,
      activity_idle_ms integer not null,
      activity_offered_ms integer not null,
      activity_on_contact_ms integer not null,
      activity_hold_ms integer not null,
      activity_wrap_up_ms integer not null,
      activity_not_responding_ms integer not null,
      activity_unreachable_ms integer not null,
      activity_break_ms integer not null,
      activity_offline_ms integer not null,
      primary key (tenant_id, agent_id, day)
    )
  `.execute(db);
  await sql`create index agent_days_day_idx on agent_days (tenant_id, day)`.execute(db);
  await sql`
    create table summed_days (
      tenant_id uuid not null references tenants (id) on delete cascade,
      day date not null,
      formula_version integer not null,
      summed_at timestamptz not null,
      primary key (tenant_id, day)
    )
  `.execute(db);
  for (const table of ['agent_days', 'summed_days']) await isolateTenants(db, table);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of ['summed_days', 'agent_days']) await sql`drop table ${sql.table(table)}`.execute(db);
}
