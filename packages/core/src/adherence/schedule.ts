import {
  type EpochMs,
  type Schedule,
  type ScheduledState,
  type WeekdayName,
  weekOn,
  zoneOn,
} from '@crosspoint/contracts';
import { DateTime } from 'luxon';

export interface ScheduledSpan {
  from: EpochMs;
  to: EpochMs;
  state: ScheduledState;
}

const weekdays: readonly WeekdayName[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** The days of the zone that a period touches, each as date and instants; a day may have 23 or 25 hours. */
export function dayBounds(
  timeZone: string,
  from: EpochMs,
  to: EpochMs,
): { day: string; from: EpochMs; to: EpochMs }[] {
  const days: { day: string; from: EpochMs; to: EpochMs }[] = [];
  let date = DateTime.fromMillis(from, { zone: timeZone }).startOf('day');
  while (date.toMillis() < to) {
    const next = date.plus({ days: 1 }).startOf('day');
    days.push({ day: date.toFormat('yyyy-MM-dd'), from: date.toMillis(), to: next.toMillis() });
    date = next;
  }
  return days;
}

/**
 * The days of a schedule that a period touches, each with its zone and as instants. A day ends where the next one begins: on a day
 * before another zone holds it is longer or shorter, and there may be nothing left of it.
 */
export function scheduledDays(
  schedule: Schedule,
  from: EpochMs,
  to: EpochMs,
): { day: string; timeZone: string; from: EpochMs; to: EpochMs }[] {
  const days = datesAround(from, to).map((day) => ({ day, ...startOf(schedule, day) }));
  return days.flatMap(({ day, date, timeZone }, index) => {
    // Zones lie up to 26 hours apart: even the day after the next may begin earlier than the next one.
    const next = [days[index + 1], days[index + 2]].flatMap((one) => one?.date.toMillis() ?? []);
    const bounds = { from: date.toMillis(), to: Math.min(...next) };
    const touches = next.length > 0 && bounds.from < Math.min(bounds.to, to) && bounds.to > from;
    return touches ? [{ day, timeZone, ...bounds }] : [];
  });
}

/** Every date that it can be somewhere during a period, one before (whose shifts may still run) and two after it. */
function datesAround(from: EpochMs, to: EpochMs): string[] {
  const dates: string[] = [];
  const last = DateTime.fromMillis(to, { zone: 'utc' }).plus({ days: 3 });
  for (
    let date = DateTime.fromMillis(from, { zone: 'utc' }).minus({ days: 2 });
    date <= last;
    date = date.plus({ days: 1 })
  ) {
    dates.push(date.toFormat('yyyy-MM-dd'));
  }
  return dates;
}

/** The beginning of a day of the schedule, in the zone of that day. */
function startOf(schedule: Schedule, day: string): { date: DateTime; timeZone: string } {
  const timeZone = zoneOn(schedule, day);
  return { date: DateTime.fromISO(day, { zone: timeZone }).startOf('day'), timeZone };
}

type Span = readonly [from: EpochMs, to: EpochMs];

/** What is scheduled from one instant until before another: in order, without overlaps (ADH-1 to ADH-4). */
export function scheduledSpans(schedule: Schedule, from: EpochMs, to: EpochMs): ScheduledSpan[] {
  const dated = new Map(schedule.dates.map(({ date, shifts }) => [date, shifts]));
  const whole: Span[] = [];
  const work: Span[] = [];
  for (const day of datesAround(from, to)) {
    const weekday = weekdays[DateTime.fromISO(day, { zone: 'utc' }).weekday - 1];
    const usual = weekday === undefined ? [] : (weekOn(schedule, day)[weekday] ?? []);
    const shifts = dated.get(day) ?? usual;
    if (shifts.length === 0) continue;
    const { date } = startOf(schedule, day);
    for (const shift of shifts) {
      const [begins, ends] = boundsOf(date, shift.from, shift);
      whole.push([begins, ends]);
      const breaks = merged(shift.breaks.map((one) => boundsOf(date, shift.from, one)));
      let free = begins;
      for (const [breakFrom, breakTo] of breaks) {
        work.push([free, breakFrom]);
        free = breakTo;
      }
      work.push([free, ends]);
    }
  }
  return partsOf(merged(whole), merged(work)).flatMap((span) => {
    const cut = { ...span, from: Math.max(from, span.from), to: Math.min(to, span.to) };
    return cut.from < cut.to ? [cut] : [];
  });
}

/** Where it lies in time; what is earlier than the beginning of the shift lies on the next day, as does an end before its beginning. */
function boundsOf(date: DateTime, start: string, { from, to }: { from: string; to: string }): Span {
  const at = (time: string, days: number): EpochMs => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return date.plus({ days }).set({ hour, minute }).toMillis();
  };
  const beginsAfter = from < start ? 1 : 0;
  return [at(from, beginsAfter), at(to, to <= from ? beginsAfter + 1 : beginsAfter)];
}

/** In order, with what overlaps or touches made one. */
function merged(spans: readonly Span[]): Span[] {
  const result: [EpochMs, EpochMs][] = [];
  for (const [from, to] of spans.filter(([begins, ends]) => begins < ends).toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Shifts in their parts: work where there is some, breaks in between. */
function partsOf(whole: readonly Span[], work: readonly Span[]): ScheduledSpan[] {
  return whole.flatMap(([from, to]) => {
    const parts: ScheduledSpan[] = [];
    let at = from;
    for (const [workFrom, workTo] of work) {
      if (workTo <= from || workFrom >= to) continue;
      if (at < workFrom) parts.push({ from: at, to: workFrom, state: 'break' });
      parts.push({ from: workFrom, to: workTo, state: 'work' });
      at = workTo;
    }
    if (at < to) parts.push({ from: at, to, state: 'break' });
    return parts;
  });
}
