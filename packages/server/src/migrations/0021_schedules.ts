import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** When agents are to work. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table schedules (
      agent_id uuid primary key,
      tenant_id uuid not null,
      settings jsonb not null,
      foreign key (tenant_id, agent_id) references agents (tenant_id, user_id) on delete cascade
    )
  `.execute(db);
  await isolateTenants(db, 'schedules');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table schedules`.execute(db);
}
