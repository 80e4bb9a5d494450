import { HttpProblem, type Principal } from '../../http/index.ts';
import type { Database } from '../../platform/index.ts';
import { verifyPassword } from './passwords.ts';

/** @throws {HttpProblem} `current-password-wrong` unless it is the password of the one who asks. */
export async function requireCurrentPassword(
  database: Database,
  principal: Principal,
  password: string,
): Promise<void> {
  const stored = await database.inTenant(principal.tenantId, (transaction) =>
    transaction
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', principal.userId)
      .executeTakeFirst(),
  );
  if (await verifyPassword(stored?.password_hash ?? null, password)) return;
  const remedy = 'Type the password that you signed in with.';
  throw new HttpProblem('current-password-wrong', remedy, {
    errors: [{ path: 'currentPassword', message: 'is wrong', remedy }],
  });
}
