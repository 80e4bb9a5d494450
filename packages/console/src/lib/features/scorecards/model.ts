import type { Scorecard, ScorecardGroup, ScorecardQuestion } from '@crosspoint/contracts';
import type { Versioned } from '#lib/api/client.ts';
import { m } from '#lib/paraglide/messages.js';

/** A form as it is edited. */
export interface ScorecardModel extends Record<string, unknown> {
  name: string;
  note: string;
  active: boolean;
  groups: ScorecardGroup[];
}

export function versionedModel({ data, etag }: Versioned<Scorecard>): Versioned<ScorecardModel> {
  const { name, note, active, groups } = data;
  return { data: { name, note, active, groups }, etag };
}

/** An id that nothing in the list has yet. */
export function freeId(letter: string, taken: readonly { id: string }[]): string {
  const known = new Set(taken.map(({ id }) => id));
  let number = taken.length + 1;
  while (known.has(`${letter}${number}`)) number += 1;
  return `${letter}${number}`;
}

const questionsOf = (groups: readonly ScorecardGroup[]): ScorecardQuestion[] =>
  groups.flatMap((group) => group.questions);

export function newQuestion(groups: readonly ScorecardGroup[]): ScorecardQuestion {
  const id = freeId('q', questionsOf(groups));
  return { id, text: '', help: '', weight: 10, fatal: false, notApplicable: false, kind: 'yes-no' };
}

export const newGroup = (groups: readonly ScorecardGroup[]): ScorecardGroup => ({
  name: '',
  weight: 10,
  questions: [newQuestion(groups)],
});

/** The same question asked in another way; what both ways have stays. */
export function asKind(question: ScorecardQuestion, kind: ScorecardQuestion['kind']): ScorecardQuestion {
  const { id, text, help, weight, fatal, notApplicable } = question;
  const common = { id, text, help, weight, fatal, notApplicable };
  if (kind !== 'choice') return { ...common, kind };
  const options = [
    { id: 'o1', label: m.scorecard_option_good(), points: 100 },
    { id: 'o2', label: m.scorecard_option_partly(), points: 50 },
    { id: 'o3', label: m.scorecard_option_bad(), points: 0 },
  ];
  return { ...common, kind, options };
}

export const kinds = ['yes-no', 'points', 'choice'] as const;
const kindLabels = {
  'yes-no': m.scorecard_kind_yes_no,
  points: m.scorecard_kind_points,
  choice: m.scorecard_kind_choice,
} as const;
export const kindLabel = (kind: ScorecardQuestion['kind']): string => kindLabels[kind]();

const fieldLabels: Record<string, () => string> = {
  name: m.queue_field_name,
  note: m.scorecard_field_note,
  active: m.scorecard_active,
  groups: m.scorecard_groups,
};
export const scorecardFieldLabel = (field: string): string => fieldLabels[field]?.() ?? field;
