import type { BusinessHours, EpochMs, TimeRange, WeekdayName } from '@crosspoint/contracts';
import { DateTime } from 'luxon';

export interface OpenState {
  open: boolean;
  /** Until then `open` holds for certain; it may hold longer. */
  until: EpochMs;
  /** When it ends; null where that is further ahead than anybody looks, as of what is always open. */
  changesAt: EpochMs | null;
}

/** A special day that never comes, or of which another entry says something else. */
export interface DayFault {
  /** Its place among the special days. */
  index: number;
  code: 'no-such-day' | 'day-twice';
}

interface Span {
  from: EpochMs;
  to: EpochMs;
}

/** Further ahead than this no change is looked for; the answer holds until then and is asked for again. */
const lookAheadDays = 62;
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
      if (openUntil === null && from > now) return { open: false, until: from, changesAt: from };
      // What begins where the other ends goes on, over midnight too.
      if (openUntil !== null && from > openUntil)
        return { open: true, until: openUntil, changesAt: openUntil };
      openUntil = Math.max(openUntil ?? to, to);
    }
  }
  const horizon = today.plus({ days: lookAheadDays }).toMillis();
  const changesAt = openUntil !== null && openUntil < horizon ? openUntil : null;
  return { open: openUntil !== null, until: changesAt ?? horizon, changesAt };
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

/** What is wrong with a special day, and what to do about it. */
export const dayFaultWords: Readonly<Record<DayFault['code'], readonly [message: string, remedy: string]>> = {
  'no-such-day': ['is a day that never comes', 'Use a day that the month has.'],
  'day-twice': ['is the second entry for that day', 'Leave one of the two out.'],
};

/** Special days that are silently without effect: 30 February, or the same day for the second time. */
export function dayFaults({ specialDays }: BusinessHours): DayFault[] {
  return specialDays.flatMap(({ day }, index): DayFault[] => {
    // In a leap year each day that comes back is there.
    if (!DateTime.fromISO(day.length > 5 ? day : `2000-${day}`, { zone: 'utc' }).isValid) {
      return [{ index, code: 'no-such-day' }];
    }
    const isSecond = specialDays.findIndex((other) => other.day === day) < index;
    return isSecond ? [{ index, code: 'day-twice' }] : [];
  });
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
