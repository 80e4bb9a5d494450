import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { DEFAULT_TENANT_ID, newId } from '../platform/index.ts';
import { decodeCursor, encodeCursor, escapeLike, keysetPage, pageOfArray } from './pages.ts';

describe('a cursor', () => {
  test('[API-01] gives back what it was made from, whatever that is', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (sort, keys) => {
        expect(decodeCursor(encodeCursor(sort, keys), sort, keys.length)).toEqual(keys);
      }),
    );
  });

  test('[API-01] of another order, another list or no list at all is refused', () => {
    const cursor = encodeCursor('name', ['a', 'b']);
    for (const attempt of [
      () => decodeCursor(cursor, '-name', 2),
      () => decodeCursor(cursor, 'name', 1),
      () => decodeCursor('bm9uc2Vuc2U', 'name', 2),
      () => decodeCursor('', 'name', 2),
      () => decodeCursor(Buffer.from('["name",1,2]').toString('base64url'), 'name', 2),
    ]) {
      expect(attempt).toThrow(expect.objectContaining({ code: 'cursor-invalid' }));
    }
  });
});

describe('a list in memory', () => {
  test('[API-01] is read whole, each item once, with any page size', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 })),
        fc.integer({ min: 1, max: 10 }),
        (ids, limit) => {
          const seen: string[] = [];
          let cursor: string | undefined;
          do {
            const page = pageOfArray(ids, (id) => id, { limit, cursor });
            seen.push(...page.items);
            cursor = page.nextCursor ?? undefined;
          } while (cursor !== undefined);
          expect(seen).toEqual(ids);
        },
      ),
    );
  });

  test('[API-01] goes on after what is still there when items of the page before are gone', () => {
    const ids = Array.from({ length: 30 }, (_, index) => `call-${index}`);
    const first = pageOfArray(ids, (id) => id, { limit: 10 });
    const cursor = first.nextCursor ?? undefined;
    const after = (gone: (index: number) => boolean): string[] =>
      pageOfArray(
        ids.filter((_, index) => !gone(index)),
        (id) => id,
        { limit: 10, cursor },
      ).items;
    expect(after((index) => index === 9)).toEqual(ids.slice(10, 20));
    expect(after((index) => index < 5 || (index > 6 && index < 12))).toEqual(ids.slice(12, 22));
    expect(after((index) => index >= 10)).toEqual([]);
    expect(after(() => true)).toEqual([]);
  });
});

test('[API-01] text to search for is found literally', () => {
  expect(escapeLike('50%_\\x')).toBe('50\\%\\_\\\\x');
});

describe('keyset pages over a table', () => {
  let testDatabase: TestDatabase;
  const names = ['anna', 'Bob', 'bob', 'cecil', 'dora', 'ema', 'franz', 'greta', 'bob'];

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    await testDatabase.database.inTenant(DEFAULT_TENANT_ID, async (transaction) => {
      for (const [index, name] of names.entries()) {
        await transaction
          .insertInto('users')
          .values({ id: newId(), tenant_id: DEFAULT_TENANT_ID, username: `u${index}`, name, role: 'agent' })
          .execute();
      }
    });
  });
  afterAll(() => testDatabase.drop());

  const read = (sort: 'name' | '-name' | 'createdAt' | '-createdAt', limit: number, cursor?: string) =>
    testDatabase.database.inTenant(DEFAULT_TENANT_ID, (transaction) =>
      keysetPage(transaction.selectFrom('users').select(['id', 'name', 'username']), {
        sort,
        keys: [
          sort.endsWith('name')
            ? { expression: sql`lower(name)`, type: 'text' }
            : { expression: sql.ref('created_at'), type: 'timestamptz' },
          { expression: sql.ref('id'), type: 'uuid' },
        ],
        limit,
        cursor,
      }),
    );

  test.each(['name', '-name', 'createdAt', '-createdAt'] as const)(
    '[API-01] by %s each row comes once and in order, equal keys too',
    async (sort) => {
      const whole = (await read(sort, 100)).items.map((row) => row.username);
      expect(whole).toHaveLength(names.length);
      for (const limit of [1, 2, 4, names.length]) {
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await read(sort, limit, cursor);
          seen.push(...page.items.map((row) => row.username));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        expect(seen).toEqual(whole);
      }
    },
  );

  test('[API-01] the last page says that it is the last, also when it is full', async () => {
    expect((await read('name', names.length)).nextCursor).toBeNull();
    expect((await read('name', names.length - 1)).nextCursor).not.toBeNull();
  });

  test('[API-01] a forged cursor is refused, and is no fault of the server', async () => {
    const forged = encodeCursor('createdAt', ['not a time', 'not an id']);
    await expect(read('createdAt', 2, forged)).rejects.toMatchObject({ code: 'cursor-invalid' });
    const injection = encodeCursor('name', ["x'); drop table users; --", newId()]);
    expect((await read('name', 2, injection)).items).toEqual([]);
  });
});
