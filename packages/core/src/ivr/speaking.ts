import type { FlowPrompt, FlowPromptPiece, PromptLanguage } from '@crosspoint/contracts';
import { promptLanguages, type Sentence } from '../prompts/index.ts';
import type { Utterance } from './door.ts';
import { evaluate } from './evaluate.ts';
import type { FlowValue, FlowVariables } from './expression.ts';

/** A longer value is cut; nobody listens to more digits. */
const spokenDigitsMax = 32;

type ValuePiece = Exclude<FlowPromptPiece, { text: unknown } | { recording: unknown }>;

/** What a prompt says to this caller now; a piece without a value is left out. */
export function utterancesOf(
  prompt: FlowPrompt,
  language: PromptLanguage,
  variables: FlowVariables,
): Utterance[] {
  return prompt.flatMap((piece) => utteranceOf(piece, language, variables) ?? []);
}

function utteranceOf(
  piece: FlowPromptPiece,
  language: PromptLanguage,
  variables: FlowVariables,
): Utterance | undefined {
  if ('text' in piece) {
    const spoken = [language, ...promptLanguages].find((each) => piece.text[each] !== undefined);
    const text = spoken === undefined ? undefined : piece.text[spoken];
    return spoken === undefined || text === undefined ? undefined : { kind: 'text', text, language: spoken };
  }
  if ('recording' in piece) {
    return { kind: 'sentence', sentence: { kind: 'prompt', name: piece.recording }, language };
  }
  const sentence = sentenceOf(piece, variables);
  return sentence === undefined ? undefined : { kind: 'sentence', sentence, language };
}

/** A value as it is spoken; undefined where there is none of that form. */
function sentenceOf(piece: ValuePiece, variables: FlowVariables): Sentence | undefined {
  if ('digits' in piece) {
    const digits = String(evaluate(piece.digits, variables)).slice(0, spokenDigitsMax);
    return digits === '' ? undefined : { kind: 'digits', digits };
  }
  if ('date' in piece) return dateOf(String(evaluate(piece.date, variables)));
  if ('time' in piece) return timeOf(String(evaluate(piece.time, variables)));
  if ('money' in piece) {
    const hundredths = numberOf(evaluate(piece.money, variables), 100);
    return hundredths === undefined ? undefined : { kind: 'money', hundredths, currency: piece.currency };
  }
  const given = evaluate(piece.number, variables);
  const hundredths = numberOf(given, 100);
  const value = hundredths === undefined ? numberOf(given, 1) : hundredths / 100;
  return value === undefined ? undefined : { kind: 'number', value };
}

/** A whole number of such parts; what is no number, or too large to be exact, is none. */
function numberOf(value: FlowValue, parts: number): number | undefined {
  if (typeof value === 'boolean' || (typeof value === 'string' && value.trim() === '')) return undefined;
  const whole = roundedHalfUp(Number(value) * parts);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

/** 1.005 of a hundred parts is 100.49999999999999 to a computer, and 101 to whoever wrote it. */
const roundedHalfUp = (value: number): number =>
  Math.sign(value) * Math.round(Number(Math.abs(value).toPrecision(15)));

const dateForm = /^(?:(\d{4})-)?(\d{2})-(\d{2})(?!\d)/;
/** The twenty-ninth of February is a date when no year is named. */
const someLeapYear = 2_000;

function dateOf(text: string): Sentence | undefined {
  const [whole, yearText, monthText, dayText] = dateForm.exec(text.trim()) ?? [];
  if (whole === undefined) return undefined;
  const [month, day] = [Number(monthText), Number(dayText)];
  const year = yearText === undefined ? null : Number(yearText);
  const date = new Date(Date.UTC(year ?? someLeapYear, month - 1, day));
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere && year !== 0 ? { kind: 'date', day, month, year } : undefined;
}

function timeOf(text: string): Sentence | undefined {
  const [whole, hourText, minuteText] =
    /^(?:\d{4}-\d{2}-\d{2}[T ])?(\d{1,2}):(\d{2})(?!\d)/.exec(text.trim()) ?? [];
  const [hour, minute] = [Number(hourText), Number(minuteText)];
  if (whole === undefined || hour > 23 || minute > 59) return undefined;
  return { kind: 'time', hour, minute };
}
