import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionWords, subjectWords } from './words.ts';

/** Every action that the server's sources write to the audit log by its whole name. */
function actionsOfServer(): string[] {
  const features = new URL('../../../../../server/src/features/', import.meta.url);
  const files = readdirSync(features, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(new URL(file, features), 'utf8'))
    .flatMap((source) => [...source.matchAll(/recordChange\(\s*\w+,\s*\w+,\s*'([a-z-]+\.[a-z-]+)'/g)])
    .map(([, action = '']) => action);
}

test('[API-04] [I18N-01] what the audit log tells has words', () => {
  const actions = actionsOfServer();
  expect(actions.length).toBeGreaterThan(40);
  expect(actions.filter((action) => actionWords(action) === action)).toEqual([]);
  const subjects = actions.map((action) => action.slice(0, action.indexOf('.')));
  expect(subjects.filter((subject) => subjectWords(subject) === subject)).toEqual([]);
});

test('[API-04] what nobody has words for is shown as it is', () => {
  expect(actionWords('queue.updated')).toBe('Changed');
  expect(actionWords('queue.turned-over')).toBe('queue.turned-over');
  expect(subjectWords('queue')).toBe('Queue');
  expect(subjectWords('unheard-of')).toBe('unheard-of');
});
