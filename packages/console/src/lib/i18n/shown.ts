import { language } from '#lib/i18n/language.svelte.ts';
import { present } from '#lib/live/present.svelte.ts';
import { session } from '#lib/session/session.svelte.ts';
import * as format from './format.ts';

const place = (): format.Place => ({ language: language.current, timeZone: session.timeZone });

/** The formatters of `format.ts` in the language and time zone of the person who looks. Reactive in a template. */
export const shown = {
  number: (value: number | null, fractionDigits?: number) =>
    format.formatNumber(value, language.current, fractionDigits),
  percent: (ratio: number | null, fractionDigits?: number) =>
    format.formatPercent(ratio, language.current, fractionDigits),
  duration: format.formatDuration,
  briefDuration: (ms: number) => format.formatBriefDuration(ms, language.current),
  time: (instant: string | number) => format.formatTime(instant, place()),
  clock: (instant: string | number) => format.formatClock(instant, place()),
  moment: (instant: string | number) => format.formatMoment(instant, present.ms, place()),
  instant: (instant: string | number) => format.formatInstant(instant, place()),
  day: (instant: string | number) => format.formatDay(instant, place()),
  date: (date: string) => format.formatDate(date, language.current),
  hours: (hours: number) => format.formatUnit(hours, 'hour', 'narrow', language.current),
  minutes: (minutes: number) => format.formatUnit(minutes, 'minute', 'long', language.current),
  bytes: (bytes: number | null) => format.formatBytes(bytes, language.current),
  list: (names: readonly string[]) => format.formatList(names, language.current),
  languageName: (tag: string) => format.formatLanguageName(tag, language.current),
};
