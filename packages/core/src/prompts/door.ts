import { type Currency, PromptLanguage } from '@crosspoint/contracts';

/** The languages in which sentences can be spoken. */
export const promptLanguages = PromptLanguage.options;

/**
 * What is said to a caller. Numbers are whole. Counts (places, waits, messages) go from 0 to 9,999; one beyond is spoken as the nearest
 * limit.
 */
export type Sentence =
  /** One recording by its name: a greeting, a comfort message. */
  | { kind: 'prompt'; name: string }
  /** The caller's place in the queue, from 1. */
  | { kind: 'position'; position: number }
  /** More than so many wait before the caller. */
  | { kind: 'more-than'; count: number }
  /** The estimated wait, "about" so many minutes, at least one. */
  | { kind: 'wait'; minutes: number }
  /** Of any size and sign; beyond 999,999,999 digit by digit. */
  | { kind: 'number'; value: number }
  /** An amount, in hundredths of the currency's unit. */
  | { kind: 'money'; hundredths: number; currency: Currency }
  /** A telephone number or a code, digit by digit. */
  | { kind: 'digits'; digits: string }
  /** A time of day: hour 0–23, minute 0–59. */
  | { kind: 'time'; hour: number; minute: number }
  /** A date; `year` is null where it is not spoken. */
  | { kind: 'date'; day: number; month: number; year: number | null }
  /** How many messages nobody has heard, and how many others there are. */
  | { kind: 'messages'; unheard: number; heard: number }
  /** The day of something past: how many days ago (0–6), else the date; `weekday` 1 is Monday. */
  | { kind: 'day'; daysAgo: number; weekday: number; day: number; month: number }
  /** How to be called back without losing the place: by this key. */
  | { kind: 'callback-offer'; key: string }
  /** The callback is noted; to this number, or one that is not spoken when empty. */
  | { kind: 'callback-noted'; number: string };

/** One language: the text of each of its pieces by name, and how sentences are made of them. */
export interface Grammar {
  readonly texts: Readonly<Record<string, string>>;
  position(position: number): string[];
  moreThan(count: number): string[];
  /** Whole hours and minutes, not both 0. */
  wait(hours: number, minutes: number): string[];
  /** 0–999,999,999. */
  number(value: number): string[];
  /** A number with one or two digits behind its point. */
  decimal(whole: number, digits: string): string[];
  /** Whole units and hundredths of them, not negative. */
  money(units: number, hundredths: number, currency: Currency): string[];
  time(hour: number, minute: number): string[];
  /** So many messages of this kind, at least one. */
  messages(count: number, kind: 'new' | 'old'): string[];
  /** Between two things that are counted. */
  readonly and: string;
  /** Day 1–31 of month 1–12. */
  date(day: number, month: number): string[];
  /** A year, said behind a date. */
  year(year: number): string[];
}
