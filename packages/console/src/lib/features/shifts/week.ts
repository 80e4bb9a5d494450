import {
  type Schedule,
  type Shift,
  type ShiftWeek,
  WeekdayName,
  weekOn,
  zoneOn,
} from '@crosspoint/contracts';
import { dayOf } from '#lib/features/contacts/period.ts';

const dayMs = 86_400_000;
const atNoon = (day: string): number => Date.parse(`${day}T12:00:00Z`);

/** The calendar day so many days after another one. */
export const dayPlus = (day: string, days: number): string =>
  new Date(atNoon(day) + days * dayMs).toISOString().slice(0, 10);

/** The Monday of the week of a day. */
export const mondayOf = (day: string): string => dayPlus(day, -((new Date(atNoon(day)).getUTCDay() + 6) % 7));

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
/** From one time of the clock to the next such time of another; the same time is a whole day later. */
const minutesBetween = (from: string, to: string): number =>
  (minutesOf(to) - minutesOf(from) + 1440) % 1440 || 1440;

/** Hours of work of a week, without breaks. */
export function weekHours(week: ShiftWeek): number {
  const minutes = WeekdayName.options
    .flatMap((day) => week[day] ?? [])
    .map(({ from, to, breaks }) =>
      breaks.reduce((rest, one) => rest - minutesBetween(one.from, one.to), minutesBetween(from, to)),
    );
  return minutes.reduce((sum, one) => sum + one, 0) / 60;
}

/** What is scheduled on a day: what its date says, else what its weekday does. */
export function shiftsOn(schedule: Schedule, day: string): { shifts: Shift[]; dated: boolean } {
  const own = schedule.dates.find(({ date }) => date === day);
  if (own) return { shifts: own.shifts, dated: true };
  const weekday = WeekdayName.options[(new Date(atNoon(day)).getUTCDay() + 6) % 7];
  return { shifts: (weekday && weekOn(schedule, day)[weekday]) ?? [], dated: false };
}

type Weeks = Pick<Schedule, 'timeZone' | 'week' | 'weeks'>;
const sameWeek = (a: ShiftWeek, b: ShiftWeek): boolean =>
  WeekdayName.options.every((day) => JSON.stringify(a[day] ?? []) === JSON.stringify(b[day] ?? []));

/** In order, without those that change nothing. */
function settled({ timeZone, week, weeks }: Weeks): Weeks {
  const kept: Weeks['weeks'] = [];
  let zone = timeZone;
  for (const one of weeks.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const next = one.timeZone ?? zone;
    if (next === zone && sameWeek(one.week, kept.at(-1)?.week ?? week)) continue;
    kept.push({ from: one.from, week: one.week, ...(next === zone ? {} : { timeZone: next }) });
    zone = next;
  }
  return { timeZone, week, weeks: kept };
}

/** Another week from a date on until the next change; null: from the start. Days before it stay as they were. */
export function withWeek(all: Weeks, from: string | null, next: ShiftWeek): Weeks {
  if (from === null) return settled({ ...all, week: next });
  const there = all.weeks.find((one) => one.from === from);
  const others = all.weeks.filter((one) => one !== there);
  return settled({ ...all, weeks: [...others, { ...there, from, week: next }] });
}

/** Another time zone from a date on until the next one; null: from the start. Days before it stay as they were. */
export function withZone(all: Weeks, from: string | null, timeZone: string): Weeks {
  if (from === null) return settled({ ...all, timeZone });
  const there = all.weeks.find((one) => one.from === from) ?? { from, week: weekOn(all, from) };
  const others = all.weeks.filter((one) => one !== there);
  return settled({ ...all, weeks: [...others, { ...there, timeZone }] });
}

/** The calendar day of an instant (milliseconds since 1970) by the clocks of the schedule then. */
export function dayIn(schedule: Pick<Schedule, 'timeZone' | 'weeks'>, instantMs: number): string {
  const guess = dayOf(instantMs, schedule.timeZone);
  return dayOf(instantMs, zoneOn(schedule, guess));
}

/** What held before goes on over a date on which the week changed. */
export const withoutChange = (all: Weeks, from: string): Weeks =>
  settled({ ...all, weeks: all.weeks.filter((one) => one.from !== from) });

/** Nothing is scheduled on any day. */
export const isBlank = ({ week, weeks, dates }: Schedule): boolean =>
  [week, ...weeks.map((one) => one.week)].every((one) => sameWeek(one, {})) && dates.length === 0;

/** The dates with one of them scheduled so. */
export const withDate = (dates: Schedule['dates'], date: string, shifts: Shift[]): Schedule['dates'] =>
  [...dates.filter((one) => one.date !== date), { date, shifts }].toSorted((a, b) =>
    a.date < b.date ? -1 : 1,
  );

/** A time of the day as people type it: `8`, `830`, `8:30`, `8.30`; null for what is none. */
export function parseTime(text: string): string | null {
  const match = /^(\d{1,2})(?:[:.\s]?(\d{2}))?$/.exec(text.trim());
  const [hour, minute] = [Number(match?.[1] ?? Number.NaN), Number(match?.[2] ?? 0)];
  if (!(hour <= 23 && minute <= 59)) return null;
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
