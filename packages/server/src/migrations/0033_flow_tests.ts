import { type Kysely, sql } from 'kysely';

/** Tests are kept with the flow that they try. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table flows add column tests jsonb not null default '[]' check (jsonb_typeof(tests) = 'array')
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table flows drop column tests`.execute(db);
}
