import {
  EVERYBODY_HOLDS,
  FixedRole,
  heldBy,
  type HeldPermissions,
  Permission,
  PermissionReach,
  type Role,
} from '@crosspoint/contracts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { findNamed } from '../named/index.ts';

/**
 * What a stored role permits. A permission that a newer version knew and this one does not is none; what everybody
 * holds is added.
 */
export function permissionsOfRole(settings: unknown): HeldPermissions {
  const { permissions = {} } = settings as { permissions?: Record<string, unknown> };
  const held: HeldPermissions = { ...EVERYBODY_HOLDS };
  for (const permission of Permission.options) {
    const reach = PermissionReach.safeParse(permissions[permission]);
    if (reach.success && EVERYBODY_HOLDS[permission] === undefined) held[permission] = reach.data;
  }
  return held;
}

/** What somebody with this role may do; undefined when the transaction's tenant has no such role. */
export async function permissionsWith(
  transaction: DatabaseTransaction,
  role: Role,
  customRoleId: string | null,
): Promise<HeldPermissions | undefined> {
  const fixed = FixedRole.safeParse(role);
  if (fixed.success) return heldBy(fixed.data);
  const row = customRoleId === null ? undefined : await findNamed(transaction, 'roles', customRoleId);
  return row === undefined ? undefined : permissionsOfRole(row.settings);
}
