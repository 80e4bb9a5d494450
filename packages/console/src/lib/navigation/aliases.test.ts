import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aliasOf } from './aliases.ts';

const routes = join(import.meta.dirname, '../../routes/(app)');

test('[OPS-08] every other address of a page leads to a page that exists, and none hides one', () => {
  for (const other of [
    '/operations/hours',
    '/operations/voicemail',
    '/operations/voicemail/settings',
    '/operations/voicemail/greetings',
    '/operations/ivr/scripts',
    '/operations/routing/builder',
    '/operations/routing/test',
    '/admin/webhooks',
  ]) {
    expect(existsSync(join(routes, other, '+page.svelte'))).toBe(false);
    expect(existsSync(join(routes, aliasOf(other) ?? '', '+page.svelte')), other).toBe(true);
    expect(aliasOf(`${other}/`)).toBe(aliasOf(other));
  }
  expect(aliasOf('/operations/nothing')).toBeUndefined();
});
