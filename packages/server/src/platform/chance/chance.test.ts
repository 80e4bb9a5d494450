import { expect, it } from 'vitest';
import { Chance } from './chance.ts';

it('[MED-03] random bytes are given once, and all of them are random', () => {
  const chance = new Chance();
  const taken = Array.from({ length: 1_000 }, () => chance.take(10));
  expect(taken.every((bytes) => bytes.length === 10)).toBe(true);
  expect(new Set(taken.map((bytes) => bytes.toString('hex'))).size).toBe(1_000);
  const ones = taken.reduce((sum, bytes) => sum + bytes.reduce((bits, byte) => bits + (byte & 1), 0), 0);
  // Of 10,000 bits that are as often 1 as 0; six deviations are 300.
  expect(Math.abs(ones - 5_000)).toBeLessThan(300);
});
