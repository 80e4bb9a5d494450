import { sql } from 'kysely';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import type { Database, DatabaseTransaction } from '../database/index.ts';
import { PlatformError } from '../errors.ts';
import { newId } from '../ids.ts';
import { generatePassword, hashPassword, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from './passwords.ts';

export const USER_ROLES = ['admin', 'supervisor', 'agent', 'analyst'] as const;
export type UserRole = (typeof USER_ROLES)[number];

const USERNAME_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/i;
const ADMIN_USERNAME = 'admin';

export interface NewUser {
  readonly username: string;
  readonly name: string;
  readonly role: UserRole;
  /** Undefined: one is generated and returned. */
  readonly password: string | undefined;
}

/** Adds a user of the default tenant. @returns the generated password, if one was. */
export async function addUser(database: Database, user: NewUser): Promise<string | undefined> {
  if (!USERNAME_PATTERN.test(user.username)) {
    throw invalid(
      `The user name ${JSON.stringify(user.username)} is not valid.`,
      'Use 1 to 64 letters, digits, dots, hyphens and underscores; begin and end with a letter or digit.',
    );
  }
  if (!USER_ROLES.includes(user.role)) {
    throw invalid(
      `The role ${JSON.stringify(user.role)} does not exist.`,
      `Use one of ${USER_ROLES.join(', ')}.`,
    );
  }
  const generated = user.password === undefined ? generatePassword() : undefined;
  const password = user.password ?? generated ?? '';
  checkPassword(password);
  const passwordHash = await hashPassword(password);
  await database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    if ((await findUser(transaction, user.username)) !== undefined) {
      throw invalid(
        `The user ${user.username} exists already.`,
        `Change the password with "crosspoint user passwd ${user.username}", or choose another name.`,
      );
    }
    await insertUser(transaction, user, passwordHash);
  });
  return generated;
}

/** Sets a user's password and ends all of that user's sessions. @returns the generated password, if one was. */
export async function changePassword(
  database: Database,
  username: string,
  password: string | undefined,
): Promise<string | undefined> {
  const generated = password === undefined ? generatePassword() : undefined;
  const chosen = password ?? generated ?? '';
  checkPassword(chosen);
  const passwordHash = await hashPassword(chosen);
  await database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    const id = await findUser(transaction, username);
    if (id === undefined) {
      throw invalid(`There is no user ${username}.`, `Add one with "crosspoint user add ${username}".`);
    }
    await transaction
      .updateTable('users')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .execute();
    await transaction.deleteFrom('sessions').where('user_id', '=', id).execute();
    // The way back in for the last administrator, whose authenticator app is gone.
    await transaction.deleteFrom('second_factors').where('user_id', '=', id).execute();
    await audit(transaction, 'user.password-changed', id);
  });
  return generated;
}

/**
 * Adds the user `admin` when nobody can log in yet: at the first start. The centre's day begins where the machine's does, until
 * somebody chooses another time zone.
 *
 * @returns the generated password, to be shown once; undefined when a user exists or the password was given.
 */
export async function ensureAdmin(
  database: Database,
  password: string | undefined,
): Promise<string | undefined> {
  const exists = await database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction.selectFrom('users').select('id').where('role', '=', 'admin').limit(1).executeTakeFirst(),
  );
  if (exists !== undefined) return undefined;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  await database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction
      .updateTable('tenants')
      .set({ time_zone: timeZone })
      .where('id', '=', DEFAULT_TENANT_ID)
      .execute(),
  );
  return addUser(database, { username: ADMIN_USERNAME, name: 'Administrator', role: 'admin', password });
}

function checkPassword(password: string): void {
  if (password.length >= PASSWORD_LENGTH_MIN && password.length <= PASSWORD_LENGTH_MAX) return;
  throw invalid(
    `The password has ${password.length} characters.`,
    `Choose one of ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters.`,
  );
}

async function findUser(transaction: DatabaseTransaction, username: string): Promise<string | undefined> {
  const row = await transaction
    .selectFrom('users')
    .select('id')
    .where('tenant_id', '=', DEFAULT_TENANT_ID)
    .where(sql<string>`lower(username)`, '=', username.toLowerCase())
    .executeTakeFirst();
  return row?.id;
}

async function insertUser(
  transaction: DatabaseTransaction,
  user: NewUser,
  passwordHash: string,
): Promise<void> {
  const id = newId();
  const { username, name, role } = user;
  await transaction
    .insertInto('users')
    .values({ id, tenant_id: DEFAULT_TENANT_ID, username, name, role, password_hash: passwordHash })
    .execute();
  await audit(transaction, 'user.added', id, { username, name, role });
}

async function audit(
  transaction: DatabaseTransaction,
  action: string,
  subjectId: string,
  after?: Record<string, string>,
): Promise<void> {
  await transaction
    .insertInto('audit_log')
    .values({
      id: newId(),
      tenant_id: DEFAULT_TENANT_ID,
      actor_kind: 'cli',
      action,
      subject_type: 'user',
      subject_id: subjectId,
      after: after === undefined ? null : JSON.stringify(after),
    })
    .execute();
}

function invalid(message: string, remedy: string): PlatformError {
  return new PlatformError('user-invalid', message, remedy);
}
