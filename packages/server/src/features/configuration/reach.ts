import {
  beyondOf,
  type FieldError,
  FixedRole,
  heldBy,
  type HeldPermissions,
  type Role,
} from '@crosspoint/contracts';
import type { Path } from '../../http/index.ts';
import { permissionsOfRole } from '../roles/index.ts';
import { type CurrentConfiguration, keyOf } from './current.ts';
import type { LocatedDocument } from './document.ts';
import type { Step } from './plan.ts';
import { rolesGiven } from './sign-on.ts';
import { ADOPTING } from '../single-sign-on/index.ts';

/** The fields of a change after which somebody may do more, or somebody else may be that person. */
const RAISING = new Set(['role', 'customRole', 'password']);

/**
 * Finds the steps with which somebody would give, or take over, more than the own permissions: a document is no way
 * around what the routes of users and roles refuse.
 *
 * @param held what the role of who applies the document permits.
 */
export function checkReach(
  located: LocatedDocument,
  current: CurrentConfiguration,
  steps: readonly Step[],
  held: HeldPermissions,
): FieldError[] {
  const { document } = located;
  const written = new Map<string, unknown>(document.roles.map((role) => [role.name, role]));
  const permissionsWith = (role: Role, customRole: string | null): HeldPermissions => {
    const fixed = FixedRole.safeParse(role);
    if (fixed.success) return heldBy(fixed.data);
    return permissionsOfRole(
      written.get(customRole ?? '') ?? current.roles.get(customRole ?? '')?.settings ?? {},
    );
  };
  const wantedBy = (step: Step): HeldPermissions[] => {
    if (step.subject === 'role') {
      return [step.settings, current.roles.get(step.name)?.settings ?? {}].map(permissionsOfRole);
    }
    if (step.subject === 'single-sign-on') {
      const given = rolesGiven(step.settings).map((one) => one.given);
      if (step.settings.adoptUsers) given.push({ role: ADOPTING.role });
      return given.map(({ role, customRole = null }) => permissionsWith(role, customRole));
    }
    if (step.subject !== 'user' && step.subject !== 'agent') return [];
    const { action, fields } = step.change;
    if (action === 'update' && !fields.some(({ path }) => RAISING.has(path))) return [];
    const { role, customRole, username } = step.user;
    const known = current.users.get(keyOf(username));
    const before = known === undefined ? [] : [permissionsWith(known.role, known.customRole)];
    return [permissionsWith(role, customRole), ...before];
  };
  return steps.flatMap((step) => {
    const beyond = new Set(wantedBy(step).flatMap((wanted) => beyondOf(held, wanted)));
    if (beyond.size === 0) return [];
    const message = `goes beyond your own permissions: ${[...beyond].join(', ')}`;
    const remedy = 'Let somebody apply it who has these permissions.';
    return [located.errorAt(pathOf(step, document), { value: step.change.name, message, remedy })];
  });
}

function pathOf({ subject, change }: Step, document: LocatedDocument['document']): Path {
  const key = keyOf(change.name);
  if (subject === 'role') return ['roles', document.roles.findIndex(({ name }) => name === change.name)];
  if (subject === 'single-sign-on') return ['singleSignOn'];
  const list = subject === 'user' ? 'users' : 'agents';
  return [list, document[list].findIndex(({ username }) => keyOf(username) === key)];
}
