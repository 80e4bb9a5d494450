import type { Permission } from '@crosspoint/contracts';
import { ownerFilter, type Principal } from '../../http/index.ts';
import { agentsInScope } from '../teams/index.ts';

/** Whose schedules somebody sees or changes with a permission: the own, those of the own teams, or everybody's (undefined). */
export function scopeOf(principal: Principal, permission: Permission): readonly string[] | undefined {
  const owner = ownerFilter(principal, permission);
  return owner === undefined ? agentsInScope(principal) : [owner];
}
