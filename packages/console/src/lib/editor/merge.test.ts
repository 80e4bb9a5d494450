import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedFields, mergeEdits } from './merge.ts';

const base = { name: 'Billing', ring: 15, size: 100, agents: [{ id: 'a' }] };

test('[QUE-01] what only one side changed is kept from both sides', () => {
  const merge = mergeEdits(base, { ...base, ring: 20 }, { ...base, size: 50 });
  expect(merge.merged).toEqual({ ...base, ring: 20, size: 50 });
  expect(merge.conflicts).toEqual([]);
  expect(merge.taken).toEqual(['size']);
});

test('[QUE-01] a field changed on both sides is a conflict and keeps what was typed here', () => {
  const merge = mergeEdits(base, { ...base, ring: 20 }, { ...base, ring: 30 });
  expect(merge.merged.ring).toBe(20);
  expect(merge.conflicts).toEqual(['ring']);
});

test('[QUE-01] the same change on both sides is no conflict', () => {
  const merge = mergeEdits(base, { ...base, ring: 20 }, { ...base, ring: 20 });
  expect(merge.conflicts).toEqual([]);
  expect(merge.merged.ring).toBe(20);
});

test('[QUE-01] lists are compared by what is in them', () => {
  expect(changedFields(base, { ...base, agents: [{ id: 'a' }] })).toEqual([]);
  expect(changedFields(base, { ...base, agents: [{ id: 'b' }] })).toEqual(['agents']);
});

test('[QUE-01] merging with an unchanged other side gives back what was typed', () => {
  const values = fc.record({ a: fc.integer(), b: fc.string(), c: fc.array(fc.integer()) });
  fc.assert(
    fc.property(values, values, (before, mine) => {
      expect(mergeEdits(before, mine, before)).toEqual({ merged: mine, conflicts: [], taken: [] });
    }),
  );
});
