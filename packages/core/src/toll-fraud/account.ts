import type { EpochMs, TollLimits, TollRefusalReason, TollScope } from '@crosspoint/contracts';
import type { AccountName, TollAccountView, TollSnapshot } from './door.ts';
import { RollingSum } from './rolling-sum.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const intervalMs = 15 * minuteMs;

/** What one scope has used: the tenant, one trunk or one agent. */
export class TollAccount {
  readonly name: AccountName;
  readonly scope: TollScope;
  readonly id: string | undefined;
  limits: TollLimits;
  /** Allowed and not over yet; the instant of the answer once there was one. */
  readonly running = new Map<string, EpochMs | undefined>();
  /** When a person was last told of each reason. */
  readonly alerts = new Map<TollRefusalReason, EpochMs>();
  readonly #calls = new RollingSum(hourMs, minuteMs);
  readonly #talkMs = new RollingSum(dayMs, intervalMs);

  constructor(scope: TollScope, id: string | undefined, limits: TollLimits) {
    this.scope = scope;
    this.id = id;
    this.name = accountName(scope, id);
    this.limits = limits;
  }

  /** The limit that one more call would break; undefined when there is room. */
  exceeded(now: EpochMs): { reason: TollRefusalReason; limit: number } | undefined {
    const { concurrentCallsMax, callsPerHourMax, minutesPerDayMax } = this.limits;
    if (concurrentCallsMax !== null && this.running.size >= concurrentCallsMax)
      return { reason: 'concurrent-calls', limit: concurrentCallsMax };
    if (callsPerHourMax !== null && this.#calls.sum(now) >= callsPerHourMax)
      return { reason: 'calls-per-hour', limit: callsPerHourMax };
    if (minutesPerDayMax !== null && this.talkMs(now) >= minutesPerDayMax * minuteMs)
      return { reason: 'minutes-per-day', limit: minutesPerDayMax };
    return undefined;
  }

  begin(callId: string, now: EpochMs): void {
    this.running.set(callId, undefined);
    this.#calls.add(now, 1);
  }

  /** A call that was counted before a restart goes on. */
  resume(callId: string, now: EpochMs): void {
    this.running.set(callId, now);
  }

  answer(callId: string, now: EpochMs): void {
    if (this.running.has(callId) && this.running.get(callId) === undefined) this.running.set(callId, now);
  }

  end(callId: string, now: EpochMs): void {
    const answeredAt = this.running.get(callId);
    this.running.delete(callId);
    if (answeredAt !== undefined) this.#talkMs.addSpan(answeredAt, now);
  }

  /** Of the last day, with what the calls that are up have talked so far. */
  talkMs(now: EpochMs): number {
    let sum = this.#talkMs.sum(now);
    for (const answeredAt of this.running.values())
      if (answeredAt !== undefined) sum += Math.min(dayMs, Math.max(0, now - answeredAt));
    return sum;
  }

  /** When the calls that are up will have used the day's minutes; undefined when nothing runs towards a limit. */
  minutesEndAt(now: EpochMs): EpochMs | undefined {
    const { minutesPerDayMax } = this.limits;
    let talking = 0;
    for (const answeredAt of this.running.values()) if (answeredAt !== undefined) talking++;
    if (minutesPerDayMax === null || talking === 0) return undefined;
    const leftMs = minutesPerDayMax * minuteMs - this.talkMs(now);
    // Down, so that the sum at that instant has not passed the limit.
    return now + Math.max(0, Math.floor(leftMs / talking));
  }

  isIdle(now: EpochMs): boolean {
    return this.running.size === 0 && this.#calls.sum(now) === 0 && this.#talkMs.sum(now) === 0;
  }

  view(now: EpochMs): TollAccountView {
    return {
      scope: this.scope,
      id: this.id,
      concurrentCalls: this.running.size,
      callsLastHour: this.#calls.sum(now),
      minutesLastDay: this.talkMs(now) / minuteMs,
      limits: this.limits,
    };
  }

  /** A call that is up is stored with what it has talked so far: it does not survive what the snapshot is for. */
  snapshot(now: EpochMs): TollSnapshot {
    const talk = new RollingSum(dayMs, intervalMs);
    talk.import(this.#talkMs.export(now));
    for (const answeredAt of this.running.values())
      if (answeredAt !== undefined) talk.addSpan(answeredAt, now);
    return { account: this.name, calls: this.#calls.export(now), talkMs: talk.export(now) };
  }

  restore(snapshot: TollSnapshot): void {
    this.#calls.import(snapshot.calls);
    this.#talkMs.import(snapshot.talkMs);
  }
}

export function accountName(scope: TollScope, id: string | undefined): AccountName {
  return id === undefined ? scope : `${scope}:${id}`;
}
