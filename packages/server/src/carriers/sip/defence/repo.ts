import { BanReason, SecuritySettings } from '@crosspoint/contracts';
import type { TollSnapshot } from '@crosspoint/core';
import type { DatabaseTransaction } from '../../../platform/index.ts';
import type { BanEntry } from './bans.ts';
import { type Network, parseNetwork } from './networks.ts';

const rulesMax = 10_000;
const bansMax = 20_000;
const accountsMax = 50_000;

/** The defaults where nothing was set; unusable settings of another release are an error that names the field. */
export async function readSettings(transaction: DatabaseTransaction): Promise<SecuritySettings> {
  const row = await transaction.selectFrom('security_settings').select('settings').executeTakeFirst();
  return SecuritySettings.parse(row?.settings ?? {});
}

export async function readRules(
  transaction: DatabaseTransaction,
): Promise<{ network: Network; action: 'allow' | 'deny' }[]> {
  const rows = await transaction
    .selectFrom('access_rules')
    .select(['network', 'action'])
    .limit(rulesMax)
    .execute();
  return rows.flatMap((row) => {
    const network = parseNetwork(row.network);
    return network === undefined ? [] : [{ network, action: row.action === 'deny' ? 'deny' : 'allow' }];
  });
}

export async function readBans(transaction: DatabaseTransaction): Promise<BanEntry[]> {
  const rows = await transaction
    .selectFrom('bans')
    .selectAll()
    .orderBy('created_at', 'desc')
    .limit(bansMax)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    source: row.source,
    username: row.username ?? undefined,
    reason: BanReason.catch('manual').parse(row.reason),
    note: row.note,
    createdAtMs: row.created_at.getTime(),
    untilMs: row.until?.getTime() ?? Number.POSITIVE_INFINITY,
    offences: row.offences,
    dropped: 0,
    isStored: true,
  }));
}

/** Stores a ban in place of what was stored under its id. */
export async function writeBan(
  transaction: DatabaseTransaction,
  tenantId: string,
  ban: BanEntry,
): Promise<void> {
  await removeBan(transaction, ban.id);
  await transaction
    .insertInto('bans')
    .values({
      id: ban.id,
      tenant_id: tenantId,
      source: ban.source,
      username: ban.username ?? null,
      reason: ban.reason,
      note: ban.note,
      created_at: new Date(ban.createdAtMs),
      until: Number.isFinite(ban.untilMs) ? new Date(ban.untilMs) : null,
      offences: ban.offences,
    })
    .execute();
}

export async function removeBan(transaction: DatabaseTransaction, id: string): Promise<void> {
  await transaction.deleteFrom('bans').where('id', '=', id).execute();
}

export async function readTollCounters(transaction: DatabaseTransaction): Promise<TollSnapshot[]> {
  const rows = await transaction
    .selectFrom('toll_counters')
    .select(['account', 'counters'])
    .limit(accountsMax)
    .execute();
  return rows.map(({ account, counters }) => ({
    account,
    ...(counters as unknown as Omit<TollSnapshot, 'account'>),
  }));
}

/** Stores these accounts, and forgets those that were not stored since `forgetBefore`. */
export async function writeTollCounters(
  transaction: DatabaseTransaction,
  tenantId: string,
  snapshots: readonly TollSnapshot[],
  { now, forgetBefore }: { now: Date; forgetBefore: Date },
): Promise<void> {
  await transaction.deleteFrom('toll_counters').where('updated_at', '<', forgetBefore).execute();
  const rows = snapshots.map(({ account, ...counters }) => ({
    tenant_id: tenantId,
    account,
    counters: JSON.stringify(counters),
    updated_at: now,
  }));
  // Well below the 65,535 parameters of one statement.
  for (let at = 0; at < rows.length; at += 5_000)
    await transaction
      .insertInto('toll_counters')
      .values(rows.slice(at, at + 5_000))
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'account']).doUpdateSet((row) => ({
          counters: row.ref('excluded.counters'),
          updated_at: row.ref('excluded.updated_at'),
        })),
      )
      .execute();
}
