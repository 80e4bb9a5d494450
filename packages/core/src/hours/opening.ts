import type { BusinessHours, EpochMs, TimeRange, WeekdayName } from '@crosspoint/contracts';
import { DateTime } from 'luxon';

export interface OpenState {
  open: boolean;
  /** Until then `open` holds for certain; it may hold longer. */
  until: EpochMs;
}

interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** Further ahead than this no change is looked for; the answer holds until then and is asked for again. */
const lookAheadDays = 15;
const weekdays: readonly WeekdayName[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/**
 * Whether business is open at this instant, and until when that holds. Times are those of the clocks in the zone, so that a day on
 * which they are changed is as long as it is there; a time that the change skips counts as the one after it.
 */
export function opensAt(hours: BusinessHours, now: EpochMs): OpenState {
  const today = DateTime.fromMillis(now, { zone: hours.timeZone }).startOf('day');
  let openUntil: EpochMs | null = null;
  for (let day = 0; day <= lookAheadDays; day++) {
    for (const { from, to } of spansOf(hours, today.plus({ days: day }))) {
      if (to <= now) continue;
      if (openUntil === null && from > now) return { open: false, until: from };
      // What begins where the other ends goes on, over midnight too.
      if (openUntil !== null && from > openUntil) return { open: true, until: openUntil };
      openUntil = Math.max(openUntil ?? to, to);
    }
  }
  const horizon = today.plus({ days: lookAheadDays }).toMillis();
  return openUntil === null
    ? { open: false, until: horizon }
    : { open: true, until: Math.min(openUntil, horizon) };
}

/**
 * Whether business is open, for those who ask often: an answer is worked out again only when it may have changed. Hours that are
 * changed are another object.
 */
export class Openings {
  readonly #known = new WeakMap<BusinessHours, OpenState & { from: EpochMs }>();

  isOpen(hours: BusinessHours, now: EpochMs): boolean {
    const known = this.#known.get(hours);
    if (known !== undefined && now >= known.from && now < known.until) return known.open;
    const state = { ...opensAt(hours, now), from: now };
    this.#known.set(hours, state);
    return state.open;
  }
}

/** True when hours that are not changed any more would never open again after this instant. */
export function neverOpens(hours: BusinessHours, now: EpochMs): boolean {
  if (weekdays.some((weekday) => (hours.week[weekday] ?? []).length > 0)) return false;
  const today = DateTime.fromMillis(now, { zone: hours.timeZone }).toISODate() ?? '';
  return hours.specialDays.every(({ day, open }) => open.length === 0 || (day.length > 5 && day < today));
}

/** The opening times of one day, in order. */
function spansOf(hours: BusinessHours, date: DateTime): Span[] {
  return rangesOf(hours, date)
    .map(({ from, to }) => ({ from: instantOf(date, from), to: instantOf(date, to) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
}

/** A dated day beats a yearly one, and both beat the weekday. */
function rangesOf({ week, specialDays }: BusinessHours, date: DateTime): readonly TimeRange[] {
  const dated = date.toISODate();
  const yearly = date.toFormat('MM-dd');
  const special =
    specialDays.find(({ day }) => day === dated) ?? specialDays.find(({ day }) => day === yearly);
  if (special !== undefined) return special.open;
  const weekday = weekdays[date.weekday - 1];
  return weekday === undefined ? [] : (week[weekday] ?? []);
}

function instantOf(date: DateTime, time: string): EpochMs {
  if (time === '24:00') return date.plus({ days: 1 }).startOf('day').toMillis();
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return date.set({ hour, minute }).toMillis();
}
