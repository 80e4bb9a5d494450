import { describe, expect, test } from 'vitest';
import { EntryPoints } from './entry-points.ts';

describe('entry points of a house', () => {
  const czech = [
    ['+420 555 000 111', 'sales'],
    ['700', 'desk'],
  ] as const;

  test.each([
    ['+420555000111', 'sales'],
    ['420555000111', 'sales'],
    ['00420555000111', 'sales'],
    ['00420 555 000 111', 'sales'],
    ['555000111', 'sales'],
    ['555 000 111', 'sales'],
    ['700', 'desk'],
    ['55500011', undefined],
    ['555000112', undefined],
    ['0049555000111', undefined],
    ['*97', undefined],
    ['sales', undefined],
    ['', undefined],
  ])('[RTE-01] a Czech house answers %j: %j', (dialled, target) => {
    expect(new EntryPoints(czech).find(dialled)).toBe(target);
    expect(new EntryPoints(czech, ['CZ', null]).find(dialled)).toBe(target);
  });

  test('[RTE-01] the prefixes of the country count, not those of others', () => {
    const american = new EntryPoints([['+12125550111', 'desk']], ['US']);
    expect(american.find('011 1 212 555 0111')).toBe('desk');
    expect(american.find('(212) 555-0111')).toBe('desk');
    expect(american.find('1 212 555 0111')).toBe('desk');
    const british = new EntryPoints([['+442079460000', 'desk']], []);
    expect(british.find('020 7946 0000')).toBe('desk');
    expect(british.find('2079460001')).toBeUndefined();
  });

  test('[RTE-01] a national number is nobody’s where the house is in several countries', () => {
    const numbers = [
      ['+420555000111', 'czech'],
      ['+48555000112', 'polish'],
    ] as const;
    expect(new EntryPoints(numbers).find('555000112')).toBeUndefined();
    expect(new EntryPoints(numbers, ['CZ', 'PL']).find('555000111')).toBeUndefined();
    expect(new EntryPoints(numbers, ['CZ']).find('555000111')).toBe('czech');
    expect(new EntryPoints(numbers, ['CZ']).find('555000112')).toBeUndefined();
    expect(new EntryPoints(numbers).find('0048555000112')).toBe('polish');
  });

  test('[RTE-01] what is written exactly so goes first', () => {
    const both = new EntryPoints([...czech, ['555000111', 'local']]);
    expect(both.find('555000111')).toBe('local');
    expect(both.find('+420555000111')).toBe('sales');
  });
});
