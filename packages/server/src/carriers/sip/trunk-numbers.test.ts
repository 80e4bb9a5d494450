import { TrunkSettings } from '@crosspoint/contracts';
import { describe, expect, test } from 'vitest';
import { internationalForm, isAnonymous, numberForProvider, numberFromProvider } from './trunk-numbers.ts';

const numbering = (more: Partial<TrunkSettings['numbering']>) => ({
  ...TrunkSettings.parse({ host: 'h' }).numbering,
  ...more,
});

describe('numbers of a provider', () => {
  test('[CAR-01] become E.164, however they are written', () => {
    const czech = numbering({ country: 'CZ' });
    const spellings = ['+420 555 000 111', '00420555000111', '420555000111', '555000111', '+420-555-000-111'];
    for (const text of spellings) expect(numberFromProvider(text, czech), text).toBe('+420555000111');
    expect(numberFromProvider('0034 912 345 678', czech)).toBe('+34912345678');
    expect(numberFromProvider('020 7946 0018', numbering({ country: 'GB' }))).toBe('+442079460018');
    expect(numberFromProvider('011 420 555 000 111', numbering({ country: 'US' }))).toBe('+420555000111');
  });

  test('[CAR-01] that are none stay as they came', () => {
    const czech = numbering({ country: 'CZ' });
    for (const text of ['700', '112', 'alice', '*55', '12345678901234567890']) {
      expect(numberFromProvider(text, czech)).toBe(text);
    }
    expect(numberFromProvider('555000111', numbering({}))).toBe('555000111');
  });

  test('[CAR-01] lose the prefix of the provider', () => {
    expect(numberFromProvider('9900420555000111', numbering({ country: 'CZ', stripPrefix: '99' }))).toBe(
      '+420555000111',
    );
  });

  test('[CAR-01] are dialled as the provider wants them', () => {
    const written = (more: Partial<TrunkSettings['numbering']>, number = '+420555000111') =>
      numberForProvider(number, numbering({ country: 'CZ', ...more }));
    expect(written({ send: 'e164' })).toBe('+420555000111');
    expect(written({ send: 'e164-without-plus' })).toBe('420555000111');
    expect(written({ send: 'international' })).toBe('00420555000111');
    expect(written({ send: 'national' })).toBe('555000111');
    expect(written({ send: 'national' }, '+34912345678')).toBe('0034912345678');
    expect(written({ send: 'national', country: 'GB' }, '+442079460018')).toBe('02079460018');
    expect(written({ send: 'national', sendPrefix: '9' })).toBe('9555000111');
    expect(written({ send: 'national' }, '112')).toBe('112');
  });

  test('[CAR-01] dialled by a person are read with the country of the trunk', () => {
    expect(internationalForm('555 000 111', 'CZ')).toBe('+420555000111');
    expect(internationalForm('555000111', null)).toBe('555000111');
  });

  test('[OPS-05] of no country are read, and dialled, as the network would take them', () => {
    // Surplus digits do not keep a network from putting the call through.
    expect(internationalForm('0118816000000001234', 'US')).toBe('+8816000000001234');
    expect(internationalForm('008816000000001234', 'CZ')).toBe('+8816000000001234');
    expect(internationalForm('0011', 'AU')).toBe('0011');
    // What stands behind the country is no national number when it would lead abroad without it.
    const czech = numbering({ country: 'CZ', send: 'national' });
    expect(numberForProvider('+42000881600000000', czech)).toBe('0042000881600000000');
    expect(numberForProvider('+390612345678', numbering({ country: 'IT', send: 'national' }))).toBe(
      '0612345678',
    );
  });

  test('[RFC3323 §4.1.1.3] a caller without a number is told from one with', () => {
    for (const [user, host] of [
      ['anonymous', 'h'],
      ['', 'h'],
      ['Unknown', 'h'],
      ['x', 'anonymous.invalid'],
    ] as const) {
      expect(isAnonymous(user, host)).toBe(true);
    }
    expect(isAnonymous('+420555000111', 'h')).toBe(false);
  });
});
