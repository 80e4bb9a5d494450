import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** Scheduled conferences, and the PINs that open them: sealed, because whoever leads one has to see them again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table conferences (
      id uuid primary key,
      tenant_id uuid not null references tenants,
      name text not null check (length(name) between 1 and 100),
      settings jsonb not null check (jsonb_typeof(settings) = 'object'),
      unique (tenant_id, id),
      unique (tenant_id, name)
    )
  `.execute(db);
  await isolateTenants(db, 'conferences');
  await sql`
    create table conference_pins (
      tenant_id uuid not null,
      conference_id uuid not null,
      role text not null check (role in ('participant', 'moderator')),
      sealed text not null,
      fingerprint text not null,
      primary key (conference_id, role),
      unique (tenant_id, fingerprint),
      foreign key (tenant_id, conference_id) references conferences (tenant_id, id) on delete cascade
    )
  `.execute(db);
  await isolateTenants(db, 'conference_pins');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table conference_pins`.execute(db);
  await sql`drop table conferences`.execute(db);
}
