import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classifyNumber } from './outgoing-calls.ts';

test('[OPS-05] a number is judged as the network reads it, whatever stands before its country', () => {
  for (const written of [
    ...['+881600000000', '00881600000000', '+0881600000000', '+00881600000000', '000881600000000'],
    ...['++881600000000', '0+881600000000', '+88 160-000.(0000)', '*6700881600000000', '*31#+881600000000'],
  ]) {
    expect([written, classifyNumber(written).digits]).toEqual([written, '+881600000000']);
  }
});

test('[OPS-05] other numbers are judged as they are', () => {
  for (const written of ['112', '0113 496 0000', '*86', '#31#777000111', '881600000000'])
    expect(classifyNumber(written).digits).toBe(written.replaceAll(' ', ''));
  expect(classifyNumber('+39 06 698').digits).toBe('+3906698');
});

test('[OPS-05] no zeros and pluses before a number make another one of it', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^(?:\+|00)[+0]{0,6}$/),
      fc.stringMatching(/^[1-9]\d{6,14}$/),
      (before, number) => {
        expect(classifyNumber(before + number).digits).toBe(`+${number}`);
      },
    ),
  );
});
