import { expect, test } from 'vitest';
import { isEcho, noteAnswer } from './double-press.ts';

const press = (timeStamp: number, clientX = 100, clientY = 50, detail = 1) => ({
  ...{ timeStamp, clientX, clientY, detail },
});

test('[CAR-03] the second half of a double click on "Answer" presses nothing that came into its place', () => {
  noteAnswer(press(1_000));
  expect(isEcho(press(1_200))).toBe(true);
  expect(isEcho(press(1_200, 108, 45, 2))).toBe(true);
  expect(isEcho(press(1_500))).toBe(true);
});

test('[CAR-03] a press that comes later, elsewhere or by key is meant', () => {
  noteAnswer(press(1_000));
  expect(isEcho(press(1_501))).toBe(false);
  expect(isEcho(press(1_200, 160))).toBe(false);
  expect(isEcho(press(1_200, 0, 0, 0))).toBe(false);
  // The press that answers is no echo of itself.
  expect(isEcho(press(1_000))).toBe(false);
  noteAnswer(press(2_000, 0, 0, 0));
  expect(isEcho(press(2_100))).toBe(false);
});
