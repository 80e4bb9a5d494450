import { type Kysely, sql } from 'kysely';

/** The sound of a telephone may have its keys from DTLS. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table endpoints drop constraint endpoints_srtp_check,
      add constraint endpoints_srtp_check
        check (srtp in ('off', 'offered', 'required', 'dtls-offered', 'dtls-required'))
  `.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  // The same encryption with keys from the description.
  await sql`update endpoints set srtp = substr(srtp, 6) where srtp like 'dtls-%'`.execute(db);
  await sql`
    alter table endpoints drop constraint endpoints_srtp_check,
      add constraint endpoints_srtp_check check (srtp in ('off', 'offered', 'required'))
  `.execute(db);
}
