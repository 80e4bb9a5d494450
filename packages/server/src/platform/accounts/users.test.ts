import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { DEFAULT_TENANT_ID } from '../../migrations/index.ts';
import {
  addUser,
  changePassword,
  ensureAdmin,
  generatePassword,
  hashPassword,
  verifyPassword,
} from './index.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

async function hashOf(username: string): Promise<string> {
  const row = await test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
    t.selectFrom('users').select('password_hash').where('username', '=', username).executeTakeFirstOrThrow(),
  );
  return row.password_hash ?? '';
}

describe('the first administrator', () => {
  it('[API-04] is made once, with a password that is told once', async () => {
    const password = await ensureAdmin(test.database, undefined);
    expect(password).toMatch(/^[a-zA-Z2-9]{4}(-[a-zA-Z2-9]{4}){3}$/);
    expect(await verifyPassword(await hashOf('admin'), password ?? '')).toBe(true);
    expect(await ensureAdmin(test.database, undefined)).toBeUndefined();
    expect(await ensureAdmin(test.database, 'given later')).toBeUndefined();
    expect(await verifyPassword(await hashOf('admin'), 'given later')).toBe(false);
    const centre = await test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.selectFrom('tenants').select('time_zone').executeTakeFirstOrThrow(),
    );
    expect(centre.time_zone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
  });
});

describe('users', () => {
  it('[API-04] are added with role and password, and the addition is in the audit log', async () => {
    const user = { username: 'eva', name: 'Eva', role: 'supervisor', password: 'correct horse' } as const;
    expect(await addUser(test.database, user)).toBeUndefined();
    expect(await verifyPassword(await hashOf('eva'), 'correct horse')).toBe(true);
    const log = await test.database.inTenant(DEFAULT_TENANT_ID, (t) =>
      t.selectFrom('audit_log').select(['action', 'after']).orderBy('id', 'desc').limit(1).execute(),
    );
    expect(log).toEqual([
      { action: 'user.added', after: { username: 'eva', name: 'Eva', role: 'supervisor' } },
    ]);
  });

  it.each([
    ['a taken name, whatever its case', { username: 'EVA' }, /exists already/],
    ['a name with spaces', { username: 'e va' }, /not valid/],
    ['an empty name', { username: '' }, /not valid/],
    ['an unknown role', { username: 'x', role: 'king' as never }, /role "king" does not exist/],
    ['a password one character too short', { username: 'x', password: '1234567' }, /has 7 characters/],
    ['a password one character too long', { username: 'x', password: 'a'.repeat(257) }, /has 257 characters/],
  ])('[API-04] refuses %s and says what to do', async (_what, change, message) => {
    const user = { name: 'X', role: 'agent' as const, password: '12345678', ...change };
    await expect(addUser(test.database, user)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/\S/),
    });
  });

  it('[API-04] lose their sessions with their old password', async () => {
    await addUser(test.database, { username: 'otto', name: 'Otto', role: 'agent', password: 'old password' });
    await test.database.inTenant(DEFAULT_TENANT_ID, async (t) => {
      const { id } = await t
        .selectFrom('users')
        .select('id')
        .where('username', '=', 'otto')
        .executeTakeFirstOrThrow();
      const session = { token_hash: Buffer.from('x'), tenant_id: DEFAULT_TENANT_ID, user_id: id };
      await t
        .insertInto('sessions')
        .values({ ...session, expires_at: new Date(Date.now() + 1e6) })
        .execute();
    });
    await changePassword(test.database, 'OTTO', 'new password');
    expect(await verifyPassword(await hashOf('otto'), 'old password')).toBe(false);
    expect(await verifyPassword(await hashOf('otto'), 'new password')).toBe(true);
    const sessions = await test.database.asSystem((t) => t.selectFrom('sessions').selectAll().execute());
    expect(sessions).toEqual([]);
    await expect(changePassword(test.database, 'nobody', 'new password')).rejects.toThrow(/no user nobody/);
  });
});

describe('passwords', () => {
  it('[API-04] are hashed with Argon2id, each with its own salt', async () => {
    const [one, two] = [await hashPassword('same'), await hashPassword('same')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword('damaged', 'same')).toBe(false);
    expect(generatePassword()).not.toBe(generatePassword());
  });
});
