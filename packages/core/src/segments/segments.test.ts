import { describe, expect, test } from 'vitest';
import { SegmentBook } from './index.ts';

const never = (): number => 0;
const book = new SegmentBook([
  { name: 'VIP', numbers: ['+420777000111', '+4207770002*'], contacts: null },
  { name: 'regulars', numbers: [], contacts: { countMin: 3, days: 7 } },
  { name: 'Prague', numbers: ['+4202*'], contacts: null },
]);

describe('segments of customers', () => {
  test('[RTE-05] list whole numbers and beginnings of numbers', () => {
    expect(book.of('+420777000111', never)).toEqual(['VIP']);
    expect(book.of('+4207770001112', never)).toEqual([]);
    expect(book.of('+420777000299', never)).toEqual(['VIP']);
    expect(book.of('+420222333444', never)).toEqual(['Prague']);
  });

  test('[RTE-05] hold who called often enough of late, and one more or less decides', () => {
    const asked: number[] = [];
    const countWithin = (count: number) => (days: number) => {
      asked.push(days);
      return count;
    };
    expect(book.of('+34911222333', countWithin(2))).toEqual([]);
    expect(book.of('+34911222333', countWithin(3))).toEqual(['regulars']);
    expect(asked).toEqual([7, 7]);
  });

  test('[RTE-01] of one caller are told in the order of the list, each once', () => {
    const both = new SegmentBook([
      { name: 'a', numbers: ['+1*', '+12*', '+123'], contacts: { countMin: 1, days: 30 } },
      { name: 'b', numbers: ['+123'], contacts: null },
    ]);
    expect(both.of('+123', () => 5)).toEqual(['a', 'b']);
  });

  test('[RTE-01] know nothing of a withheld number', () => {
    expect(new SegmentBook([{ name: 'all', numbers: ['*'], contacts: null }]).of('', never)).toEqual([]);
  });
});
