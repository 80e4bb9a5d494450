import { CustomRole, CustomRoleInput, CustomRolePage } from '@crosspoint/contracts';
import { type ApiContext, requireWithinOwn, type Routes } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { type NamedRow, namedRoutes } from '../named/index.ts';
import { permissionsOfRole } from './model.ts';

/** How many users the refusal to delete a role names. */
const USERS_NAMED_MAX = 5;

/** Roles that a tenant makes itself, beside the fixed ones. */
export function roleRoutes(context: ApiContext): Routes {
  return namedRoutes(context, {
    ...{ table: 'roles', path: '/roles', subject: 'role', tag: 'roles' },
    permissions: { read: 'roles.read', write: 'roles.write' },
    ...{ input: CustomRoleInput, item: CustomRole, page: CustomRolePage },
    renamable: true,
    judge: (principal, rows) => {
      for (const { name, settings } of rows) {
        const what = `The role "${name}"`;
        requireWithinOwn(principal, permissionsOfRole(settings), { what, path: 'permissions' });
      }
    },
    // What the living centre does depends on nobody's role.
    changed: async (_tenantId, id) => context.accessChanged?.((principal) => principal.customRole?.id === id),
    usedBy: async (transaction, name) => {
      const users = await usersOf(transaction, name);
      if (users.length === 0) return undefined;
      const named = users.slice(0, USERS_NAMED_MAX).join(', ');
      const more = users.length > USERS_NAMED_MAX ? ` and ${users.length - USERS_NAMED_MAX} more` : '';
      const detail = `The role "${name}" belongs to ${named}${more}. Give them another one first.`;
      return { detail, usedBy: [] };
    },
    show,
  });
}

async function usersOf(transaction: DatabaseTransaction, name: string): Promise<string[]> {
  const rows = await transaction
    .selectFrom('users as u')
    .innerJoin('roles as r', 'r.id', 'u.custom_role_id')
    .select('u.username')
    .where('r.name', '=', name)
    .orderBy('u.username')
    .execute();
  return rows.map((row) => row.username);
}

async function show(transaction: DatabaseTransaction, rows: readonly NamedRow[]): Promise<CustomRole[]> {
  if (rows.length === 0) return [];
  const counts = await transaction
    .selectFrom('users')
    .select((count) => ['custom_role_id', count.fn.countAll<string>().as('users')])
    .where(
      'custom_role_id',
      'in',
      rows.map((row) => row.id),
    )
    .groupBy('custom_role_id')
    .execute();
  const users = new Map(counts.map((row) => [row.custom_role_id, Number(row.users)]));
  return rows.map(({ id, name, settings }) => ({
    id: id as CustomRole['id'],
    name,
    description: (settings as { description?: string }).description ?? '',
    permissions: permissionsOfRole(settings),
    users: users.get(id) ?? 0,
  }));
}
