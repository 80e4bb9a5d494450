import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FlowValue, parseExpression } from './expression.ts';

function valueOf(text: string, variables: Record<string, FlowValue> = {}): FlowValue {
  const parsed = parseExpression(text);
  if (!('evaluate' in parsed)) throw new Error(`${text}: ${parsed.message}`);
  return parsed.evaluate(new Map(Object.entries(variables)));
}

describe('expressions', () => {
  test.each<[string, FlowValue]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 % 4 - 10 / 4', 0.5],
    ['"a" + 1', 'a1'],
    ['!true || 2 > 1 && 1 != 2', true],
    ['caller.startsWith("+420")', true],
    ['caller.size() == 13', true],
    ['language in ["cs", "es"]', true],
    ['!(language in ["en"])', true],
    ['amount >= 42', true],
    ['amount == "42"', true],
    ['- -3', 3],
    ['callerName.contains("Novák")', true],
    ['amount > 40 ? "many" : "few"', 'many'],
    ['false ? 1 : missing == "" ? 2 : 3', 2],
    ['(true ? 1 : 2) + 1', 2],
    ['size(caller) + size([1, 2])', 15],
    ['int(amount) + 1', 43],
    ['int("-7.9")', -7],
    ['double("2.5") * 2', 5],
    ['string(4) + "2"', '42'],
    ['1.5e3', 1_500],
    [String.raw`"a \"quoted\" \u010dau"`, 'a "quoted" čau'],
    [String.raw`'it\'s \\'`, "it's \\"],
  ])('[FLOW-13] %s is %j', (text, value) => {
    const variables = { caller: '+420555000111', language: 'cs', amount: '42', callerName: 'Eva Nováková' };
    expect(valueOf(text, variables)).toBe(value);
  });

  test.each<[string, FlowValue]>([
    ['missing', ''],
    ['missing > 1', false],
    ['missing < 1', false],
    ['1 / 0', ''],
    ['"x" * 2', ''],
    ['[] in [1]', false],
  ])('[FLOW-13] %s has a value all the same: %j', (text, value) => {
    expect(valueOf(text)).toBe(value);
  });

  test.each([
    ['1 +', 4, 'missing'],
    ['a.exec("x")', 3, 'no method'],
    ['a & b', 3, 'not understood'],
    ['(1', 3, '")" is missing'],
    ['1 2', 3, 'too much'],
    ['toString.constructor("x")', 10, 'no method'],
    ['constructor("x")', 1, 'no function'],
    ['a ? 1', 6, '":" is missing'],
    [String.raw`"a\qb"`, 3, 'stands for no sign'],
    ['"a', 1, 'not understood'],
    [`${'('.repeat(31)}1${')'.repeat(31)}`, 31, 'nests deeper'],
  ])('[FLOW-3] %s is refused with its column', (text, column, message) => {
    const parsed = parseExpression(text);
    expect(parsed).toMatchObject({ column, message: expect.stringContaining(message) });
  });

  test('[FLOW-13] any text is an expression that has a value, or is refused', () => {
    const part = fc.constantFrom(
      'a',
      '1',
      '"x"',
      '(',
      ')',
      '[',
      ']',
      '+',
      '-',
      '!',
      '&&',
      '==',
      '<',
      'in',
      '.size()',
      'size(',
      '?',
      ':',
      ',',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const parsed = parseExpression(parts.join(' '));
        if ('evaluate' in parsed)
          expect(['string', 'number', 'boolean']).toContain(typeof parsed.evaluate(new Map()));
        else expect(parsed.column).toBeGreaterThan(0);
      }),
    );
  });
});
