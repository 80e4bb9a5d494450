import { describe, expect, test } from 'vitest';
import { answerToStarCode, parseStarCode } from './star-codes.ts';

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

  test('[AVL-06] tells a code that nobody knows from one that does nothing at this moment', () => {
    expect(answerToStarCode(parseStarCode('*9'), false)).toEqual({ status: 404, reason: 'Unknown code' });
    expect(answerToStarCode(parseStarCode('*3'), false)).toEqual({ status: 403, reason: 'Not possible now' });
    expect(answerToStarCode(parseStarCode('*3'), true)).toEqual({ status: 480, reason: 'Done' });
  });
});
