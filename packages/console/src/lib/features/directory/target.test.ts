import type { DirectoryEntry } from '@crosspoint/contracts';
import { expect, test } from 'vitest';
import { fits } from './target.ts';

test('[CTL-02] a colleague is meant by any part of the name or extension, and nobody by words of others', () => {
  const entry = { kind: 'agent', name: 'Jana Nováková', extension: '201' } as DirectoryEntry;
  expect(['jana', ' NOVÁK', '20'].map((words) => fits(entry, words))).toEqual([true, true, true]);
  expect(['jan a', '202', 'Carmen'].map((words) => fits(entry, words))).toEqual([false, false, false]);
  expect(fits({ kind: 'agent', name: 'Eva', extension: null } as DirectoryEntry, '2')).toBe(false);
});
