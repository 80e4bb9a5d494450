import { z } from 'zod';
import { RoleId } from './ids.ts';
import { pageOf } from './pages.ts';
import { HeldPermissions, type Permission, reachesOf } from './permissions.ts';

const settings = {
  name: z.string().trim().min(1).max(100),
  description: z.string().trim().max(500).default(''),
  /** Everybody has `EVERYBODY_HOLDS` besides. */
  permissions: HeldPermissions.superRefine((permissions, context) => {
    for (const [permission, reach] of Object.entries(permissions)) {
      const reaches = reachesOf(permission as Permission);
      if (reaches.includes(reach)) continue;
      const message = `cannot be given as ${reach}; use ${reaches.join(' or ')}`;
      context.addIssue({ code: 'custom', path: [permission], message });
    }
  }),
};

/** A role that the tenant has made: a name for a set of permissions. */
export const CustomRoleInput = z.strictObject(settings);
export type CustomRoleInput = z.input<typeof CustomRoleInput>;

export const CustomRole = z
  .object({
    id: RoleId,
    ...settings,
    permissions: HeldPermissions,
    /** How many users have it. */
    users: z.number().int(),
  })
  .meta({ id: 'CustomRole' });
export type CustomRole = z.infer<typeof CustomRole>;
export const CustomRolePage = pageOf(CustomRole);
