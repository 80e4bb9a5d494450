/**
 * Numbers, times and durations in words of a language. Pure: language, time zone and the present are arguments.
 * `Intl` formatters are costly to make and cheap to use, so each is made once.
 */
const made = new Map<string, unknown>();

function once<Formatter>(key: string, make: () => Formatter): Formatter {
  const found = made.get(key);
  if (found !== undefined) return found as Formatter;
  const formatter = make();
  made.set(key, formatter);
  return formatter;
}

/** What stands where there is no value. */
export const noValue = '–';

export function formatNumber(value: number | null, language: string, fractionDigits = 0): string {
  if (value === null) return noValue;
  return once(
    `n${fractionDigits}${language}`,
    () => new Intl.NumberFormat(language, { maximumFractionDigits: fractionDigits, useGrouping: 'min2' }),
  ).format(value);
}

/** A ratio (0–1) in per cent. */
export function formatPercent(ratio: number | null, language: string, fractionDigits = 0): string {
  if (ratio === null) return noValue;
  return once(
    `p${fractionDigits}${language}`,
    () =>
      new Intl.NumberFormat(language, {
        style: 'percent',
        minimumFractionDigits: fractionDigits,
        maximumFractionDigits: fractionDigits,
      }),
  ).format(ratio);
}

/** A length of time as a clock shows it: `0:07`, `2:41`, `1:05:09`. Negative lengths count as nothing. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || Number.isNaN(seconds)) return noValue;
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export interface Place {
  language: string;
  timeZone: string;
}

/** Time of day with seconds, `10:42:07`. */
export function formatTime(instant: string | number, { language, timeZone }: Place): string {
  return once(
    `t${language}${timeZone}`,
    () =>
      new Intl.DateTimeFormat(language, {
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
        timeZone,
      }),
  ).format(new Date(instant));
}

function dayKey(instant: number, timeZone: string): string {
  return once(
    `k${timeZone}`,
    () => new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }),
  ).format(instant);
}

/** The calendar day of an instant in a time zone, `2026-11-21`. */
export function calendarDay(instant: string | number, timeZone: string): string {
  return dayKey(new Date(instant).getTime(), timeZone);
}

/** Day and time, as short as the distance allows: today only the time, this year without the year. */
export function formatMoment(instant: string | number, now: number, { language, timeZone }: Place): string {
  const at = new Date(instant).getTime();
  const day = dayKey(at, timeZone);
  const clock: Intl.DateTimeFormatOptions = {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  };
  if (day === dayKey(now, timeZone)) {
    return once(`mt${language}${timeZone}`, () => new Intl.DateTimeFormat(language, clock)).format(at);
  }
  const sameYear = day.slice(0, 4) === dayKey(now, timeZone).slice(0, 4);
  return once(
    `m${sameYear}${language}${timeZone}`,
    () =>
      new Intl.DateTimeFormat(language, {
        day: 'numeric',
        month: 'short',
        ...(sameYear ? {} : { year: 'numeric' }),
        ...clock,
      }),
  ).format(at);
}

/** Hours and minutes of the clock, `08:30`. */
export const formatClock = (instant: string | number, place: Place): string =>
  formatMoment(instant, new Date(instant).getTime(), place);

/** The whole date and time with the zone, for tooltips and details. */
export function formatInstant(instant: string | number, { language, timeZone }: Place): string {
  return once(
    `i${language}${timeZone}`,
    () =>
      new Intl.DateTimeFormat(language, {
        dateStyle: 'full',
        timeStyle: 'long',
        timeZone,
      }),
  ).format(new Date(instant));
}

/** `Saturday 21 November` in the language's own order. */
export function formatDay(instant: string | number, { language, timeZone }: Place): string {
  return once(
    `d${language}${timeZone}`,
    () => new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', timeZone }),
  ).format(new Date(instant));
}

/** `Sat, 21 Nov`, where there is little room. */
export function formatShortDay(instant: string | number, { language, timeZone }: Place): string {
  return once(
    `s${language}${timeZone}`,
    () => new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short', timeZone }),
  ).format(new Date(instant));
}

/** A day of the calendar (`2026-11-21`), the same in every time zone. */
export function formatDate(date: string, language: string): string {
  return once(
    `c${language}`,
    () =>
      new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }),
  ).format(new Date(date));
}

/** Under this a clock with whole seconds says too little. */
const briefMaxMs = 10_000;

/** What may take parts of a second: `0.35s` in the manner of the language, and longer ones as a clock shows them. */
export function formatBriefDuration(ms: number, language: string): string {
  return ms < briefMaxMs ? formatUnit(ms / 1_000, 'second', 'narrow', language) : formatDuration(ms / 1_000);
}

/** A number of units as the language writes it: `7.5h` in little room, `7.5 hours` in words. */
export function formatUnit(
  value: number,
  unit: 'hour' | 'minute' | 'second',
  unitDisplay: 'narrow' | 'long',
  language: string,
): string {
  return once(
    `u${unit}${unitDisplay}${language}`,
    () => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 2 }),
  ).format(value);
}

/** Size of a file in the unit that fits. */
export function formatBytes(bytes: number | null, language: string): string {
  if (bytes === null) return noValue;
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  let value = Math.max(0, bytes);
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  const unit = units[step] ?? 'byte';
  return once(
    `b${unit}${language}`,
    () =>
      new Intl.NumberFormat(language, {
        style: 'unit',
        unit,
        unitDisplay: step === 0 ? 'long' : 'short',
        maximumFractionDigits: step < 2 ? 0 : 1,
      }),
  ).format(value);
}

/** Names joined as the language joins them: `A, B and C`. */
export function formatList(names: readonly string[], language: string): string {
  return once(`l${language}`, () => new Intl.ListFormat(language, { type: 'conjunction' })).format(names);
}

/** The name that a language gives itself, as it stands at the beginning of a line: `Čeština`. */
export function ownLanguageName(tag: string): string {
  const name = formatLanguageName(tag, tag);
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/** The name of a language in a language: `cs` → `Czech`. An unknown tag stays as it is. */
export function formatLanguageName(tag: string, language: string): string {
  try {
    return once(`g${language}`, () => new Intl.DisplayNames(language, { type: 'language' })).of(tag) ?? tag;
  } catch (error) {
    if (error instanceof RangeError) return tag;
    throw error;
  }
}
