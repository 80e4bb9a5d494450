import { Requirement } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequirement, requirementText } from './requirement-text.ts';

const leaf = fc.oneof(
  fc.record({
    skill: fc.constantFrom('billing', 'sales', 'B2B sales', 'účetnictví', 'and', 'lang', 'tier-1'),
    level: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ language: fc.constantFrom('cs', 'pt-BR') }),
);
const { tree } = fc.letrec<{ tree: Requirement }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    leaf,
    fc.record({ all: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
    fc.record({ not: tie('tree') }),
  ),
}));

describe('a requirement in words', () => {
  test('[QUE-04] what is written is read back as the same requirement', () => {
    fc.assert(
      fc.property(tree, (requirement) => {
        expect(parseRequirement(requirementText(requirement))).toEqual({ ok: true, requirement });
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, Requirement | null]>([
    ['', null],
    ['billing', { skill: 'billing', level: 1 }],
    [' billing >= 3 ', { skill: 'billing', level: 3 }],
    [
      'a or b and c',
      {
        any: [
          { skill: 'a', level: 1 },
          {
            all: [
              { skill: 'b', level: 1 },
              { skill: 'c', level: 1 },
            ],
          },
        ],
      },
    ],
    [
      '!a & (lang=cs | lang=en)',
      { all: [{ not: { skill: 'a', level: 1 } }, { any: [{ language: 'cs' }, { language: 'en' }] }] },
    ],
    ['"B2B sales">=2', { skill: 'B2B sales', level: 2 }],
    ['NOT android', { not: { skill: 'android', level: 1 } }],
  ])('[QUE-04] %s', (text, requirement) => {
    expect(parseRequirement(text)).toEqual({ ok: true, requirement });
  });

  test.each([
    ['billing and', 12],
    ['billing >= 6', 1],
    ['(a or b', 8],
    ['a b', 3],
    ['lang=x', 1],
    ['a=3', 1],
    ['and', 1],
  ])('[QUE-04] %s cannot be read from character %i', (text, position) => {
    expect(parseRequirement(text)).toEqual({ ok: false, position });
  });

  test('[QUE-04] what is read passes the schema of the server', () => {
    const parsed = parseRequirement('billing>=3 and (lang=cs or lang=en) and not trainee');
    expect(parsed.ok && Requirement.safeParse(parsed.requirement).success).toBe(true);
  });
});
