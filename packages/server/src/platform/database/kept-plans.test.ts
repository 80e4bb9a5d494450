import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/database.ts';
import type { DatabaseTransaction } from './database.ts';
import { KeptPlans } from './kept-plans.ts';

const sendOften = (plans: KeptPlans, text: string): string | undefined =>
  Array.from({ length: 5 }, () => plans.nameOf(text)).at(-1);

describe('names of statements', () => {
  test('[API-01] are given to those that come again and again, each its own', () => {
    const plans = new KeptPlans();
    expect(Array.from({ length: 4 }, () => plans.nameOf('select $1'))).toEqual(Array(4).fill(undefined));
    const name = plans.nameOf('select $1');
    expect(name).toBeDefined();
    expect(plans.nameOf('select $1')).toBe(name);
    expect(sendOften(plans, 'select $2')).not.toBe(name);
    expect(sendOften(plans, `select ${'$1,'.repeat(5_000)}`)).toBeUndefined();
  });

  test('[API-01] are limited in number, however many statements come', () => {
    const plans = new KeptPlans();
    const names = Array.from({ length: 3_000 }, (_, index) => sendOften(plans, `select $1 + ${index}`));
    expect(new Set(names.filter((name) => name !== undefined)).size).toBe(256);
  });

  test('[API-01] are new ones when what a statement returns has changed', () => {
    const plans = new KeptPlans();
    const before = sendOften(plans, 'select $1');
    plans.failed('23505');
    expect(plans.nameOf('select $1')).toBe(before);
    plans.failed('0A000');
    expect(plans.nameOf('select $1')).toBeUndefined();
    expect(sendOften(plans, 'select $1')).not.toBe(before);
  });

  test('[OPS-01] are given up behind a pooler that changes connections', () => {
    const plans = new KeptPlans();
    sendOften(plans, 'select $1');
    plans.failed('26000');
    expect(sendOften(plans, 'select $1')).toBeUndefined();
  });
});

describe('on a server', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const inSystem = <T>(work: (transaction: DatabaseTransaction) => Promise<T>): Promise<T> =>
    database.database.asSystem(work);
  const tenantNamed = (name: string) =>
    inSystem((transaction) =>
      transaction.selectFrom('tenants').selectAll().where('name', '=', name).executeTakeFirst(),
    );

  test('[API-01] a statement that comes often keeps its plan, and answers as before', async () => {
    for (let time = 0; time < 12; time++) expect((await tenantNamed('nobody'))?.id).toBeUndefined();
    const { rows } = await inSystem((transaction) =>
      sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(transaction),
    );
    expect(rows.filter(({ statement }) => statement.includes('"tenants"'))).not.toEqual([]);
  });

  test('[OPS-03] a column that comes while the server runs costs at most one answer of each statement', async () => {
    const ask = () =>
      tenantNamed('nobody').then(
        () => 'answered',
        (error: { code?: string }) => error.code,
      );
    for (let time = 0; time < 12; time++) expect(await ask()).toBe('answered');
    await inSystem((transaction) => sql`alter table tenants add column later text`.execute(transaction));
    const answers: unknown[] = [];
    for (let time = 0; time < 12; time++) answers.push(await ask());
    expect(answers.slice(1)).toEqual(Array(11).fill('answered'));
  });
});
