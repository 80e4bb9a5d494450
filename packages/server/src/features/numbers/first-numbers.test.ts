import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import { addUser, DEFAULT_TENANT_ID } from '../../platform/index.ts';
import { addFirstNumbers } from './index.ts';

let testDatabase: TestDatabase;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
});
afterAll(() => testDatabase.drop());

const numbers = () =>
  testDatabase.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
    const rows = await transaction.selectFrom('numbers').select('number').orderBy('number').execute();
    return rows.map(({ number }) => number);
  });

test('[VM-05] a new centre has numbers for its menus by telephone, once; what was deleted stays away', async () => {
  const { database } = testDatabase;
  await addFirstNumbers(database, DEFAULT_TENANT_ID);
  // A start that was cut short comes here again.
  await addFirstNumbers(database, DEFAULT_TENANT_ID);
  expect(await numbers()).toEqual(['*97', '*98']);
  await addUser(database, { username: 'admin', name: 'A', role: 'admin', password: 'a-password-for-tests' });
  await database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
    transaction.deleteFrom('numbers').where('number', '=', '*98').execute(),
  );
  await addFirstNumbers(database, DEFAULT_TENANT_ID);
  expect(await numbers()).toEqual(['*97']);
});
