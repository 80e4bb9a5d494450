import { type UserId, VoicemailBoxInput, type VoicemailBoxSettings } from '@crosspoint/contracts';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

export function boxOf({ name, settings }: NamedRow): VoicemailBoxSettings {
  return VoicemailBoxInput.parse({ ...(settings as object), name });
}

/** Whether the box names the user among its agents; `settings` is the column with its settings. */
export function boxNames(settings: string, userId: UserId): RawBuilder<SqlBool> {
  const username = sql`(select users.username::text from users where users.id = ${userId})`;
  return sql<SqlBool>`${sql.ref(settings)} -> 'agents' @> to_jsonb(${username})`;
}

/** The boxes of the transaction's tenant, by name. */
export async function boxesByName(
  transaction: DatabaseTransaction,
): Promise<Map<string, VoicemailBoxSettings>> {
  const rows = await allNamed(transaction, 'voicemail_boxes');
  return new Map(rows.map((row) => [row.name, boxOf(row)]));
}
