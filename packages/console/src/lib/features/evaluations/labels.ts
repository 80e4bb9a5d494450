import type { EvaluationAnswer, EvaluationSummary, ScorecardQuestion } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { noValue } from '#lib/i18n/format.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

/** How far an evaluation has come. */
export function stateLabel({ state, acknowledgedAt }: EvaluationSummary): { text: string; tone: Tone } {
  if (state === 'draft') return { text: m.evaluation_draft(), tone: 'waiting' };
  if (acknowledgedAt !== null) return { text: m.evaluation_acknowledged(), tone: 'talk' };
  return { text: m.evaluation_finished(), tone: 'wrap' };
}

/** An answer in words. */
export function answerWords(question: ScorecardQuestion, value: EvaluationAnswer['value']): string {
  if (value === undefined) return noValue;
  if (value === null) return m.evaluation_not_applicable();
  if (typeof value === 'number') return shown.number(value);
  if (typeof value === 'boolean') return value ? m.evaluation_yes() : m.evaluation_no();
  const options = question.kind === 'choice' ? question.options : [];
  return options.find(({ id }) => id === value)?.label ?? noValue;
}
