import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';

test('[TEAM-04] a table is text that spreadsheets read, and never run', () => {
  const rows = [
    ['Ann "the voice", Lee', 1.5],
    ['=cmd()', null],
    ['Two\nlines', 0],
  ];
  expect(csvOf(['name', 'figure'], rows)).toBe(
    '\uFEFFname,figure\r\n"Ann ""the voice"", Lee",1.5\r\n\'=cmd(),\r\n"Two\nlines",0\r\n',
  );
});
