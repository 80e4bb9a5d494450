import { expect, test } from 'vitest';
import { parseLines, parseWordList } from './word-list.ts';

test('[OPS-05] a list may be typed with any separators, each word once', () => {
  expect(parseWordList(' +420, +421;+43\n+420 ')).toEqual(['+420', '+421', '+43']);
  expect(parseWordList('')).toEqual([]);
});

test('[OPS-05] a list of texts has one in each line', () => {
  expect(parseLines('Bad tool 2\n\n  other \nother')).toEqual(['Bad tool 2', 'other']);
});
