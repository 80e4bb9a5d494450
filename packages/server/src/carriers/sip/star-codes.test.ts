import { describe, expect, test } from 'vitest';
import { parseStarCode } from './star-codes.ts';

describe('star codes', () => {
  test('[AVL-06] each code of the documentation means what it says', () => {
    expect(parseStarCode('*0')).toEqual({ kind: 'status', status: 'offline', reason: null });
    expect(parseStarCode('*1')).toEqual({ kind: 'status', status: 'available', reason: null });
    expect(parseStarCode('*2')).toEqual({ kind: 'status', status: 'break', reason: null });
    expect(parseStarCode('*23')).toEqual({ kind: 'status', status: 'break', reason: 3 });
    expect(parseStarCode('*3')).toEqual({ kind: 'finish-wrap-up' });
  });

  test.each(['', '*', '1', '*4', '*11', '*2999', '**1', '*1#'])('[AVL-06] %j is no code', (number) => {
    expect(parseStarCode(number)).toBeUndefined();
  });
});
