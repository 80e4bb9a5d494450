import { expect, test } from 'vitest';
import { changesOf, subjectName, valueWords } from './changes.ts';

test('[API-04] only what differs is shown, with its path', () => {
  const before = { name: 'Billing', wrapUp: { mode: 'timed', seconds: 0 }, agents: ['a'] };
  const after = { name: 'Billing', wrapUp: { mode: 'timed', seconds: 20 }, agents: ['a', 'b'] };
  expect(changesOf(before, after)).toEqual([
    { path: 'wrapUp.seconds', before: 0, after: 20 },
    { path: 'agents', before: ['a'], after: ['a', 'b'] },
  ]);
});

test('[API-04] something new shows all its fields, something deleted too', () => {
  expect(changesOf(null, { name: 'x' })).toEqual([{ path: 'name', before: undefined, after: 'x' }]);
  expect(changesOf({ name: 'x' }, null)).toEqual([{ path: 'name', before: 'x', after: undefined }]);
  expect(changesOf(null, null)).toEqual([]);
});

test('[API-04] a huge change stays readable', () => {
  const after = Object.fromEntries(Array.from({ length: 500 }, (_value, index) => [`f${index}`, index]));
  expect(changesOf({}, after)).toHaveLength(100);
});

test('[API-04] an entry is named after what it is about', () => {
  expect(subjectName(null, { id: '1', name: 'Billing' })).toBe('Billing');
  expect(subjectName({ username: 'alice' }, null)).toBe('alice');
  expect(subjectName(null, null)).toBeNull();
  expect(valueWords({ a: 1 })).toBe('{"a":1}');
  expect(valueWords(undefined)).toBe('');
});
