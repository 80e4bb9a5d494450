import type { User } from '@crosspoint/contracts';
import {
  agentWithin,
  notFound,
  type Principal,
  requireWithinOwn,
  unknownReference,
} from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { permissionsWith } from '../roles/index.ts';
import type { UserFields } from './repo.ts';

/** @throws {HttpProblem} `not-found` for a user of other teams. */
export function requireUserWithin({ scope }: Principal, id: string): void {
  if (!agentWithin(id, scope)) throw notFound('user', id);
}

/** Whoever may set somebody's password may do what that person may. @throws {HttpProblem} `forbidden`. */
export async function requireNotAbove(
  transaction: DatabaseTransaction,
  principal: Principal,
  user: User,
): Promise<void> {
  const held = await permissionsWith(transaction, user.role, user.customRole?.id ?? null);
  requireWithinOwn(principal, held ?? {}, { what: `The account "${user.username}"`, path: 'role' });
}

/** @throws {HttpProblem} `forbidden`, or `reference-unknown` for a role that does not exist. */
export async function requireMayGive(
  transaction: DatabaseTransaction,
  principal: Principal,
  { role, customRoleId }: Pick<UserFields, 'role' | 'customRoleId'>,
): Promise<void> {
  const wanted = await permissionsWith(transaction, role, customRoleId);
  if (wanted === undefined) throw unknownReference('customRoleId', String(customRoleId), 'role');
  requireWithinOwn(principal, wanted, { what: 'The role', path: 'role' });
}
