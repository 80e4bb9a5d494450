import type { Permission } from '@crosspoint/contracts';
import { ownerFilter, type Principal } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { agentsInScope } from '../teams/index.ts';

/** Whose schedules somebody sees or changes with a permission: the own, those of the own teams, or everybody's (undefined). */
export async function scopeOf(
  transaction: DatabaseTransaction,
  principal: Principal,
  permission: Permission,
): Promise<readonly string[] | undefined> {
  const owner = ownerFilter(principal, permission);
  return owner === undefined ? agentsInScope(transaction, principal) : [owner];
}
