import { type FlowHours, type FlowPrompt, PromptLanguage, WeekdayName } from '@crosspoint/contracts';
import { rangesText } from '#lib/features/queues/hours-text.ts';
import { language as shownLanguage } from '#lib/i18n/language.svelte.ts';

/** What a caller hears, on one line: in this language where it is written, else in the first in which it is. */
export function promptWords(prompt: FlowPrompt, language: PromptLanguage): string {
  return prompt
    .map((piece) => {
      if ('text' in piece) return textIn(piece.text, language);
      if ('recording' in piece) return `♪ ${piece.recording}`;
      return `{${valueIn(piece).expression}}`;
    })
    .join(' ')
    .trim();
}

export type ValueKind = 'number' | 'digits' | 'money' | 'date' | 'time';
type Piece = FlowPrompt[number];
type ValuePiece = Exclude<Piece, { text: unknown } | { recording: unknown }>;

/** How a value is spoken, and how it is calculated. */
export function valueIn(piece: ValuePiece): { kind: ValueKind; expression: string } {
  if ('number' in piece) return { kind: 'number', expression: piece.number };
  if ('digits' in piece) return { kind: 'digits', expression: piece.digits };
  if ('money' in piece) return { kind: 'money', expression: piece.money };
  return 'date' in piece
    ? { kind: 'date', expression: piece.date }
    : { kind: 'time', expression: piece.time };
}

/** The piece with another calculation. */
export function withExpression(piece: ValuePiece, expression: string): Piece {
  return { ...piece, [valueIn(piece).kind]: expression };
}

function textIn(texts: Partial<Record<PromptLanguage, string>>, language: PromptLanguage): string {
  return texts[language] || PromptLanguage.options.map((each) => texts[each]).find((text) => text) || '';
}

/** A week on one line: days with the same hours together. */
export function hoursWords(hours: FlowHours): string {
  if ('calendar' in hours) return hours.calendar;
  const groups: { days: WeekdayName[]; ranges: string }[] = [];
  for (const day of WeekdayName.options) {
    const ranges = rangesText(hours.week[day] ?? []);
    const last = groups.at(-1);
    if (last?.ranges === ranges) last.days.push(day);
    else groups.push({ days: [day], ranges });
  }
  return groups
    .filter(({ ranges }) => ranges !== '')
    .map(({ days, ranges }) => `${spanOf(days)} ${ranges}`)
    .join('; ');
}

function spanOf(days: readonly WeekdayName[]): string {
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return '';
  return first === last ? weekdayLetters(first) : `${weekdayLetters(first)}–${weekdayLetters(last)}`;
}

/** `Mon`, in the language of the person. */
function weekdayLetters(day: WeekdayName): string {
  // The first of January 2024 was a Monday.
  const date = new Date(Date.UTC(2024, 0, 1 + WeekdayName.options.indexOf(day)));
  return new Intl.DateTimeFormat(shownLanguage.current, { weekday: 'short', timeZone: 'UTC' }).format(date);
}
