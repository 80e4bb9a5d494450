import { type UserId, VoicemailBoxInput, type VoicemailBoxSettings } from '@crosspoint/contracts';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { type Bounds, namesWithin, type TeamScope } from '../../http/index.ts';
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

/** Whether a box is in scope: it names nobody, or somebody of the teams. */
export const boxWithin = (settings: string, scope: TeamScope): RawBuilder<SqlBool> =>
  namesWithin(sql`${sql.ref(settings)} -> 'agents'`, scope);

/** Narrows boxes to those within the bounds; undefined: all of them are. */
export function boxBounds(settings: string, { owner, scope }: Bounds): RawBuilder<SqlBool> | undefined {
  if (owner !== undefined) return boxNames(settings, owner);
  return scope === undefined ? undefined : boxWithin(settings, scope);
}

/** The boxes of the transaction's tenant, by name. */
export async function boxesByName(
  transaction: DatabaseTransaction,
): Promise<Map<string, VoicemailBoxSettings>> {
  const rows = await allNamed(transaction, 'voicemail_boxes');
  return new Map(rows.map((row) => [row.name, boxOf(row)]));
}

export type OpenBox = { id: string; settings: VoicemailBoxSettings; hasPin: boolean };

/** The boxes that name that user among their agents, by name. */
export async function boxesOf(transaction: DatabaseTransaction, userId: UserId): Promise<OpenBox[]> {
  const rows = await transaction
    .selectFrom('voicemail_boxes')
    .select(['id', 'name', 'settings', 'pin_hash'])
    .where(boxNames('settings', userId))
    .orderBy('name')
    .execute();
  return rows.map(({ pin_hash, ...row }) => ({
    id: row.id,
    settings: boxOf(row),
    hasPin: pin_hash !== null,
  }));
}

/** The box of that number; undefined when there is none. */
export function boxNumbered(transaction: DatabaseTransaction, number: string): Promise<NamedRow | undefined> {
  return transaction
    .selectFrom('voicemail_boxes')
    .select(['id', 'name', 'settings'])
    .where(sql<string>`settings ->> 'number'`, '=', number)
    .orderBy('id')
    .executeTakeFirst();
}

/** Callers hear that recording from now on. */
export async function setGreeting(
  transaction: DatabaseTransaction,
  id: string,
  recording: string,
): Promise<void> {
  const greeting = JSON.stringify([{ recording }]);
  await transaction
    .updateTable('voicemail_boxes')
    .set({ settings: sql`jsonb_set(settings, '{greeting}', ${greeting}::jsonb)` })
    .where('id', '=', id)
    .execute();
}
