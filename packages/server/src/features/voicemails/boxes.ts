import { VoicemailBoxInput, type VoicemailBoxSettings } from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed, type NamedRow } from '../named/index.ts';

export function boxOf({ name, settings }: NamedRow): VoicemailBoxSettings {
  return VoicemailBoxInput.parse({ ...(settings as object), name });
}

/** The boxes of the transaction's tenant, by name. */
export async function boxesByName(
  transaction: DatabaseTransaction,
): Promise<Map<string, VoicemailBoxSettings>> {
  const rows = await allNamed(transaction, 'voicemail_boxes');
  return new Map(rows.map((row) => [row.name, boxOf(row)]));
}
