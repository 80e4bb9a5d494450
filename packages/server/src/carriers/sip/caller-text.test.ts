import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shownName, shownNumber } from './caller-text.ts';

test('[OPS-05] what a caller calls itself is cut and has no control characters, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const name = shownName(text);
      expect(Array.from(name).length).toBeLessThanOrEqual(128);
      expect(name).not.toMatch(/\p{Cc}/u);
      expect(name.isWellFormed()).toBe(true);
      expect(Array.from(shownNumber(text)).length).toBeLessThanOrEqual(64);
    }),
  );
});

test('[OPS-05] names and numbers as people have them stay as they are', () => {
  expect(shownName('Příliš Žluťoučký Kůň 🐎')).toBe('Příliš Žluťoučký Kůň 🐎');
  expect(shownNumber('+420777123456')).toBe('+420777123456');
  expect(shownName('a\0b\r\n')).toBe('a b ');
  expect(shownName(`${'a'.repeat(127)}🐎🐎`)).toBe(`${'a'.repeat(127)}🐎`);
});

test('[OPS-05] no caller has what stands beside the name read backwards, or in another line', () => {
  expect(shownName('Bank\u202edrawkcab\u202c')).toBe('Bankdrawkcab');
  expect(shownNumber('+420\u2066777\u2069')).toBe('+420777');
  expect(shownName('one\u2028two')).toBe('one two');
  // Names that are written from right to left need none of these.
  expect(shownName('مركز الاتصال')).toBe('مركز الاتصال');
});
