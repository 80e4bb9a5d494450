import { z } from 'zod';
import { AgentActivity } from './states.ts';
import { WeekdayName } from './hours.ts';
import { AgentId, TeamId } from './ids.ts';
import { Instant, TimeZone } from './instants.ts';
import { oneOrMore, pageOf, PageQuery, SearchText } from './pages.ts';

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time such as 08:30');
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const DAY_MINUTES = 24 * 60;

/** Times of the clocks in the zone; an end that is not after the beginning lies on the next day. */
const Times = z.strictObject({ from: TimeOfDay, to: TimeOfDay });

/** Minutes from the beginning of a shift. */
const sinceStart = (start: string, time: string): number =>
  (minutesOf(time) - minutesOf(start) + DAY_MINUTES) % DAY_MINUTES;

/** One stretch of work with its breaks; it may run over midnight, and belongs to the day on which it begins. */
export const Shift = Times.extend({ breaks: z.array(Times).max(10).default([]) }).superRefine(
  ({ from, to, breaks }, context) => {
    const length = sinceStart(from, to) || DAY_MINUTES;
    const spans = breaks.map((one) => [sinceStart(from, one.from), sinceStart(from, one.to)] as const);
    for (const [index, [begins, ends]] of spans.entries()) {
      const isInside = begins < ends && ends <= length;
      const isApart = spans.every(([from2, to2], other) => other === index || ends <= from2 || to2 <= begins);
      if (isInside && isApart) continue;
      const message = isInside ? 'overlaps another break' : 'does not lie within the shift';
      context.addIssue({ code: 'custom', path: ['breaks', index], message });
    }
  },
);
export type Shift = z.infer<typeof Shift>;

const DayShifts = z.array(Shift).max(5);
const ShiftWeek = z.partialRecord(WeekdayName, DayShifts);
export type ShiftWeek = z.infer<typeof ShiftWeek>;

/**
 * When an agent is to work: a week that repeats, other weeks that repeat from a date on, each in another zone if it names one, so
 * that what was scheduled before stays as it was, and dates that differ (without shifts: a day off).
 */
export const ScheduleInput = z.strictObject({
  timeZone: TimeZone,
  week: ShiftWeek.default({}),
  weeks: z
    .array(
      z.strictObject({
        from: z.iso.date(),
        week: ShiftWeek.default({}),
        /** The zone from that date on; absent: the one before it goes on. */
        timeZone: TimeZone.optional(),
      }),
    )
    .max(200)
    .default([])
    .refine((weeks) => new Set(weeks.map(({ from }) => from)).size === weeks.length, 'names a date twice'),
  dates: z
    .array(z.strictObject({ date: z.iso.date(), shifts: DayShifts }))
    .max(800)
    .default([])
    .refine((dates) => new Set(dates.map(({ date }) => date)).size === dates.length, 'names a date twice'),
});
export type ScheduleInput = z.input<typeof ScheduleInput>;
export type Schedule = z.infer<typeof ScheduleInput>;

/** The week that repeats on a day such as `2026-11-23`: the one that holds since the latest date, else the first one. */
export function weekOn({ week, weeks }: Pick<Schedule, 'week' | 'weeks'>, day: string): ShiftWeek {
  const begun = weeks.filter(({ from }) => from <= day);
  return begun.reduce((latest, one) => (one.from > latest.from ? one : latest), { from: '', week }).week;
}

/** The zone of a day such as `2026-11-23`: the one named by the latest date up to it that names one, else the first one. */
export function zoneOn({ timeZone, weeks }: Pick<Schedule, 'timeZone' | 'weeks'>, day: string): string {
  let latest = { from: '', timeZone };
  for (const one of weeks) {
    if (one.timeZone === undefined || one.from > day || one.from <= latest.from) continue;
    latest = { from: one.from, timeZone: one.timeZone };
  }
  return latest.timeZone;
}

export const AgentSchedule = z
  .object({
    agent: z.object({ id: AgentId, name: z.string() }),
    /** Null: nothing is expected of the agent. */
    schedule: ScheduleInput.nullable(),
  })
  .meta({ id: 'AgentSchedule' });
export type AgentSchedule = z.infer<typeof AgentSchedule>;
export const AgentSchedulePage = pageOf(AgentSchedule);
export const AgentScheduleQuery = PageQuery.extend({
  teamId: oneOrMore(TeamId).optional(),
  /** In the agent's name and username. */
  search: SearchText.optional(),
});

export const ScheduledState = z.enum(['work', 'break']);
export type ScheduledState = z.infer<typeof ScheduledState>;

/** What fits each scheduled state. Whoever is scheduled to work and does not answer the phone, or cannot, does not work. */
export const ADHERENT_ACTIVITIES: Readonly<Record<ScheduledState, readonly AgentActivity[]>> = {
  work: ['idle', 'offered', 'on-contact', 'hold', 'wrap-up'],
  break: ['break', 'offline'],
};

/** At most some days ahead and back. */
export const SCHEDULE_DAYS_MAX = 35;

export const SchedulePeriod = z.strictObject({
  from: Instant,
  to: Instant,
  agentId: oneOrMore(AgentId).optional(),
  teamId: oneOrMore(TeamId).optional(),
});

/** The schedules of a period as instants. */
export const ScheduleSpans = z
  .object({
    agents: z.array(
      z.object({
        agentId: AgentId,
        spans: z.array(z.object({ from: Instant, to: Instant, state: ScheduledState })),
      }),
    ),
  })
  .meta({ id: 'ScheduleSpans' });
export type ScheduleSpans = z.infer<typeof ScheduleSpans>;

/** A stretch in which an agent did not do what was scheduled. */
const Difference = z.object({
  from: Instant,
  to: Instant,
  /** `off`: work of which the schedule says nothing; it does not count against adherence. */
  scheduled: z.enum([...ScheduledState.options, 'off']),
  activity: AgentActivity,
});

/** One agent on one day of the schedule's zone; a shift over midnight is cut there. */
export const AdherenceDay = z.object({
  agentId: AgentId,
  agentName: z.string(),
  day: z.iso.date(),
  timeZone: z.string(),
  scheduledSeconds: z.number(),
  adherentSeconds: z.number(),
  /** Adherent / scheduled, 0–1; null when nothing was scheduled. */
  adherence: z.number().nullable(),
  differences: z.array(Difference),
});
export type AdherenceDay = z.infer<typeof AdherenceDay>;

export const AdherenceReport = z
  .object({ days: z.array(AdherenceDay), adherence: z.number().nullable() })
  .meta({ id: 'AdherenceReport' });
export type AdherenceReport = z.infer<typeof AdherenceReport>;
