import { type RoutingCondition, RoutingRule, type RoutingRuleInput } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRuleSet, hintsOf, type RoutingContact, type RoutingWorld } from './index.ts';

type Given = Partial<RoutingRuleInput> & { when: RoutingCondition };

let count = 0;
function rule(given: Given): RoutingRule {
  count += 1;
  const id = `01900000-0000-7000-8000-${String(count).padStart(12, '0')}`;
  return RoutingRule.parse({ id, name: `rule ${count}`, targets: [{ to: { end: true } }], ...given });
}

const starting = (...values: string[]): RoutingCondition => ({
  field: 'caller',
  is: 'starting-with',
  values,
});
const callers = (...values: string[]): RoutingCondition => ({ field: 'caller', is: 'one-of', values });
const none = (...values: string[]): RoutingCondition => ({ field: 'caller', is: 'none-of', values });
const containing = (...values: string[]): RoutingCondition => ({ field: 'caller', is: 'containing', values });
const waiting = (is: 'at-least' | 'at-most', value: number): RoutingCondition => ({
  ...{ field: 'queue', queue: 'sales', figure: 'waiting', is, value },
});
const ready = (is: 'at-least' | 'at-most', value: number): RoutingCondition => ({
  ...{ field: 'queue', queue: 'sales', figure: 'ready', is, value },
});
const office = (is: 'open' | 'closed'): RoutingCondition => ({
  ...{ field: 'hours', hours: { calendar: 'office' }, is },
});
const vip = (is: 'one-of' | 'none-of', ...values: string[]): RoutingCondition => ({
  ...{ field: 'segment', is, values },
});
const not = (inner: RoutingCondition): RoutingCondition => ({ not: inner });

/** The hints about the last of these rules. */
const aboutLast = (...whens: (RoutingCondition | Given)[]) => {
  const rules = whens.map((when) => rule('when' in when && !('field' in when) ? (when as Given) : { when }));
  const last = rules.at(-1)?.id;
  return hintsOf(rules, Date.parse('2026-06-01T00:00:00Z'))
    .filter(({ ruleId }) => ruleId === last)
    .map(({ code }) => code);
};

describe('hints about rules', () => {
  test.each([
    ['two beginnings', { all: [starting('+420'), starting('+421')] }],
    ['a number and another beginning', { all: [callers('+420555000111'), starting('+421')] }],
    ['a number that is excluded', { all: [callers('700', '701'), none('701', '700')] }],
    ['a number without its part', { all: [callers('700'), containing('1')] }],
    ['a beginning that is excluded', { all: [starting('+42060', '+42061'), not(starting('+420'))] }],
    ['more than is allowed', { all: [waiting('at-least', 5), waiting('at-most', 4)] }],
    ['less than is needed', { all: [waiting('at-least', 5), not(waiting('at-least', 5))] }],
    [
      'open and closed',
      { all: [office('open'), { any: [office('closed'), starting('1')] }, none('12'), not(starting('1'))] },
    ],
    ['a segment that is excluded', { all: [vip('one-of', 'VIP'), vip('none-of', 'VIP', 'new')] }],
    [
      'no contact before and many',
      {
        all: [
          { field: 'history', figure: 'contacts', is: 'at-most', value: 0 },
          { field: 'history', figure: 'contacts', is: 'at-least', value: 1 },
        ],
      },
    ],
    ['not anything', not({ all: [] })],
  ] satisfies [string, RoutingCondition][])(
    '[RTE-06] [RULE-7] a condition of %s never fits',
    (_what, when) => {
      expect(aboutLast(when)).toEqual(['never-fits']);
    },
  );

  test.each([
    ['a longer beginning', [starting('+420'), starting('+42060', '+42061')]],
    ['some of its numbers', [callers('1', '2', '3'), callers('3', '1')]],
    ['its numbers among two rules', [callers('1', '2'), callers('3'), callers('3', '1')]],
    ['numbers of its beginning', [starting('+420'), callers('+420111222333')]],
    [
      'one of two ways',
      [{ any: [starting('+420'), office('closed')] }, { all: [office('closed'), starting('7')] }],
    ],
    ['more that wait', [waiting('at-least', 3), waiting('at-least', 10)]],
    ['both halves of the day', [office('open'), office('closed'), starting('+420')]],
    ['whoever is left over', [vip('one-of', 'VIP'), vip('none-of', 'VIP'), vip('one-of', 'new')]],
  ] satisfies [string, RoutingCondition[]][])(
    '[RTE-06] [RULE-7] a rule for %s is never reached',
    (_what, whens) => {
      expect(aboutLast(...whens)).toEqual(['never-reached']);
    },
  );

  test.each([
    ['a shorter beginning', [starting('+42060'), starting('+420')]],
    ['another figure', [waiting('at-most', 3), ready('at-least', 10)]],
    ['a figure that may be unknown', [waiting('at-most', 3), waiting('at-least', 4), starting('1')]],
    ['one number more', [callers('1'), callers('2'), callers('1', '2', '3')]],
    ['a share before it', [{ when: starting('1'), share: 50 }, starting('12')]],
    ['a script before it', [{ when: starting('1'), script: 'return true;' }, starting('12')]],
    [
      'a time that ends before',
      [{ when: starting('1'), validUntil: '2027-01-01T00:00:00Z' }, starting('12')],
    ],
    [
      'two segments that one may have',
      [vip('one-of', 'a'), { all: [vip('one-of', 'b'), not(starting('9'))] }],
    ],
  ] satisfies [string, (RoutingCondition | Given)[]][])(
    '[RTE-06] [RULE-7] a rule behind %s may be reached',
    (_what, whens) => {
      expect(aboutLast(...whens)).toEqual([]);
    },
  );

  test('[RTE-06] [RULE-7] a rule for nobody, or of a time that is over, never counts; rules for all halves leave nobody over', () => {
    expect(aboutLast({ when: starting('1'), share: 0 })).toEqual(['never-counts']);
    expect(aboutLast({ when: starting('1'), validUntil: '2026-05-31T00:00:00Z' })).toEqual(['never-counts']);
    expect(hintsOf([rule({ when: office('open') }), rule({ when: office('closed') })], 0)).toEqual([]);
    const late = { validFrom: '2026-01-01T00:00:00Z' };
    const [hint] = hintsOf([rule({ when: office('open') }), rule({ when: office('closed'), ...late })], 0);
    expect(hint?.code).toBe('nobody-left-over');
  });

  test('[RTE-06] [RULE-7] whoever is said to be never reached or never to fit never takes a contact', () => {
    const digits = fc.array(fc.stringMatching(/^[12]{1,2}$/), { minLength: 1, maxLength: 2 });
    const leaf = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('caller', 'dialled'),
          fc.constantFrom('one-of', 'none-of', 'starting-with', 'containing'),
          digits,
        )
        .map(([field, is, values]) => ({ field, is, values })),
      fc
        .tuple(fc.constantFrom('at-least', 'at-most'), fc.integer({ min: 0, max: 3 }))
        .map(([is, value]) => waiting(is as 'at-least', value)),
      fc
        .tuple(fc.constantFrom('one-of', 'none-of'), fc.subarray(['a', 'b'], { minLength: 1 }))
        .map(([is, values]) => vip(is as 'one-of', ...values)),
      fc.constantFrom(office('open'), office('closed')),
    ) as fc.Arbitrary<RoutingCondition>;
    const { tree } = fc.letrec<{ tree: RoutingCondition }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }).map((all) => ({ all })),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
        tie('tree').map(not),
      ),
    }));
    const text = fc.stringMatching(/^[12]{0,3}$/);
    const moment = fc.record({
      ...{ caller: text, dialled: text, segments: fc.subarray(['a', 'b']) },
      ...{ waits: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }), isOpen: fc.boolean() },
    });
    fc.assert(
      fc.property(
        fc.array(tree, { minLength: 1, maxLength: 4 }),
        fc.array(moment, { minLength: 30, maxLength: 30 }),
        (whens, moments) => {
          const rules = whens.map((when) => rule({ when }));
          const hints = hintsOf(rules, 0);
          const lost = new Set(hints.map(({ ruleId }) => ruleId));
          const set = createRuleSet(rules);
          for (const { caller, dialled, segments, waits, isOpen } of moments) {
            const contact: RoutingContact = {
              ...{ caller, callerName: '', dialled, trunk: '', variables: new Map() },
              ...{
                country: () => '',
                language: () => 'en',
                segments: () => segments,
                history: () => undefined,
              },
            };
            const open = {
              monday: [],
              tuesday: [],
              wednesday: [],
              thursday: [],
              friday: [],
              saturday: [],
              sunday: [],
            };
            const thursday = isOpen ? [{ from: '00:00', to: '24:00' }] : [];
            const world = {
              queue: () => waits,
              hours: () => ({ timeZone: 'UTC', week: { ...open, thursday }, specialDays: [] }),
            } as unknown as RoutingWorld;
            const taken = set.decide(contact, world, 0).rule?.id ?? null;
            expect(lost.has(taken)).toBe(taken === null);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
