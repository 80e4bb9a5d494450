import { createHash, randomInt } from 'node:crypto';
import {
  type ConferenceId,
  conferencePinDigits,
  type ConferencePins,
  type ConferenceRole,
} from '@crosspoint/contracts';
import type { DatabaseTransaction, SecretBox } from '../../platform/index.ts';

/** What a PIN opens. */
export interface PinTarget {
  conferenceId: ConferenceId;
  role: ConferenceRole;
}

const roles = ['participant', 'moderator'] as const;
/** With nine digits two of a tenant are hardly ever alike; still each is tried against all. */
const drawsMax = 20;

/** Under which a PIN is kept in memory: nothing that is printed by mistake shows it. */
export function pinKey(pin: string): string {
  return createHash('sha256').update(pin).digest('base64url');
}

/** Draws the PINs of a conference that has none. */
export async function givePins(
  transaction: DatabaseTransaction,
  tenantId: string,
  conferenceId: string,
  box: SecretBox,
): Promise<void> {
  const known = await readPins(transaction, conferenceId, box);
  if (known === undefined) await drawPins(transaction, tenantId, conferenceId, box);
}

/** Draws both PINs of a conference anew, different from all others of the tenant. */
export async function drawPins(
  transaction: DatabaseTransaction,
  tenantId: string,
  conferenceId: string,
  box: SecretBox,
): Promise<void> {
  // One at a time draws, so that no two draw the same.
  const others = await transaction.selectFrom('conference_pins').select('sealed').forUpdate().execute();
  const taken = new Set(others.map(({ sealed }) => box.open(sealed)));
  await transaction.deleteFrom('conference_pins').where('conference_id', '=', conferenceId).execute();
  for (const role of roles) {
    const pin = drawPin(taken);
    taken.add(pin);
    const fingerprint = box.derive(`conference-pin/${tenantId}/${pin}`);
    await transaction
      .insertInto('conference_pins')
      .values({ tenant_id: tenantId, conference_id: conferenceId, role, sealed: box.seal(pin), fingerprint })
      .execute();
  }
}

function drawPin(taken: ReadonlySet<string | undefined>): string {
  for (let draw = 0; draw < drawsMax; draw++) {
    const pin = String(randomInt(10 ** conferencePinDigits)).padStart(conferencePinDigits, '0');
    if (!taken.has(pin)) return pin;
  }
  throw new Error('no free PIN was drawn; delete conferences that are over');
}

/** Undefined when the key of the installation is another than the one they were sealed with. */
export async function readPins(
  transaction: DatabaseTransaction,
  conferenceId: string,
  box: SecretBox,
): Promise<ConferencePins | undefined> {
  const rows = await transaction
    .selectFrom('conference_pins')
    .select(['role', 'sealed'])
    .where('conference_id', '=', conferenceId)
    .execute();
  const [participant, moderator] = roles.map((role) => {
    const row = rows.find((each) => each.role === role);
    return row && box.open(row.sealed);
  });
  return participant === undefined || moderator === undefined ? undefined : { participant, moderator };
}

/** What the PINs of the transaction's tenant open, by their keys. */
export async function pinTargets(
  transaction: DatabaseTransaction,
  box: SecretBox,
): Promise<Map<string, PinTarget>> {
  const rows = await transaction
    .selectFrom('conference_pins')
    .select(['conference_id', 'role', 'sealed'])
    .execute();
  return new Map(
    rows.flatMap(({ conference_id, role, sealed }) => {
      const pin = box.open(sealed);
      const target = { conferenceId: conference_id as ConferenceId, role: role as ConferenceRole };
      return pin === undefined ? [] : [[pinKey(pin), target] as const];
    }),
  );
}
