import { expect, test } from 'vitest';
import { isRead } from './scoped-dialect.ts';

test('[API-01] a statement is a read only where nothing in it can change or lock anything', () => {
  const some = [
    'select "id" from "teams" where "id" = $1',
    '\n  SELECT count(*) FROM contacts',
    'with recursive reach (id) as (select 1) select id from reach',
  ];
  expect(some.filter((text) => !isRead(text))).toEqual([]);
  const others = [
    'insert into "teams" ("id") values ($1) returning "id"',
    'update "teams" set "name" = $1',
    'delete from "teams"',
    'with gone as (delete from "teams" returning id) select id from gone',
    'select "id" from "teams" for update skip locked',
    'select "id" from "teams" for share',
    "select nextval('numbers')",
    "select set_config('a', 'b', true)",
    'select pg_advisory_xact_lock(1)',
    'lock table "teams"',
    'do $$ begin end $$',
    'begin',
    '',
  ];
  expect(others.filter(isRead)).toEqual([]);
});
