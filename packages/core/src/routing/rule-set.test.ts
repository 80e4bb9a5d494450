import { type BusinessHours, RoutingRule, RoutingRuleId, type RoutingRuleInput } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoutingContact, RoutingWorld, ScriptRun } from './index.ts';
import { checkRules, createRuleSet, decisionFlow, hintsOf } from './index.ts';
import { createFlowSession } from '../ivr/index.ts';

type Input = Partial<(typeof RoutingRuleInput)['_zod']['input']>;
let ids = 0;

function rule(name: string, more: Input = {}): RoutingRule {
  ids += 1;
  const id = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  return RoutingRule.parse({ id, name, targets: [{ to: { queue: 'support' } }], ...more });
}

function contact(more: Partial<RoutingContact> = {}): RoutingContact {
  return {
    ...{ caller: '+420555000111', callerName: 'Eva', dialled: '700', trunk: 'carrier-a' },
    ...{ country: () => 'CZ', language: () => 'cs', history: () => undefined, variables: new Map() },
    segments: () => [],
    ...more,
  };
}

const world: RoutingWorld = {
  queue: (name, figure) => (name === 'support' && figure === 'waiting' ? 7 : undefined),
  hours: () => undefined,
  names: () => ({
    ...{ queues: new Set(['support', 'vip']), calendars: new Set<string>() },
    ...{ hasFlow: () => false, hasVoicemailBox: () => false, hasAgent: (name) => name === 'alice' },
  }),
};
const taken = (rules: RoutingRule[], of = contact(), now = 0) =>
  createRuleSet(rules).decide(of, world, now).rule?.name;

describe('rules with a script', () => {
  const set = createRuleSet([rule('scripted', { script: 'return decided;' }), rule('rest')]);
  const [{ id }] = [rule('of another id')];
  const decide = (run?: ScriptRun) => {
    const asked = set.decide(contact(), world, 5).asks;
    return set.decide(contact(), world, 5, new Map(run === undefined ? [] : [[asked?.ruleId ?? id, run]]));
  };
  const ran = (value: unknown): ScriptRun => ({ ok: true, value, log: ['written'] });

  test('[RULE-8] ask for it before anything behind them is looked at, with what the contact knows', () => {
    const { asks, target } = decide();
    expect(target).toBeUndefined();
    expect(asks).toMatchObject({ source: 'return decided;', contact: { caller: '+420555000111', now: 5 } });
    expect(set.hasScripts).toBe(true);
    const other = rule('does not fit', { script: 'return true;', when: { any: [{ not: { all: [] } }] } });
    expect(createRuleSet([other, rule('rest')]).decide(contact(), world, 0).rule?.name).toBe('rest');
  });

  test('[RULE-8] show a script the queues that it names, and no others', () => {
    const source = `return contact.queues.support.waiting > 5;`;
    const { asks } = createRuleSet([rule('asks', { script: source })]).decide(contact(), world, 0);
    expect(asks?.contact.queues).toEqual({
      support: { waiting: 7, ready: null, 'longest-wait-seconds': null, 'estimated-wait-seconds': null },
    });
  });

  test('[RULE-8] go where it says, or where they lead themselves', () => {
    expect(decide(ran(true))).toMatchObject({ rule: { name: 'scripted' }, target: { queue: 'support' } });
    const chain = [{ queue: 'vip' }, { agent: 'alice' }];
    expect(decide(ran(chain))).toMatchObject({
      ...{ target: { queue: 'vip', priority: 0 }, fallbacks: [{ agent: 'alice' }] },
      reason: 'Rule "scripted" fits (always; its script): to queue vip.',
    });
  });

  test.each([[undefined], [null], [false]])('[RULE-8] leave the contact to the next rule by %s', (value) => {
    expect(decide(ran(value))).toMatchObject({
      rule: { name: 'rest' },
      reason: expect.not.stringContaining('failed'),
    });
  });

  test.each<[string, ScriptRun, string]>([
    ['throws', { ok: false, message: 'line 1: no', log: [] }, 'line 1: no'],
    ['gives back a number', ran(7), 'gave back what is no target'],
    ['gives back a target too many', ran(Array.from({ length: 7 }, () => ({ queue: 'vip' }))), 'gave back'],
    ['names no queue', ran({ queue: 'gone' }), 'names what is not there: queue gone'],
    ['names no agent', ran([{ queue: 'vip' }, { agent: 'bob' }]), 'names what is not there: agent bob'],
  ])('[RULE-8] are passed over with the reason when it %s', (_what, run, words) => {
    const decided = decide(run);
    expect(decided.rule?.name).toBe('rest');
    expect(decided.reason).toContain(`The script of "scripted" failed: ${words}`);
    const { tried } = set.explain(contact(), world, 5, new Map([[tried0(set), run]]));
    expect(tried[0]).toMatchObject({ result: 'script-failed', because: expect.stringContaining(words) });
  });
});

const tried0 = (set: ReturnType<typeof createRuleSet>): RoutingRule['id'] =>
  set.decide(contact(), world, 5).asks?.ruleId as RoutingRule['id'];

test('[QUE-05] a rule may say whom the queue asks first, also behind other targets', () => {
  const to = { queue: 'support', preferredAgent: 'alice' };
  const list = [
    rule('a', { targets: [{ to }] }),
    rule('b', { targets: [{ to: { ...to, preferredAgent: 'bob' } }] }),
  ];
  const has = {
    ...{
      isTimeZone: () => true,
      hasQueue: () => true,
      hasCalendar: () => true,
      hasSegment: () => true,
      hasVoicemailBox: () => true,
    },
    ...{ hasAgent: (name: string) => name === 'alice', flow: () => undefined },
  };
  expect(checkRules(list, has).map(({ path }) => path)).toEqual(['1.targets.0.to.preferredAgent']);
  const session = createFlowSession(decisionFlow([{ ...to, priority: 4 }, { end: true }]), {
    ...{ flow: () => undefined, hours: () => undefined },
  });
  const caller = { callerPhone: '1', callerName: '', number: '2' };
  expect(session.handle({ type: 'started', caller }, 0)).toContainEqual({
    ...{ type: 'queue', queue: 'support', priority: 4, preferredAgent: 'alice' },
  });
});

describe('rules of routing', () => {
  test('[RULE-1] the first that is on, valid and fits takes the contact', () => {
    const rules = [
      rule('off', { enabled: false }),
      rule('later', { validFrom: '1970-01-01T00:00:01Z' }),
      rule('over', { validUntil: '1970-01-01T00:00:00Z' }),
      rule('other number', { when: { field: 'dialled', is: 'one-of', values: ['701'] } }),
      rule('this'),
      rule('next'),
    ];
    expect(taken(rules)).toBe('this');
    expect(taken(rules, contact(), 1_000)).toBe('later');
    expect(taken([])).toBeUndefined();
  });

  test.each<[string, NonNullable<Input['when']>, boolean]>([
    ['nothing asked', { all: [] }, true],
    ['prefix', { field: 'caller', is: 'starting-with', values: ['+421', '+4205'] }, true],
    [
      'longer prefix than the number',
      { field: 'caller', is: 'starting-with', values: ['+4205550001119'] },
      false,
    ],
    ['without regard to case', { field: 'caller-name', is: 'one-of', values: ['EVA'] }, true],
    ['none of', { field: 'country', is: 'none-of', values: ['DE', 'AT'] }, true],
    ['containing', { field: 'trunk', is: 'containing', values: ['rier'] }, true],
    ['not', { not: { field: 'language', is: 'one-of', values: ['cs'] } }, false],
    ['queue', { field: 'queue', queue: 'support', figure: 'waiting', is: 'at-least', value: 7 }, true],
    ['unknown queue', { field: 'queue', queue: 'gone', figure: 'waiting', is: 'at-most', value: 9 }, false],
    ['no contact before', { field: 'history', figure: 'days-since-last', is: 'at-most', value: 9 }, false],
    ['number of contacts', { field: 'history', figure: 'contacts', is: 'at-most', value: 0 }, true],
    ['expression', { field: 'expression', when: 'caller.endsWith("111") && country == "CZ"' }, true],
  ])('[RULE-2] %s', (_title, when, holds) => {
    expect(taken([rule('it', { when })])).toBe(holds ? 'it' : undefined);
    expect(taken([rule('it', { when: { not: { any: [when] } } })])).toBe(holds ? undefined : 'it');
  });

  test('[RULE-3] a share holds for the same callers as it grows, and for about as many as it says', () => {
    const small = rule('small', { share: 10 });
    const large = { ...small, share: 60 };
    let inSmall = 0;
    for (let n = 0; n < 5_000; n++) {
      const of = contact({ caller: `+42055${n}` });
      if (taken([small], of) === undefined) continue;
      inSmall += 1;
      expect(taken([large], of)).toBe('small');
    }
    expect(inSmall).toBeGreaterThan(400);
    expect(inSmall).toBeLessThan(600);
    expect(taken([{ ...small, share: 0 }])).toBeUndefined();
  });

  test('[RULE-3] whoever was in a share with an earlier version of the product still is', () => {
    const id = RoutingRuleId.parse('00000000-0000-4000-8000-000000000007');
    const set = createRuleSet([{ ...rule('some', { share: 30 }), id }]);
    const inShare = Array.from({ length: 24 }, (_, last) => {
      const caller = `+4206000000${String(last).padStart(2, '0')}`;
      return set.decide(contact({ caller }), world, 0).rule === undefined ? 0 : 1;
    });
    expect(inShare.join('')).toBe('000001010000100100111110');
  });

  test('[RULE-3] [RULE-4] calls without a number are shared out one by one, and one call always alike', () => {
    const half = rule('half', { share: 50 });
    const withheld = (call: number) => contact({ caller: '', callId: `call-${call}` });
    const calls = Array.from({ length: 1_000 }, (_, call) => taken([half], withheld(call)));
    const inHalf = calls.filter((name) => name === 'half').length;
    expect(inHalf).toBeGreaterThan(400);
    expect(inHalf).toBeLessThan(600);
    expect(taken([half], withheld(7))).toBe(calls[7]);
    const targets = [{ to: { queue: 'support' } }, { to: { queue: 'vip' } }];
    const set = createRuleSet([rule('shared', { targets })]);
    const chosen = Array.from({ length: 200 }, (_, call) => set.decide(withheld(call), world, 0).target);
    expect(new Set(chosen.map((target) => JSON.stringify(target))).size).toBe(2);
  });

  test('[RULE-4] targets by weight, each number always the same', () => {
    const targets = [
      { to: { queue: 'a' }, weight: 3 },
      { to: { queue: 'b' }, weight: 1 },
    ];
    const set = createRuleSet([rule('split', { targets })]);
    let toA = 0;
    for (let n = 0; n < 4_000; n++) {
      const of = contact({ caller: `+1555${n}` });
      const { target } = set.decide(of, world, 0);
      expect(set.decide(of, world, 1).target).toEqual(target);
      if (target !== undefined && 'queue' in target && target.queue === 'a') toA += 1;
    }
    expect(toA / 4_000).toBeCloseTo(0.75, 1);
  });

  test('[RULE-4] a chain of targets is run by the machine of flows', () => {
    const document = decisionFlow([{ queue: 'a', priority: 2 }, { agent: 'alice' }, { number: '+420222' }]);
    const session = createFlowSession(document, { flow: () => undefined, hours: () => undefined });
    const caller = { callerPhone: '1', callerName: '', number: '7' };
    const types = (input: Parameters<typeof session.handle>[0]) =>
      session
        .handle(input, 0)
        .map((effect) => (effect.type === 'request' ? effect.request.kind : effect.type));
    expect(types({ type: 'started', caller })).toContain('queue');
    expect(types({ type: 'queue.refused', reason: 'full' })).toContain('transfer');
    const failed = { result: 'failed', reason: 'busy', values: {} } as const;
    expect(types({ type: 'request.done', id: 1, ...failed })).toContain('transfer');
    expect(types({ type: 'request.done', id: 2, ...failed })).toContain('ended');
  });

  test('[RULE-5] the reason names the part that decided', () => {
    const rules = [
      rule('vip', {
        when: {
          all: [
            { field: 'country', is: 'one-of', values: ['CZ'] },
            { field: 'caller', is: 'starting-with', values: ['+420777'] },
          ],
        },
      }),
      rule('rest', { targets: [{ to: { agent: 'alice' } }] }),
    ];
    const decision = createRuleSet(rules).explain(contact(), world, 0);
    expect(decision.tried.map(({ result, because }) => `${result}: ${because}`)).toEqual([
      'does-not-fit: the caller begins with +420777',
      'taken: always',
    ]);
    expect(decision.reason).toBe('Rule "rest" fits (always): to agent alice.');
  });

  test('[RULE-5 RTE-01] a segment of customers decides, and the reason names it', () => {
    const among = (is: 'one-of' | 'none-of') => ({ field: 'segment' as const, is, values: ['VIP', 'press'] });
    const set = createRuleSet([rule('vips', { when: among('one-of') }), rule('rest')]);
    const of = (segments: string[]) => set.decide(contact({ segments: () => segments }), world, 0);
    expect(of(['regulars', 'VIP'])).toMatchObject({
      rule: { name: 'vips' },
      reason: 'Rule "vips" fits (the caller is in the segment VIP or press): to queue support.',
    });
    expect(of(['regulars']).rule?.name).toBe('rest');
    const outside = createRuleSet([rule('others', { when: among('none-of') }), rule('rest')]);
    expect(outside.decide(contact({ segments: () => ['press'] }), world, 0).rule?.name).toBe('rest');
    expect(outside.decide(contact(), world, 0).rule?.name).toBe('others');
    const asked = { field: 'expression', when: 'segments.contains("VIP")' } as const;
    const byText = createRuleSet([rule('by text', { when: asked }), rule('rest')]);
    expect(byText.decide(contact({ segments: () => ['VIP'] }), world, 0).rule?.name).toBe('by text');
  });

  test('[RULE-6] what a rule names has to exist', () => {
    const has = {
      hasQueue: (name: string) => name === 'support',
      ...{
        hasAgent: () => false,
        hasVoicemailBox: () => false,
        hasCalendar: () => false,
        hasSegment: () => false,
      },
      ...{ flow: () => undefined, isTimeZone: () => false },
    };
    const faults = checkRules(
      [
        rule('a', { targets: [{ to: { queue: 'gone' } }], fallbacks: [{ agent: 'bob' }, { flow: 'x' }] }),
        rule('a', {
          when: {
            any: [
              { field: 'expression', when: '1 +' },
              { field: 'hours', hours: { calendar: 'c' }, is: 'open' },
            ],
          },
          validFrom: '2026-01-02T00:00:00Z',
          validUntil: '2026-01-01T00:00:00Z',
        }),
      ],
      has,
    );
    expect(faults.map(({ path }) => path)).toEqual([
      '0.targets.0.to.queue',
      '0.fallbacks.0.agent',
      '0.fallbacks.1.flow',
      '1.name',
      '1.when.any.0.when',
      '1.when.any.1.hours.calendar',
      '1.validUntil',
    ]);
  });

  test('[RULE-7] hints name what can never happen', () => {
    const when: Input['when'] = { field: 'caller', is: 'one-of', values: ['1'] };
    const codes = (rules: RoutingRule[]) => hintsOf(rules, 0).map(({ code }) => code);
    expect(codes([rule('one', { when })])).toEqual(['nobody-left-over']);
    expect(codes([rule('one', { when }), rule('two', { when }), rule('all')])).toEqual(['same-condition']);
    expect(codes([rule('all'), rule('lost'), rule('off', { enabled: false })])).toEqual(['never-reached']);
    expect(codes([rule('part', { share: 50 }), rule('all')])).toEqual([]);
  });

  test('[RULE-2] hours are asked again when they may have changed, and when they are others', () => {
    const nine: BusinessHours = { timeZone: 'UTC', week: {}, specialDays: [] };
    const day = [{ from: '09:00', to: '17:00' }];
    const shared: BusinessHours = { ...nine, week: { monday: day } };
    const set = createRuleSet([
      rule('shared', { when: { field: 'hours', hours: { calendar: 'office' }, is: 'open' } }),
      rule('own', { when: { field: 'hours', hours: { ...nine, week: { tuesday: day } }, is: 'open' } }),
    ]);
    const at = (instant: string, calendar = shared) =>
      set.decide(contact(), { ...world, hours: () => calendar }, Date.parse(instant)).rule?.name;
    expect(at('2026-01-05T08:59:59Z')).toBeUndefined();
    expect(at('2026-01-05T09:00:00Z')).toBe('shared');
    expect(at('2026-01-05T08:59:59Z')).toBeUndefined();
    expect(at('2026-01-05T12:00:00Z')).toBe('shared');
    expect(at('2026-01-05T12:00:00Z', nine)).toBeUndefined();
    expect(at('2026-01-06T12:00:00Z')).toBe('own');
  });

  test('[RULE-1] [RULE-5] whatever the rules, those that are looked at in vain and those that are not looked at agree', () => {
    const values = fc.subarray(['+420', '+4205', '+42055500011', '+421', '700', 'EVA', 'carrier-a'], {
      minLength: 1,
    });
    const field = fc.constantFrom('caller', 'caller-name', 'dialled', 'trunk', 'country');
    const is = fc.constantFrom('one-of', 'none-of', 'starting-with', 'containing');
    type When = NonNullable<Input['when']>;
    const { when } = fc.letrec<{ when: When }>((tie) => ({
      when: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.record({ field, is, values }) as fc.Arbitrary<When>,
        fc.record({ all: fc.array(tie('when'), { maxLength: 3 }) }) as fc.Arbitrary<When>,
        fc.record({ any: fc.array(tie('when'), { minLength: 1, maxLength: 3 }) }) as fc.Arbitrary<When>,
        fc.record({ not: tie('when') }) as fc.Arbitrary<When>,
      ),
    }));
    const made = fc.record({ when, share: fc.constantFrom(0, 50, 100), enabled: fc.boolean() });
    const of = fc.record({
      caller: fc.constantFrom('', '+420555000111', '+42055500011', '+421555', '700'),
      callerName: fc.constantFrom('', 'Eva', 'eva'),
      dialled: fc.constantFrom('700', '7001', '+420'),
    });
    fc.assert(
      fc.property(fc.array(made, { maxLength: 6 }), of, (all, known) => {
        const set = createRuleSet(all.map((each, index) => rule(`r${index}`, each)));
        const { tried, ...explained } = set.explain(contact(known), world, 0);
        expect(explained).toEqual(set.decide(contact(known), world, 0));
        const takers = tried.filter(({ result }) => result === 'taken').map(({ name }) => name);
        expect(takers).toEqual(explained.rule === undefined ? [] : [explained.rule.name]);
      }),
      { numRuns: 200 },
    );
  });
});
