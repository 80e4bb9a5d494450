import type { EvaluationAnswer, ScorecardGroup, ScorecardQuestion } from '@crosspoint/contracts';

export interface Score {
  /** 0–100 with two decimals; null while nothing that counts is answered. */
  score: number | null;
  /** Of each group in turn. */
  groupScores: (number | null)[];
  /** Ids of the fatal questions that were failed. */
  failed: string[];
  /** Ids of the questions without an answer. */
  missing: string[];
}

type Value = EvaluationAnswer['value'];

/**
 * The score of an evaluation, by the rules of `SPEC.md`. Answers that do not fit their question (see `answerFaults`) count as
 * missing.
 */
export function scoreOf(groups: readonly ScorecardGroup[], answers: readonly EvaluationAnswer[]): Score {
  const values = new Map(answers.map(({ questionId, value }) => [questionId, value]));
  const failed: string[] = [];
  const missing: string[] = [];
  const groupScores = groups.map(({ questions }) =>
    weightedMean(
      questions.flatMap((question) => {
        const value = values.get(question.id);
        if (!isAnswer(question, value)) {
          missing.push(question.id);
          return [];
        }
        if (value === null) return [];
        const points = pointsOf(question, value);
        if (question.fatal && points === 0) failed.push(question.id);
        return [{ points, weight: question.weight }];
      }),
    ),
  );
  const parts = groupScores.flatMap((points, index) =>
    points === null ? [] : [{ points, weight: groups[index]?.weight ?? 0 }],
  );
  const score = failed.length > 0 ? 0 : weightedMean(parts);
  return {
    score: rounded(score),
    groupScores: groupScores.map(rounded),
    failed,
    missing,
  };
}

function weightedMean(parts: readonly { points: number; weight: number }[]): number | null {
  const weight = parts.reduce((sum, part) => sum + part.weight, 0);
  if (weight === 0) return null;
  return parts.reduce((sum, part) => sum + part.points * part.weight, 0) / weight;
}

const rounded = (score: number | null): number | null =>
  score === null ? null : Math.min(100, Math.max(0, Math.round(score * 100) / 100));

/** Whether the value answers the question (SCO-6). */
export function isAnswer(question: ScorecardQuestion, value: Value): value is Exclude<Value, undefined> {
  if (value === null) return question.notApplicable;
  switch (question.kind) {
    case 'points':
      return typeof value === 'number' && value >= 0 && value <= 100;
    case 'yes-no':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && question.options.some(({ id }) => id === value);
  }
}

function pointsOf(question: ScorecardQuestion, value: number | boolean | string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 100 : 0;
  const options = question.kind === 'choice' ? question.options : [];
  return options.find(({ id }) => id === value)?.points ?? 0;
}
