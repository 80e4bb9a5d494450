import type { ScheduleSpans } from '@crosspoint/contracts';
import { dayOf, startOfDay } from '#lib/features/contacts/period.ts';
import { dayPlus } from './week.ts';

type Span = ScheduleSpans['agents'][number]['spans'][number];

/** Instants in epoch milliseconds. */
interface Stretch {
  from: number;
  to: number;
}

export interface OwnShift extends Stretch {
  breaks: Stretch[];
}

export interface OwnDay extends Stretch {
  /** `2026-11-21`. */
  day: string;
  /** Those that begin on this day. */
  shifts: OwnShift[];
  workMs: number;
}

/** What touches is one shift; its parts of the state `break` are its breaks. */
export function shiftsOf(spans: readonly Span[]): OwnShift[] {
  const shifts: OwnShift[] = [];
  for (const span of spans) {
    const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
    const last = shifts.at(-1);
    const shift = last !== undefined && last.to === from ? last : { from, to, breaks: [] };
    if (shift !== last) shifts.push(shift);
    shift.to = to;
    if (span.state === 'break') shift.breaks.push({ from, to });
  }
  return shifts;
}

/** The seven days from a Monday in a time zone, with the shifts that begin on each of them. */
export function ownWeek(spans: readonly Span[], monday: string, timeZone: string): OwnDay[] {
  const shifts = shiftsOf(spans);
  return Array.from({ length: 7 }, (_, index) => {
    const day = dayPlus(monday, index);
    const own = shifts.filter(({ from }) => dayOf(from, timeZone) === day);
    const length = ({ from, to }: Stretch): number => to - from;
    const workMs = own.reduce(
      (sum, shift) => shift.breaks.reduce((rest, pause) => rest - length(pause), sum + length(shift)),
      0,
    );
    const from = startOfDay(day, timeZone) ?? 0;
    return { day, from, to: startOfDay(dayPlus(day, 1), timeZone) ?? 0, shifts: own, workMs };
  });
}
