import { type UserId, type Wallboard, type WallboardId, WallboardInput } from '@crosspoint/contracts';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { DatabaseTransaction } from '../../platform/index.ts';

type Arrangement = z.output<typeof WallboardInput>;

/** Those that somebody may look at: the own, and what others share. */
function selectWallboards(transaction: DatabaseTransaction, userId: UserId) {
  return transaction
    .selectFrom('wallboards as w')
    .innerJoin('users as u', 'u.id', 'w.user_id')
    .select(['w.id', 'w.name', 'w.shared', 'w.settings', 'u.id as owner_id', 'u.name as owner_name'])
    .where((where) => where.or([where('w.user_id', '=', userId), where('w.shared', '=', true)]));
}
type WallboardRow = Awaited<ReturnType<ReturnType<typeof selectWallboards>['executeTakeFirstOrThrow']>>;

const wallboardOf = ({ id, name, shared, settings, ...owner }: WallboardRow): Wallboard => ({
  id: id as WallboardId,
  owner: { id: owner.owner_id as UserId, name: owner.owner_name },
  ...WallboardInput.parse({ ...(settings as object), name, shared }),
});

/** The own ones first, by name. */
export async function listWallboards(
  transaction: DatabaseTransaction,
  userId: UserId,
  limit: number,
): Promise<Wallboard[]> {
  const rows = await selectWallboards(transaction, userId)
    .orderBy(sql`w.user_id <> ${userId}`)
    .orderBy(sql`lower(w.name)`)
    .orderBy('w.id')
    .limit(limit)
    .execute();
  return rows.map(wallboardOf);
}

export async function findWallboard(
  transaction: DatabaseTransaction,
  id: string,
  userId: UserId,
): Promise<Wallboard | undefined> {
  const row = await selectWallboards(transaction, userId).where('w.id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : wallboardOf(row);
}

export async function countWallboards(transaction: DatabaseTransaction, userId: UserId): Promise<number> {
  const row = await transaction
    .selectFrom('wallboards')
    .select((count) => count.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function insertWallboard(
  transaction: DatabaseTransaction,
  of: { id: string; tenantId: string; userId: UserId },
  { name, shared, ...settings }: Arrangement,
): Promise<void> {
  await transaction
    .insertInto('wallboards')
    .values({
      ...{ id: of.id, tenant_id: of.tenantId, user_id: of.userId, name, shared },
      settings: JSON.stringify(settings),
    })
    .execute();
}

export async function updateWallboard(
  transaction: DatabaseTransaction,
  id: string,
  { name, shared, ...settings }: Arrangement,
): Promise<void> {
  await transaction
    .updateTable('wallboards')
    .set({ name, shared, settings: JSON.stringify(settings) })
    .where('id', '=', id)
    .execute();
}

export async function deleteWallboard(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('wallboards').where('id', '=', id).execute();
}
