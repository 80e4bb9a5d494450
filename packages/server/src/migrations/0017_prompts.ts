import { type Kysely, sql } from 'kysely';
import { isolateTenants } from './row-level-security.ts';

/** What is known of a tenant's own recordings beside their sound, which lies in the data directory. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table prompt_sounds (
      tenant_id uuid not null references tenants,
      language text not null,
      name text not null,
      source text not null check (source in ('uploaded', 'microphone', 'telephone', 'spoken', 'file')),
      text text check (length(text) between 1 and 1000),
      pace_percent integer check (pace_percent between 50 and 200),
      gain_db double precision,
      changed_at timestamptz not null,
      primary key (tenant_id, language, name)
    )
  `.execute(db);
  await isolateTenants(db, 'prompt_sounds');
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table prompt_sounds`.execute(db);
}
