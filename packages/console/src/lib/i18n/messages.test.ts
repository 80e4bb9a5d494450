import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const consoleRoot = new URL('../../../', import.meta.url);
const texts = (locale: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`messages/${locale}.json`, consoleRoot), 'utf8')) as Record<
    string,
    unknown
  >;

test('[I18N-01] every message exists in all three languages', () => {
  const keys = Object.keys(texts('en')).sort();
  expect(keys.length).toBeGreaterThan(500);
  expect(Object.keys(texts('es')).sort()).toEqual(keys);
  expect(Object.keys(texts('cs')).sort()).toEqual(keys);
});

test('[I18N-01] the check finds no missing, unused, untranslated or hard-coded text', () => {
  const script = new URL('scripts/check-messages.mjs', consoleRoot);
  const output = execFileSync(process.execPath, [script.pathname], { encoding: 'utf8' });
  expect(output).toContain('all there, all used');
});
