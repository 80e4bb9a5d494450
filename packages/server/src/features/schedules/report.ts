import type { AdherenceReport, AgentId, Schedule } from '@crosspoint/contracts';
import { type ActivitySpan, measureAdherence, scheduledDays, scheduledSpans } from '@crosspoint/core';

type Day = AdherenceReport['days'][number];
const instant = (at: number): string => new Date(at).toISOString();
const ratio = (adherent: number, scheduled: number): number | null =>
  scheduled === 0 ? null : adherent / scheduled;

/** An agent's days of a period, each judged in the zone that the schedule has on it; days on which nothing was are left out. */
export function daysOf(
  { id, name, schedule }: { id: AgentId; name: string; schedule: Schedule },
  activities: readonly ActivitySpan[],
  period: { from: number; to: number },
): Day[] {
  return scheduledDays(schedule, period.from, period.to).flatMap(({ day, timeZone, ...bounds }) => {
    const from = Math.max(bounds.from, period.from);
    const to = Math.min(bounds.to, period.to);
    const within = activities.filter((span) => span.to > from && span.from < to);
    const measured = measureAdherence(scheduledSpans(schedule, from, to), within, { from, to });
    const { scheduledMs, adherentMs, differences } = measured;
    if (scheduledMs === 0 && differences.length === 0) return [];
    return [
      {
        ...{ agentId: id, agentName: name, day, timeZone },
        ...{ scheduledSeconds: scheduledMs / 1000, adherentSeconds: adherentMs / 1000 },
        adherence: ratio(adherentMs, scheduledMs),
        differences: differences.map((one) => ({ ...one, from: instant(one.from), to: instant(one.to) })),
      },
    ];
  });
}

/** All days, and the adherence of all of their time together. */
export function reportOf(days: Day[]): AdherenceReport {
  const sum = (field: 'adherentSeconds' | 'scheduledSeconds') =>
    days.reduce((total, day) => total + day[field], 0);
  return { days, adherence: ratio(sum('adherentSeconds'), sum('scheduledSeconds')) };
}
