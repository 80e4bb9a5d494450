import type { EvaluationAnswer, FieldError, ScorecardGroup } from '@crosspoint/contracts';
import { isAnswer } from './score.ts';

/** What contradicts itself in a form (SCO-7). Paths are those of `ScorecardInput`. */
export function scorecardFaults(groups: readonly ScorecardGroup[]): FieldError[] {
  const faults: FieldError[] = [];
  const known = new Set<string>();
  for (const [group, { questions }] of groups.entries()) {
    for (const [index, question] of questions.entries()) {
      const path = `groups.${group}.questions.${index}`;
      if (known.has(question.id)) faults.push(namedTwice(`${path}.id`, question.id));
      known.add(question.id);
      if (question.kind !== 'choice') continue;
      const options = new Set<string>();
      for (const [place, { id }] of question.options.entries()) {
        if (options.has(id)) faults.push(namedTwice(`${path}.options.${place}.id`, id));
        options.add(id);
      }
    }
  }
  const counts = groups.some(
    ({ weight, questions }) => weight > 0 && questions.some((question) => question.weight > 0),
  );
  if (!counts) {
    const remedy = 'Give at least one question and its group a weight above 0.';
    faults.push({ path: 'groups', message: 'can never make a score', remedy });
  }
  return faults;
}

function namedTwice(path: string, value: string): FieldError {
  return { path, value, message: 'is there twice', remedy: 'Give each its own id.' };
}

/** What does not fit the form in a set of answers (SCO-6). Paths are those of `EvaluationChange`. */
export function answerFaults(
  groups: readonly ScorecardGroup[],
  answers: readonly EvaluationAnswer[],
): FieldError[] {
  const questions = new Map(
    groups.flatMap((group) => group.questions.map((each) => [each.id, each] as const)),
  );
  const answered = new Set<string>();
  return answers.flatMap(({ questionId, value }, index) => {
    const path = `answers.${index}`;
    const question = questions.get(questionId);
    if (question === undefined) {
      const remedy = 'Use the ids of the form in the version that the evaluation was begun with.';
      return [
        { path: `${path}.questionId`, value: questionId, message: 'is no question of the form', remedy },
      ];
    }
    if (answered.has(questionId)) return [namedTwice(`${path}.questionId`, questionId)];
    answered.add(questionId);
    if (value === undefined || isAnswer(question, value)) return [];
    const remedy = `The question is of the kind ${question.kind}${question.notApplicable ? '' : ' and must not be left out'}.`;
    return [{ path: `${path}.value`, value, message: 'does not answer the question', remedy }];
  });
}
