import { ADHERENT_ACTIVITIES, type AgentActivity, type EpochMs, type Schedule } from '@crosspoint/contracts';
import { type ActivitySpan, measureAdherence } from './adherence.ts';
import { type ScheduledSpan, scheduledSpans } from './schedule.ts';

/** Scheduled time that is over, and the part of it in which the agent did what was scheduled. Milliseconds. */
export interface AdherenceTime {
  scheduledMs: number;
  adherentMs: number;
}

/** A day with a change of the clocks, and some time to spare. */
const dayMsMax = 30 * 3_600_000;
/** Whoever changes between work and break more often in a day has the earliest changes forgotten at a change of the schedule. */
const spansMax = 2_000;

/** One agent's day as it runs (ADH-10): what is over is measured once, so that asking costs the same in the evening. */
export class AdherenceDay {
  #since: EpochMs = 0;
  #schedule: Schedule | null = null;
  #scheduled: readonly ScheduledSpan[] = [];
  readonly #done: ActivitySpan[] = [];
  #measured: AdherenceTime = { scheduledMs: 0, adherentMs: 0 };
  #measuredUntil: EpochMs = 0;

  begin(since: EpochMs): void {
    this.#since = since;
    this.#done.length = 0;
    this.plan(this.#schedule);
  }

  /** Another schedule holds for the whole day, as in the report. */
  plan(schedule: Schedule | null): void {
    this.#schedule = schedule;
    this.#scheduled = schedule === null ? [] : scheduledSpans(schedule, this.#since, this.#since + dayMsMax);
    this.#measured = { scheduledMs: 0, adherentMs: 0 };
    this.#measuredUntil = this.#since;
    for (const span of this.#done) this.#measure(span);
  }

  /** A stretch of the day is over; they come in order. */
  did(span: ActivitySpan): void {
    if (span.to <= span.from) return;
    const last = this.#done.at(-1);
    const goesOn = last?.to === span.from && fitOf(last.activity) === fitOf(span.activity);
    if (goesOn) last.to = span.to;
    else this.#done.push({ ...span });
    if (this.#done.length > spansMax) this.#done.shift();
    this.#measure(span);
  }

  /** @param activity what goes on since the last stretch; null: nothing is known. */
  until(now: EpochMs, activity: AgentActivity | null): AdherenceTime {
    const present = activity === null ? [] : [{ from: this.#measuredUntil, to: now, activity }];
    return sum(this.#measured, this.#of(present, now));
  }

  #measure(span: ActivitySpan): void {
    this.#measured = sum(this.#measured, this.#of([span], span.to));
    this.#measuredUntil = Math.max(this.#measuredUntil, span.to);
  }

  #of(spans: readonly ActivitySpan[], to: EpochMs): AdherenceTime {
    if (this.#scheduled.length === 0 || to <= this.#measuredUntil) return { scheduledMs: 0, adherentMs: 0 };
    return measureAdherence(this.#scheduled, spans, { from: this.#measuredUntil, to });
  }
}

function sum(a: AdherenceTime, b: AdherenceTime): AdherenceTime {
  return { scheduledMs: a.scheduledMs + b.scheduledMs, adherentMs: a.adherentMs + b.adherentMs };
}

/** What an activity fits: stretches that fit the same are one. */
function fitOf(activity: AgentActivity): 'work' | 'break' | 'nothing' {
  if (ADHERENT_ACTIVITIES.work.includes(activity)) return 'work';
  return ADHERENT_ACTIVITIES.break.includes(activity) ? 'break' : 'nothing';
}
