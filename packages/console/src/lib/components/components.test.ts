import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generatePassword } from './password.ts';
import { sparklinePoints } from './sparkline.ts';

test('[AVL-06] a drawn password has 16 characters that are not mistaken for one another', () => {
  const draws = fc.infiniteStream(fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(draws, (numbers) => {
      const password = generatePassword((count) => Uint32Array.from([...numbers.take(count)]));
      expect(password).toMatch(/^[a-zA-Z0-9]{16}$/);
      expect(password).not.toMatch(/[lIO01]/);
    }),
  );
});

test('[AVL-06] a draw beyond the last whole alphabet is thrown away', () => {
  let calls = 0;
  const password = generatePassword((count) => {
    calls += 1;
    return new Uint32Array(count).fill(calls === 1 ? 2 ** 32 - 1 : 0);
  });
  expect(calls).toBe(2);
  expect(password).toBe('a'.repeat(16));
});

test('[QUE-12] a sparkline stays inside its box and ends at the present', () => {
  const values = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(values, (depth) => {
      const points = (sparklinePoints(depth, 84, 22, 60) ?? '')
        .split(' ')
        .map((point) => point.split(',').map(Number) as [number, number]);
      for (const [x, y] of points) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(84);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(22);
      }
      expect(points.at(-1)?.[0]).toBe(84);
    }),
  );
});

test('[QUE-12] too few values draw nothing', () => {
  expect(sparklinePoints([], 84, 22)).toBeNull();
  expect(sparklinePoints([3], 84, 22)).toBeNull();
});
