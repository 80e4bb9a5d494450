import { expect, test } from 'vitest';
import { safeNext } from './next.ts';

test('[API-04] after signing in only a page of the console is opened', () => {
  expect(safeNext('/contacts?outcome=answered')).toBe('/contacts?outcome=answered');
  for (const wanted of [
    null,
    '',
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/login?next=/login',
  ]) {
    expect(safeNext(wanted)).toBeNull();
  }
});
