import { type Kysely, sql } from 'kysely';

/** Whether the sound of a telephone is encrypted. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table endpoints add column srtp text not null default 'off' check (srtp in ('off', 'offered', 'required'))
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table endpoints drop column srtp`.execute(db);
}
