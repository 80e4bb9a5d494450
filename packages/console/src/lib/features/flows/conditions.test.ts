import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparisons, conditionsText, parseConditions } from './conditions.ts';

test('[RTE-06] rows become an expression and come back as they were', () => {
  const row = fc.record({
    variable: fc.stringMatching(/^[a-z][A-Za-z0-9]{0,10}$/),
    comparison: fc.constantFrom(...comparisons),
    value: fc.stringMatching(/^[^\n\r]{0,20}$/),
  });
  const conditions = fc.record({
    join: fc.constantFrom('&&' as const, '||' as const),
    rows: fc.array(row, { minLength: 2, maxLength: 5 }),
  });
  fc.assert(
    fc.property(conditions, (each) => {
      expect(parseConditions(conditionsText(each))).toEqual(each);
    }),
  );
});

test('[RTE-06] what is more than rows stays an expression', () => {
  for (const text of ['1 + 2 == 3', 'a == "1" && (b == "2")', 'a == "1" && b == "2" || c == "3"', '!a', '']) {
    expect(parseConditions(text)).toBeUndefined();
  }
  expect(parseConditions(`caller.startsWith('+420')`)).toEqual({
    join: '&&',
    rows: [{ variable: 'caller', comparison: 'startsWith', value: '+420' }],
  });
});
