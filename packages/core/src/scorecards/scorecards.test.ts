import type { EvaluationAnswer, ScorecardGroup, ScorecardQuestion } from '@crosspoint/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerFaults, calibrate, scorecardFaults, scoreOf } from './index.ts';

type Kind = ScorecardQuestion['kind'];
const options = [
  { id: 'good', label: 'Good', points: 100 },
  { id: 'fair', label: 'Fair', points: 40 },
  { id: 'bad', label: 'Bad', points: 0 },
];
function question(id: string, kind: Kind, more: Partial<ScorecardQuestion> = {}): ScorecardQuestion {
  const base = { id, text: id, help: '', weight: 10, fatal: false, notApplicable: false, kind };
  return { ...base, ...(kind === 'choice' ? { options } : {}), ...more } as ScorecardQuestion;
}
const group = (weight: number, ...questions: ScorecardQuestion[]): ScorecardGroup => ({
  name: 'group',
  weight,
  questions,
});
const answer = (questionId: string, value?: EvaluationAnswer['value']): EvaluationAnswer => ({
  questionId,
  comment: '',
  ...(value === undefined ? {} : { value }),
});

describe('a score', () => {
  test('[SCO-1] takes numbers as they are, yes as 100, and options for what they say', () => {
    const of = (kind: Kind, value: EvaluationAnswer['value']) =>
      scoreOf([group(1, question('a', kind))], [answer('a', value)]).score;
    expect(of('points', 37)).toBe(37);
    expect(of('yes-no', true)).toBe(100);
    expect(of('yes-no', false)).toBe(0);
    expect(of('choice', 'fair')).toBe(40);
  });

  test('[SCO-2] [SCO-3] weighs questions within groups and groups within the form', () => {
    const groups = [
      group(30, question('a', 'points', { weight: 1 }), question('b', 'points', { weight: 3 })),
      group(70, question('c', 'yes-no')),
    ];
    const scored = scoreOf(groups, [answer('a', 100), answer('b', 20), answer('c', true)]);
    expect(scored).toEqual({ score: 82, groupScores: [40, 100], failed: [], missing: [] });
  });

  test('[SCO-2] leaves out what does not apply, and a group in which nothing does', () => {
    const notApplicable = { notApplicable: true };
    const groups = [
      group(50, question('a', 'points', notApplicable), question('b', 'points')),
      group(50, question('c', 'yes-no', notApplicable)),
    ];
    const scored = scoreOf(groups, [answer('a', null), answer('b', 60), answer('c', null)]);
    expect(scored).toEqual({ score: 60, groupScores: [60, null], failed: [], missing: [] });
  });

  test('[SCO-4] is 0 when a fatal question is failed, also one without weight', () => {
    const fatal = question('rude', 'yes-no', { fatal: true, weight: 0 });
    const groups = [group(1, question('a', 'points'), fatal)];
    const scored = scoreOf(groups, [answer('a', 90), answer('rude', false)]);
    expect(scored).toEqual({ score: 0, groupScores: [90], failed: ['rude'], missing: [] });
    expect(scoreOf(groups, [answer('a', 90), answer('rude', true)]).score).toBe(90);
  });

  test('[SCO-5] names what has no answer yet, and counts the rest', () => {
    const groups = [group(1, question('a', 'points'), question('b', 'points'))];
    expect(scoreOf(groups, [])).toEqual({
      score: null,
      groupScores: [null],
      failed: [],
      missing: ['a', 'b'],
    });
    expect(scoreOf(groups, [answer('a'), answer('b', 50)])).toMatchObject({ score: 50, missing: ['a'] });
  });
});

const kinds = fc.constantFrom<Kind>('points', 'yes-no', 'choice');
const values: Record<Kind, fc.Arbitrary<EvaluationAnswer['value']>> = {
  points: fc.integer({ min: 0, max: 100 }),
  'yes-no': fc.boolean(),
  choice: fc.constantFrom('good', 'fair', 'bad'),
};
const weight = fc.integer({ min: 0, max: 100 });
const filled = fc
  .array(
    fc.tuple(
      weight,
      fc.array(fc.tuple(kinds, weight, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 5 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((shape) => {
    const groups = shape.map(([groupWeight, questions], place) =>
      group(
        groupWeight,
        ...questions.map(([kind, own, fatal, notApplicable], index) =>
          question(`q${place}-${index}`, kind, { weight: own, fatal, notApplicable }),
        ),
      ),
    );
    const answers = groups.flatMap(({ questions }) =>
      questions.map(({ id, kind, notApplicable }) =>
        fc
          .oneof(values[kind], ...(notApplicable ? [fc.constant(null)] : []))
          .map((value) => answer(id, value)),
      ),
    );
    return fc.record({ groups: fc.constant(groups), answers: fc.tuple(...answers) });
  });

describe('any form, filled in anyhow', () => {
  test('[SCO-3] scores within 0 and 100, and by the proportion of weights alone', () => {
    fc.assert(
      fc.property(filled, fc.integer({ min: 2, max: 9 }), ({ groups, answers }, factor) => {
        const { score, groupScores, missing } = scoreOf(groups, answers);
        expect(missing).toEqual([]);
        expect(answerFaults(groups, answers)).toEqual([]);
        for (const each of [score, ...groupScores]) {
          if (each === null) continue;
          expect(each).toBeGreaterThanOrEqual(0);
          expect(each).toBeLessThanOrEqual(100);
        }
        const heavier = groups.map((each) => ({ ...each, weight: each.weight * factor }));
        const again = scoreOf(heavier, answers).score;
        expect(again === null).toBe(score === null);
        expect(again ?? 0).toBeCloseTo(score ?? 0, 1);
      }),
    );
  });

  test('[SCO-3] never falls when an answer gets better', () => {
    fc.assert(
      fc.property(filled, ({ groups, answers }) => {
        const before = scoreOf(groups, answers).score;
        for (const [index, { questionId, value }] of answers.entries()) {
          if (value === null) continue;
          const best = typeof value === 'number' ? 100 : typeof value === 'boolean' ? true : 'good';
          const after = scoreOf(groups, answers.with(index, answer(questionId, best))).score;
          expect(after ?? 0).toBeGreaterThanOrEqual(before ?? 0);
        }
      }),
    );
  });

  test('[SCO-2] is the same as the form without the questions that do not apply', () => {
    fc.assert(
      fc.property(filled, ({ groups, answers }) => {
        const out = new Set(answers.filter(({ value }) => value === null).map((each) => each.questionId));
        const rest = groups.map((each) => ({
          ...each,
          questions: each.questions.filter(({ id }) => !out.has(id)),
        }));
        const kept = answers.filter(({ questionId }) => !out.has(questionId));
        expect(scoreOf(rest, kept).score).toBe(scoreOf(groups, answers).score);
      }),
    );
  });
});

describe('faults', () => {
  test('[SCO-6] are answers to nothing, twice, of another kind, or "not applicable" where that is not allowed', () => {
    const groups = [group(1, question('a', 'yes-no'), question('b', 'choice', { notApplicable: true }))];
    const wrong = [answer('x', 1), answer('a', 50), answer('a', true), answer('b', 'other')];
    expect(answerFaults(groups, wrong).map(({ path }) => path)).toEqual([
      'answers.0.questionId',
      'answers.1.value',
      'answers.2.questionId',
      'answers.3.value',
    ]);
    expect(answerFaults(groups, [answer('a', null)])).toHaveLength(1);
    expect(answerFaults(groups, [answer('a'), answer('b', null)])).toEqual([]);
  });

  test('[SCO-7] are names that are there twice, and a form in which nothing has weight', () => {
    const twice = { options: [options[0], options[0]] } as Partial<ScorecardQuestion>;
    const groups = [group(1, question('a', 'points')), group(1, question('a', 'choice', twice))];
    expect(scorecardFaults(groups).map(({ path }) => path)).toEqual([
      'groups.1.questions.0.id',
      'groups.1.questions.0.options.1.id',
    ]);
    const weightless = [group(0, question('a', 'points')), group(1, question('b', 'points', { weight: 0 }))];
    expect(scorecardFaults(weightless).map(({ path }) => path)).toEqual(['groups']);
    expect(scorecardFaults([group(1, question('a', 'points'))])).toEqual([]);
  });
});

describe('calibration', () => {
  test('[SCO-8] is the mean difference from the others on the same conversations', () => {
    const { byEvaluator, shared } = calibrate([
      { subject: '1', evaluator: 'ann', score: 90 },
      { subject: '1', evaluator: 'ben', score: 70 },
      { subject: '1', evaluator: 'cyd', score: 80 },
      { subject: '2', evaluator: 'ann', score: 50 },
      { subject: '2', evaluator: 'ben', score: 60 },
      { subject: '3', evaluator: 'cyd', score: 10 },
    ]);
    expect(shared).toBe(2);
    expect(byEvaluator.get('ann')).toEqual({
      ...{ evaluations: 2, scoreMean: 70, compared: 2 },
      ...{ differenceMean: 2.5, distanceMean: 12.5 },
    });
    expect(byEvaluator.get('cyd')).toMatchObject({ evaluations: 2, compared: 1, differenceMean: 0 });
    expect(calibrate([{ subject: '3', evaluator: 'cyd', score: 10 }]).byEvaluator.get('cyd')).toMatchObject({
      ...{ compared: 0, differenceMean: null, distanceMean: null },
    });
  });

  test('[SCO-8] of two people is each other’s opposite', () => {
    const scores = fc.array(fc.tuple(fc.integer({ max: 100, min: 0 }), fc.integer({ max: 100, min: 0 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(scores, (pairs) => {
        const { byEvaluator } = calibrate(
          pairs.flatMap(([ann, ben], index) => [
            { subject: String(index), evaluator: 'ann', score: ann },
            { subject: String(index), evaluator: 'ben', score: ben },
          ]),
        );
        const [ann, ben] = [byEvaluator.get('ann'), byEvaluator.get('ben')];
        expect(ann?.differenceMean).toBeCloseTo(-(ben?.differenceMean ?? Number.NaN), 9);
        expect(ann?.distanceMean).toBeCloseTo(ben?.distanceMean ?? Number.NaN, 9);
      }),
    );
  });
});
