import { randomInt } from 'node:crypto';
import type { PromptId, RecordingCode, UserId } from '@crosspoint/contracts';
import { recordingCodeDigits } from '@crosspoint/core';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { numbersTo } from '../numbers/index.ts';
import { promptParts } from './repo.ts';

/** As long as somebody needs to walk to a telephone and speak. */
const validMs = 15 * 60_000;
/** Codes that are valid at once; guessing one of so few in a million is slow. */
export const codesMax = 50;

/** A code that may still be used: for which recording, and who asked for it. */
export interface OpenCode {
  id: string;
  promptId: PromptId;
  userId: UserId;
}

/** Undefined: too many are valid already. Codes that have expired are forgotten. */
export async function insertCode(
  transaction: DatabaseTransaction,
  tenantId: string,
  { promptId, userId, now }: { promptId: PromptId; userId: UserId; now: number },
): Promise<string | undefined> {
  await transaction.deleteFrom('prompt_codes').where('expires_at', '<', new Date(now)).execute();
  const taken = await transaction.selectFrom('prompt_codes').select('code').execute();
  if (taken.length >= codesMax) return undefined;
  const codes = new Set(taken.map(({ code }) => code));
  let code = randomCode();
  while (codes.has(code)) code = randomCode();
  const id = newId();
  await transaction
    .insertInto('prompt_codes')
    .values({
      ...{ id, tenant_id: tenantId, code, user_id: userId, ...promptParts(promptId) },
      expires_at: new Date(now + validMs),
    })
    .execute();
  return id;
}

function randomCode(): string {
  return String(randomInt(10 ** recordingCodeDigits)).padStart(recordingCodeDigits, '0');
}

export async function findCode(
  transaction: DatabaseTransaction,
  id: string,
  userId: UserId,
): Promise<RecordingCode | undefined> {
  const row = await transaction
    .selectFrom('prompt_codes')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    ...{ id: row.id, code: row.code, promptId: `${row.language}.${row.name}` },
    expiresAt: row.expires_at.toISOString(),
    usedAt: row.used_at?.toISOString() ?? null,
    numbers: await numbersTo(transaction, 'prompt-menu'),
  };
}

/** The code as it was keyed, or by its id, as long as it is valid. */
export async function openCode(
  transaction: DatabaseTransaction,
  by: { code: string } | { id: string },
  now: number,
): Promise<OpenCode | undefined> {
  const select = transaction
    .selectFrom('prompt_codes')
    .select(['id', 'language', 'name', 'user_id'])
    .where('used_at', 'is', null)
    .where('expires_at', '>', new Date(now));
  const row = await ('code' in by
    ? select.where('code', '=', by.code)
    : select.where('id', '=', by.id).forUpdate()
  ).executeTakeFirst();
  return row && { id: row.id, promptId: `${row.language}.${row.name}`, userId: row.user_id as UserId };
}

export async function useCode(transaction: DatabaseTransaction, id: string, at: Date): Promise<void> {
  await transaction.updateTable('prompt_codes').set({ used_at: at }).where('id', '=', id).execute();
}
