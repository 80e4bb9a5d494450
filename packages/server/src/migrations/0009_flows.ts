import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Flows that answer calls: the draft that is worked on, and every version that was published. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table flows (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      draft jsonb not null check (jsonb_typeof(draft) = 'object'),
      version integer check (version >= 1),
      archived_at timestamptz,
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await sql`
    create table flow_versions (
      tenant_id uuid not null references tenants,
      flow_id uuid not null,
      version integer not null check (version >= 1),
      document jsonb not null check (jsonb_typeof(document) = 'object'),
      published_at timestamptz not null,
      primary key (flow_id, version),
      foreign key (tenant_id, flow_id) references flows (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await isolateTenants(db, 'flows');
  await isolateTenants(db, 'flow_versions');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table flow_versions`.execute(db);
  await sql`drop table flows`.execute(db);
}
