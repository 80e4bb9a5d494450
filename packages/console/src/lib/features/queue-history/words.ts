import type { QueueHistoryInterval } from '@crosspoint/contracts';
import { formatClock, formatShortDay } from '#lib/i18n/format.ts';
import { language } from '#lib/i18n/language.svelte.ts';

/** How one interval is called in a table or above a bar. */
export interface IntervalWords {
  interval: QueueHistoryInterval;
  timeZone: string;
  /** With several days each interval also tells its day. */
  isManyDays: boolean;
}

/** `Sun 22 Nov`, `14:00–15:00`, or both. Reactive in a template. */
export function intervalName(
  from: string,
  to: string,
  { interval, timeZone, isManyDays }: IntervalWords,
): string {
  const place = { language: language.current, timeZone };
  const day = formatShortDay(from, place);
  if (interval === 'day') return day;
  const span = `${formatClock(from, place)}–${formatClock(to, place)}`;
  return isManyDays ? `${day}, ${span}` : span;
}

/** What stands under a bar: its day where there are several, else its time. */
export function tickName(from: string, { interval, timeZone, isManyDays }: IntervalWords): string {
  const place = { language: language.current, timeZone };
  if (interval === 'day' || isManyDays) return formatShortDay(from, place);
  return formatClock(from, place);
}
