import { type TrunkId, TrunkSettings, type TrunkSettingsInput } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { routesTo } from './trunk-route.ts';

const trunk = (name: string, settings: Partial<TrunkSettingsInput> = {}) => ({
  id: name as TrunkId,
  name,
  settings: TrunkSettings.parse({ host: 'h', ...settings }),
});
const names = (number: string, trunks: ReturnType<typeof trunk>[]) =>
  routesTo(number, trunks).map(({ trunkId }) => trunkId);

describe('the route of an outgoing call', () => {
  test('[CAR-01] is the longest prefix first, then the order, then the name', () => {
    const trunks = [
      trunk('any', { outgoing: { order: 1 } }),
      trunk('czech-b', { outgoing: { prefixes: ['+420'] } }),
      trunk('czech-a', { outgoing: { prefixes: ['+420'] } }),
      trunk('czech-first', { outgoing: { prefixes: ['+420'], order: 50 } }),
      trunk('mobile', { outgoing: { prefixes: ['+34', '+4206', '+4207'], order: 900 } }),
    ];
    expect(names('+420777000111', trunks)).toEqual(['mobile', 'czech-first', 'czech-a', 'czech-b', 'any']);
    expect(names('+420555000111', trunks)).toEqual(['czech-first', 'czech-a', 'czech-b', 'any']);
    expect(names('+4915112345678', trunks)).toEqual(['any']);
  });

  test('[CAR-01] leaves out what is off or takes no outgoing calls', () => {
    const off = trunk('off', { enabled: false });
    const incoming = trunk('incoming', { outgoing: { enabled: false } });
    expect(names('+420555000111', [off, incoming])).toEqual([]);
  });

  test('[OPS-05] is none for what no limit can judge, since a provider might read a number in it', () => {
    const trunks = [trunk('any'), trunk('home', { numbering: { country: 'CZ' } })];
    for (const text of [
      ...['victim', 'p881600000000', '+1900FLOWERS', '++881600000000', '+88\u{200b}1600000000'],
      ...[
        '\u{ff0b}881600000000',
        '+\u{ff18}\u{ff18}\u{ff11}600000000',
        '+\u{668}\u{668}\u{661}600000000',
        '',
      ],
    ]) {
      expect([text, names(text, trunks)]).toEqual([text, []]);
    }
    expect(names('*86', trunks)).toEqual(['any', 'home']);
    expect(names('112', trunks)).toEqual(['any', 'home']);
  });

  test('[CAR-01] reads and writes the number as each trunk does', () => {
    const czech = { country: 'CZ', send: 'national' } as const;
    const trunks = [
      trunk('home', { numbering: czech, outgoing: { prefixes: ['+420'] } }),
      trunk('abroad', { numbering: { send: 'e164-without-plus' }, outgoing: { order: 200 } }),
    ];
    expect(routesTo('555 000 111', trunks)).toEqual([
      { trunkId: 'home', number: '+420555000111', dialled: '555000111' },
      { trunkId: 'abroad', number: '555000111', dialled: '555000111' },
    ]);
    expect(routesTo('+420555000111', trunks).map(({ dialled }) => dialled)).toEqual([
      '555000111',
      '420555000111',
    ]);
  });
});
