import {
  PersonName,
  type Role,
  type RoleId,
  type SignOnFailure,
  type SignOnSettings,
  Username,
} from '@crosspoint/contracts';
import { type DatabaseTransaction, newId } from '../../platform/index.ts';
import { recordAudit } from '../audit/index.ts';
import { findUser, insertUser, otherAdministrators, updateUser } from '../users/index.ts';
import type { SignOnPerson } from './provider.ts';
import { oneAtATime } from './store.ts';

type Admitted = { ok: true; userId: string; changed: boolean } | { ok: false; reason: SignOnFailure };

interface GivenRole {
  role: Role;
  customRoleId: RoleId | null;
}

/**
 * Whoever chooses a provider that may take over accounts by their names can become anybody by it, an administrator
 * too: what an administrator may is asked of who chooses it.
 */
export const ADOPTING = { role: 'admin', customRoleId: null } as const;

/** The role that the provider's groups give, the first of ours that fits; null for who may not come in. */
function roleOf(settings: SignOnSettings, person: SignOnPerson): GivenRole | null {
  const fits = settings.groups.find(({ group }) => person.groups.includes(group));
  return fits ?? settings.otherwise;
}

/** Finds, or makes, the account of somebody whom the provider vouches for, and gives it the role of the groups. */
export async function admit(
  transaction: DatabaseTransaction,
  tenantId: string,
  settings: SignOnSettings,
  person: SignOnPerson,
): Promise<Admitted> {
  await oneAtATime(transaction);
  const known = await findBySubject(transaction, person.subject);
  const found = known ?? (await findByName(transaction, person.username));
  if (found === undefined) return create(transaction, tenantId, settings, person);
  // Whoever may choose a name at the provider must not choose somebody's account with it.
  if (known === undefined && (found.subject !== null || !settings.adoptUsers)) {
    return { ok: false, reason: 'name-taken' };
  }
  const user = await findUser(transaction, found.id, true);
  if (user === undefined) return { ok: false, reason: 'unknown-user' };
  if (user.disabled) return { ok: false, reason: 'disabled' };
  // Without any groups in the settings the provider says nothing about roles, and everybody keeps the one given here.
  const given = settings.groups.length === 0 ? user : roleOf(settings, person);
  if (given === null) return { ok: false, reason: 'no-role' };
  if (known === undefined) await link(transaction, user.id, person.subject);
  const { role, customRoleId } = given;
  if (role === user.role && customRoleId === user.customRoleId) {
    return { ok: true, userId: user.id, changed: false };
  }
  // Somebody has to be left who can mend the groups.
  const isLast = user.role === 'admin' && (await otherAdministrators(transaction, user.id)) === 0;
  if (isLast) return { ok: true, userId: user.id, changed: false };
  await updateUser(transaction, user, { ...user, role, customRoleId });
  const after = await findUser(transaction, user.id);
  await audit(transaction, tenantId, 'user.updated', user.id, { before: user, after });
  return { ok: true, userId: user.id, changed: true };
}

async function create(
  transaction: DatabaseTransaction,
  tenantId: string,
  settings: SignOnSettings,
  person: SignOnPerson,
): Promise<Admitted> {
  if (!settings.createUsers) return { ok: false, reason: 'unknown-user' };
  const given = roleOf(settings, person);
  if (given === null) return { ok: false, reason: 'no-role' };
  const username = Username.safeParse(person.username);
  if (!username.success) return { ok: false, reason: 'nameless' };
  const name = PersonName.safeParse(person.name);
  const id = newId();
  await insertUser(transaction, id, tenantId, {
    username: username.data,
    name: name.success ? name.data : username.data,
    role: given.role,
    customRoleId: given.customRoleId,
    language: 'en',
    timeZone: 'UTC',
    disabled: false,
  });
  await link(transaction, id, person.subject);
  await audit(transaction, tenantId, 'user.created', id, { after: await findUser(transaction, id) });
  return { ok: true, userId: id, changed: false };
}

interface Found {
  id: string;
  subject: string | null;
}

function findBySubject(transaction: DatabaseTransaction, subject: string): Promise<Found | undefined> {
  return transaction
    .selectFrom('users')
    .select(['id', 'sign_on_subject as subject'])
    .where('sign_on_subject', '=', subject)
    .executeTakeFirst();
}

async function findByName(transaction: DatabaseTransaction, username: string): Promise<Found | undefined> {
  return transaction
    .selectFrom('users')
    .select(['id', 'sign_on_subject as subject'])
    .where((where) => where(where.fn('lower', ['username']), '=', username.toLowerCase()))
    .executeTakeFirst();
}

async function link(transaction: DatabaseTransaction, id: string, subject: string): Promise<void> {
  await transaction.updateTable('users').set({ sign_on_subject: subject }).where('id', '=', id).execute();
}

function audit(
  transaction: DatabaseTransaction,
  tenantId: string,
  action: 'user.created' | 'user.updated',
  subjectId: string,
  change: { before?: unknown; after?: unknown },
): Promise<void> {
  const actor = { kind: 'system', userId: null, ip: null } as const;
  return recordAudit(transaction, { tenantId, actor, action, subjectType: 'user', subjectId, ...change });
}
