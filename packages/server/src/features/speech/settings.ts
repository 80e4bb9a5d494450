import { type SpeechSettings, SpeechSettingsInput } from '@crosspoint/contracts';
import type { Database, DatabaseTransaction, SecretBox } from '../../platform/index.ts';
import type { SpeechChoice } from './door.ts';

type Stored = Omit<SpeechChoice, 'key'>;
const StoredSettings = SpeechSettingsInput.omit({ key: true });

/** As they are stored, with the sealed key; the engine beside the server when nobody chose. */
export async function readSpeechSettings(
  transaction: DatabaseTransaction,
): Promise<{ settings: Stored; sealedKey: string | null }> {
  const row = await transaction
    .selectFrom('speech_settings')
    .select(['settings', 'sealed_key'])
    .executeTakeFirst();
  return {
    settings: StoredSettings.parse(row?.settings ?? { provider: 'offline' }),
    sealedKey: row?.sealed_key ?? null,
  };
}

export async function writeSpeechSettings(
  transaction: DatabaseTransaction,
  tenantId: string,
  settings: Stored,
  sealedKey: string | null,
): Promise<void> {
  const values = { settings: JSON.stringify(settings), sealed_key: sealedKey };
  await transaction
    .insertInto('speech_settings')
    .values({ tenant_id: tenantId, ...values })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(values))
    .execute();
}

/** The service that is to speak for a tenant; undefined for the engine beside the server, or when the key cannot be opened. */
export async function readSpeechChoice(
  database: Database,
  box: SecretBox,
  tenantId: string,
): Promise<SpeechChoice | undefined> {
  const { settings, sealedKey } = await database.inTenant(tenantId, readSpeechSettings);
  if (settings.provider === 'offline') return undefined;
  const key = sealedKey === null ? '' : box.open(sealedKey);
  return key === undefined ? undefined : { ...settings, key };
}

export function shownSettings(
  settings: Stored,
  sealedKey: string | null,
  lastFault: SpeechSettings['lastFault'],
): SpeechSettings {
  return { ...settings, hasKey: sealedKey !== null, lastFault };
}
