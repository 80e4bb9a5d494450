import { RecognitionSettingsInput } from '@crosspoint/contracts';
import type { Database, DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import type { RecognitionChoice } from './door.ts';

export type StoredChoice = Omit<RecognitionChoice, 'key'>;
const StoredSettings = RecognitionSettingsInput.omit({ key: true });

/** As they are stored, with the sealed key; the engine beside the server when nobody chose. */
export async function readRecognitionSettings(
  transaction: DatabaseTransaction,
): Promise<{ settings: StoredChoice; sealedKey: string | null }> {
  const row = await transaction
    .selectFrom('recognition_settings')
    .select(['settings', 'sealed_key'])
    .executeTakeFirst();
  return {
    settings: StoredSettings.parse(row?.settings ?? { provider: 'offline' }),
    sealedKey: row?.sealed_key ?? null,
  };
}

export async function writeRecognitionSettings(
  transaction: DatabaseTransaction,
  tenantId: string,
  settings: StoredChoice,
  sealedKey: string | null,
): Promise<void> {
  const values = { settings: JSON.stringify(settings), sealed_key: sealedKey };
  await transaction
    .insertInto('recognition_settings')
    .values({ tenant_id: tenantId, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    .execute();
}

/** Who is to understand the callers of a tenant; a key that cannot be opened is none. */
export async function readRecognitionChoice(
  database: Database,
  box: SecretBox,
  tenantId: string,
): Promise<RecognitionChoice> {
  const { settings, sealedKey } = await database.inTenant(tenantId, readRecognitionSettings);
  return { ...settings, key: sealedKey === null ? '' : (box.open(sealedKey) ?? '') };
}
