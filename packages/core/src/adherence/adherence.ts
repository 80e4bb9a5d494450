import {
  ADHERENT_ACTIVITIES,
  type AgentActivity,
  type EpochMs,
  type ScheduledState,
} from '@crosspoint/contracts';
import type { ScheduledSpan } from './schedule.ts';

/** What an agent did; spans are in order and do not overlap. */
export interface ActivitySpan {
  from: EpochMs;
  to: EpochMs;
  activity: AgentActivity;
}

export interface AdherenceDifference extends ActivitySpan {
  /** `off`: outside of the schedule. */
  scheduled: ScheduledState | 'off';
}

export interface Adherence {
  scheduledMs: number;
  adherentMs: number;
  differences: AdherenceDifference[];
}

/** Shorter differences are the time that a change of status takes. */
const DIFFERENCE_MIN_MS = 1000;

/**
 * Compares what was scheduled with what was done, in one pass over both (ADH-5 to ADH-9).
 *
 * @param period epoch milliseconds; ends now at the latest.
 */
export function measureAdherence(
  scheduled: readonly ScheduledSpan[],
  activities: readonly ActivitySpan[],
  period: { from: EpochMs; to: EpochMs },
): Adherence {
  const result: Adherence = { scheduledMs: 0, adherentMs: 0, differences: [] };
  const bounds = new Set([period.from, period.to]);
  for (const { from, to } of [...scheduled, ...activities]) {
    for (const bound of [from, to]) if (bound > period.from && bound < period.to) bounds.add(bound);
  }
  const moments = [...bounds].toSorted((a, b) => a - b);
  let [scheduledAt, activityAt] = [0, 0];
  for (const [index, from] of moments.slice(0, -1).entries()) {
    const to = moments[index + 1] ?? from;
    while ((scheduled[scheduledAt]?.to ?? Number.POSITIVE_INFINITY) <= from) scheduledAt++;
    while ((activities[activityAt]?.to ?? Number.POSITIVE_INFINITY) <= from) activityAt++;
    const expected = scheduled[scheduledAt];
    const done = activities[activityAt];
    const state = expected !== undefined && expected.from <= from ? expected.state : 'off';
    const activity = done !== undefined && done.from <= from ? done.activity : 'offline';
    count(result, { from, to, scheduled: state, activity });
  }
  result.differences = result.differences.filter(({ from, to }) => to - from >= DIFFERENCE_MIN_MS);
  return result;
}

function count(result: Adherence, stretch: AdherenceDifference): void {
  const { from, to, scheduled, activity } = stretch;
  if (scheduled !== 'off') result.scheduledMs += to - from;
  const fits =
    scheduled === 'off'
      ? !ADHERENT_ACTIVITIES.work.includes(activity)
      : ADHERENT_ACTIVITIES[scheduled].includes(activity);
  if (fits) {
    if (scheduled !== 'off') result.adherentMs += to - from;
    return;
  }
  const last = result.differences.at(-1);
  const goesOn = last?.to === from && last.scheduled === scheduled && last.activity === activity;
  if (goesOn) last.to = to;
  else result.differences.push(stretch);
}
