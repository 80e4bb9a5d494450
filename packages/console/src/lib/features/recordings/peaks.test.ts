import { expect, test } from 'vitest';
import { visiblePeaks } from './peaks.ts';

test('[REC-07] the loudest moment fills the lane, and both lanes share one scale', () => {
  expect(
    visiblePeaks([
      [0.2, 0.4],
      [0.1, 0],
    ]),
  ).toEqual([
    [0.5, 1],
    [0.25, 0],
  ]);
});

test('[REC-07] silence stays silence', () => {
  expect(visiblePeaks([[0.001, 0]])).toEqual([[0.01, 0]]);
  expect(visiblePeaks([[], []])).toEqual([[], []]);
});
