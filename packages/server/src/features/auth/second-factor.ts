import { randomBytes } from 'node:crypto';
import type { SecondFactor, TenantId, UserId } from '@crosspoint/contracts';
import { sql } from 'kysely';
import { HttpProblem } from '../../http/index.ts';
import { type DatabaseTransaction, oneTimePasswords, type SecretBox } from '../../platform/index.ts';
import { hashToken } from './tokens.ts';

/** RFC 6238 as every authenticator app has it: SHA-1, six digits, steps of 30 s; a code of the step before or after is taken too. */
const stepSeconds = 30;
const issuer = 'Crosspoint';
const recoveryCodes = 10;
/** 80 random bits: too many to guess, so that a fast hash of them is enough. */
const recoveryBytes = 10;
const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';

/** What a user has set up; a secret that no code has proved yet counts as nothing. */
export async function findSecondFactor(
  transaction: DatabaseTransaction,
  userId: UserId,
): Promise<SecondFactor> {
  const row = await transaction
    .selectFrom('second_factors')
    .select(['confirmed_at', sql<number>`cardinality(recovery_hashes)`.as('left')])
    .where('user_id', '=', userId)
    .executeTakeFirst();
  const confirmedAt = row?.confirmed_at?.toISOString() ?? null;
  return {
    enabled: confirmedAt !== null,
    confirmedAt,
    recoveryCodesLeft: confirmedAt === null ? 0 : (row?.left ?? 0),
  };
}

/** Draws a new secret in place of one that was not confirmed. @throws {HttpProblem} `command-refused` when one is in use. */
export async function beginSecondFactor(
  transaction: DatabaseTransaction,
  box: SecretBox,
  user: { userId: UserId; tenantId: TenantId; username: string },
): Promise<{ secret: string; uri: string }> {
  const secret = oneTimePasswords().generateSecret();
  const { userId, tenantId, username } = user;
  const made = await transaction
    .insertInto('second_factors')
    .values({ user_id: userId, tenant_id: tenantId, sealed_secret: box.seal(secret) })
    .onConflict((conflict) =>
      conflict
        .column('user_id')
        .doUpdateSet({ sealed_secret: box.seal(secret), last_step: 0 })
        .where('second_factors.confirmed_at', 'is', null),
    )
    .returning('user_id')
    .executeTakeFirst();
  if (made === undefined) {
    const detail = 'A second factor is in use already. Remove it first.';
    throw new HttpProblem('command-refused', detail, { reason: 'second-factor-enabled' });
  }
  return { secret, uri: oneTimePasswords().generateURI({ issuer, label: username, secret }) };
}

/** The first code proves that the app has the secret: from now on it is asked for. Undefined when the code is wrong. */
export async function confirmSecondFactor(
  transaction: DatabaseTransaction,
  box: SecretBox,
  userId: UserId,
  code: string,
  nowMs: number,
): Promise<string[] | undefined> {
  const row = await transaction
    .selectFrom('second_factors')
    .select('sealed_secret')
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is', null)
    .executeTakeFirst();
  if (row === undefined || !(await takeAppCode(transaction, box, userId, row.sealed_secret, code, nowMs))) {
    return undefined;
  }
  const codes = await replaceRecoveryCodes(transaction, userId);
  await transaction
    .updateTable('second_factors')
    .set({ confirmed_at: new Date(nowMs) })
    .where('user_id', '=', userId)
    .execute();
  return codes;
}

export async function replaceRecoveryCodes(
  transaction: DatabaseTransaction,
  userId: UserId,
): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodes }, newRecoveryCode);
  await transaction
    .updateTable('second_factors')
    .set({ recovery_hashes: codes.map((code) => hashToken(plain(code))) })
    .where('user_id', '=', userId)
    .execute();
  return codes;
}

export async function removeSecondFactor(transaction: DatabaseTransaction, userId: string): Promise<boolean> {
  const removed = await transaction
    .deleteFrom('second_factors')
    .where('user_id', '=', userId)
    .returning('user_id')
    .executeTakeFirst();
  return removed !== undefined;
}

/**
 * `not-needed`: the user has no second factor. A code of the app is taken once; a recovery code too, which then is used up.
 */
export async function checkSecondFactor(
  transaction: DatabaseTransaction,
  box: SecretBox,
  userId: UserId,
  code: string | undefined,
  nowMs: number,
): Promise<'not-needed' | 'missing' | 'wrong' | 'code' | 'recovery-code'> {
  const row = await transaction
    .selectFrom('second_factors')
    .select('sealed_secret')
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) return 'not-needed';
  if (code === undefined || code.trim() === '') return 'missing';
  if (await takeAppCode(transaction, box, userId, row.sealed_secret, code, nowMs)) return 'code';
  return (await takeRecoveryCode(transaction, userId, code)) ? 'recovery-code' : 'wrong';
}

async function takeAppCode(
  transaction: DatabaseTransaction,
  box: SecretBox,
  userId: UserId,
  sealed: string,
  code: string,
  nowMs: number,
): Promise<boolean> {
  const token = code.replace(/\s/g, '');
  const secret = box.open(sealed);
  if (secret === undefined || !/^\d{6}$/.test(token)) return false;
  const epoch = Math.floor(nowMs / 1000);
  const verified = oneTimePasswords().verifySync({ secret, token, epoch, epochTolerance: stepSeconds });
  if (!verified.valid || !('timeStep' in verified)) return false;
  // Of two requests with the same code one comes first; the other finds the step taken.
  const taken = await transaction
    .updateTable('second_factors')
    .set({ last_step: verified.timeStep })
    .where('user_id', '=', userId)
    .where('last_step', '<', verified.timeStep)
    .returning('user_id')
    .executeTakeFirst();
  return taken !== undefined;
}

async function takeRecoveryCode(
  transaction: DatabaseTransaction,
  userId: UserId,
  code: string,
): Promise<boolean> {
  const hash = hashToken(plain(code));
  const taken = await transaction
    .updateTable('second_factors')
    .set({ recovery_hashes: sql`array_remove(recovery_hashes, ${hash})` })
    .where('user_id', '=', userId)
    .where(sql<boolean>`${hash} = any(recovery_hashes)`)
    .returning('user_id')
    .executeTakeFirst();
  return taken !== undefined;
}

/** As people type it: whatever case, with or without the hyphens. */
const plain = (code: string): string => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Sixteen characters of five bits, without the digits 0 and 1 and the letters like them, in groups of four. */
function newRecoveryCode(): string {
  let bits = BigInt(`0x${randomBytes(recoveryBytes).toString('hex')}`);
  let text = '';
  for (let index = 0; index < 16; index++) {
    text += alphabet[Number(bits & 31n)];
    bits >>= 5n;
  }
  return text.replace(/(.{4})(?=.)/g, '$1-');
}
