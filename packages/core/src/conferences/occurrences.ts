import type { ConferenceSchedule, EpochMs, WeekdayName } from '@crosspoint/contracts';
import { DateTime } from 'luxon';

export interface Occurrence {
  startsAt: EpochMs;
  endsAt: EpochMs;
  /** Callers are let in. */
  open: boolean;
}

/** Callers may come so long before the start. */
export const earlyMs = 10 * 60_000;
const dayMs = 24 * 3_600_000;
const weekdays: readonly WeekdayName[] = [
  ...(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const),
];

/** The meeting that is on at this instant, or the next one; undefined when there is none any more (OCC-1 to OCC-3). */
export function occurrenceAt(schedule: ConferenceSchedule, now: EpochMs): Occurrence | undefined {
  const { weekly } = schedule;
  const first = spanFrom(schedule, localOf(schedule, schedule.startsAt));
  if (weekly === null) return shown(first, now);
  const from = localOf(schedule, schedule.startsAt).startOf('day');
  const yesterday = DateTime.fromMillis(now, { zone: schedule.timeZone }).startOf('day').minus({ days: 1 });
  const begin = yesterday > from ? yesterday : from;
  for (let day = 0; day <= 8; day++) {
    const date = begin.plus({ days: day });
    if (weekly.until !== null && (date.toISODate() ?? '') > weekly.until) return undefined;
    const weekday = weekdays[date.weekday - 1];
    if (weekday === undefined || !weekly.days.includes(weekday)) continue;
    const found = shown(spanFrom(schedule, date), now);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What contradicts itself; undefined when nothing does. */
export function scheduleFault(
  schedule: ConferenceSchedule,
): { path: string; message: string; remedy: string } | undefined {
  const { startsAt, endsAt } = spanFrom(schedule, localOf(schedule, schedule.startsAt));
  if (endsAt <= startsAt) {
    return { path: 'endsAt', message: 'is not after the start', remedy: 'Let it end later than it begins.' };
  }
  if (endsAt - startsAt > dayMs) {
    return { path: 'endsAt', message: 'is more than a day after the start', remedy: 'Let it end earlier.' };
  }
  const until = schedule.weekly?.until ?? null;
  if (until === null || until >= schedule.startsAt.slice(0, 10)) return undefined;
  return { path: 'weekly.until', message: 'is before the start', remedy: 'Choose a later last day.' };
}

function shown(span: { startsAt: EpochMs; endsAt: EpochMs }, now: EpochMs): Occurrence | undefined {
  if (span.endsAt <= now) return undefined;
  return { ...span, open: now >= span.startsAt - earlyMs };
}

const localOf = ({ timeZone }: ConferenceSchedule, text: string): DateTime =>
  DateTime.fromISO(text, { zone: timeZone });

/** The meeting whose first day this is, with the times of the clocks there. */
function spanFrom(schedule: ConferenceSchedule, day: DateTime): { startsAt: EpochMs; endsAt: EpochMs } {
  const [start, end] = [localOf(schedule, schedule.startsAt), localOf(schedule, schedule.endsAt)];
  const nights = Math.round(end.startOf('day').diff(start.startOf('day'), 'days').days);
  const { hour, minute } = start;
  const startsAt = day.startOf('day').set({ hour, minute }).toMillis();
  const endsAt = day.startOf('day').plus({ days: nights }).set({ hour: end.hour, minute: end.minute });
  return { startsAt, endsAt: endsAt.toMillis() };
}
