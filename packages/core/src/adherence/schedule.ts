import {
  type EpochMs,
  type Schedule,
  type ScheduledState,
  type WeekdayName,
  weekOn,
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

type Span = readonly [from: EpochMs, to: EpochMs];

/** What is scheduled from one instant until before another: in order, without overlaps (ADH-1 to ADH-4). */
export function scheduledSpans(schedule: Schedule, from: EpochMs, to: EpochMs): ScheduledSpan[] {
  const dated = new Map(schedule.dates.map(({ date, shifts }) => [date, shifts]));
  const whole: Span[] = [];
  const work: Span[] = [];
  // A shift that began the day before may still run.
  let date = DateTime.fromMillis(from, { zone: schedule.timeZone }).startOf('day').minus({ days: 1 });
  for (; date.toMillis() < to; date = date.plus({ days: 1 })) {
    const weekday = weekdays[date.weekday - 1];
    const day = date.toFormat('yyyy-MM-dd');
    const usual = weekday === undefined ? [] : (weekOn(schedule, day)[weekday] ?? []);
    for (const shift of dated.get(day) ?? usual) {
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
