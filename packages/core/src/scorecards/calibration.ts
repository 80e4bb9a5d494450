/** One finished evaluation; `subject` names conversation, agent and version of the form. */
export interface JudgedOnce<Evaluator> {
  subject: string;
  evaluator: Evaluator;
  score: number;
}

export interface Strictness {
  evaluations: number;
  scoreMean: number | null;
  compared: number;
  differenceMean: number | null;
  distanceMean: number | null;
}

/**
 * How each person judges beside the others (SCO-8).
 *
 * @param judged at most one of a person for each subject.
 * @returns by person, in the order in which they first appear, and how many subjects two or more judged.
 */
export function calibrate<Evaluator>(judged: readonly JudgedOnce<Evaluator>[]): {
  byEvaluator: Map<Evaluator, Strictness>;
  shared: number;
} {
  const subjects = Map.groupBy(judged, ({ subject }) => subject);
  const byEvaluator = new Map<Evaluator, Strictness>();
  for (const [evaluator, own] of Map.groupBy(judged, (each) => each.evaluator)) {
    const differences = own.flatMap(({ subject, score }) => {
      const all = subjects.get(subject) ?? [];
      if (all.length < 2) return [];
      const others = all.reduce((sum, each) => sum + each.score, -score) / (all.length - 1);
      return [score - others];
    });
    byEvaluator.set(evaluator, {
      evaluations: own.length,
      scoreMean: mean(own.map(({ score }) => score)),
      compared: differences.length,
      differenceMean: mean(differences),
      distanceMean: mean(differences.map(Math.abs)),
    });
  }
  return { byEvaluator, shared: [...subjects.values()].filter((all) => all.length > 1).length };
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
