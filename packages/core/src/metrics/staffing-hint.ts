import type { EpochMs, QueueSettings, QueueStats } from '@crosspoint/contracts';
import { agentsNeeded, erlangA, erlangC } from '../staffing/index.ts';
import type { QueueCounts } from './counts.ts';

type Hint = QueueStats['staffing'];

/** It changes slowly and costs some milliseconds. */
const keptMs = 60_000;
const handledMin = 5;
/** Without abandons patience cannot be measured; with few it is said to be at least this many of the waits seen. */
const abandonsMin = 3;

/** How many agents the arrivals of the last half hour need for the target (Erlang A; Erlang C while nobody gives up). */
export class StaffingHint {
  #hint: Hint = null;
  #madeAt: EpochMs | null = null;

  of(
    counts: QueueCounts,
    callsPerHour: number | null,
    { serviceLevel, shortAbandonSeconds }: Pick<QueueSettings, 'serviceLevel' | 'shortAbandonSeconds'>,
    now: EpochMs,
  ): Hint {
    if (this.#madeAt !== null && now - this.#madeAt < keptMs) return this.#hint;
    this.#madeAt = now;
    this.#hint = null;
    const handleSeconds = (counts.talkMs + counts.holdMs + counts.wrapUpMs) / 1000 / counts.handled;
    if (callsPerHour === null || counts.handled < handledMin || !(handleSeconds > 0)) return null;
    const work = { callsPerHour, handleSeconds };
    const target = { seconds: serviceLevel.seconds, shortAbandonSeconds };
    // The mean of an exponential patience of which most are cut short by an answer: all waiting by the number who gave up.
    const patienceSeconds =
      counts.abandoned >= abandonsMin ? Math.max(1, counts.waitedMs / 1000 / counts.abandoned) : null;
    const agentsMax = Math.ceil((2 * callsPerHour * handleSeconds) / 3600) + 20;
    const { agents, performance } = agentsNeeded(serviceLevel.target, agentsMax, (count) =>
      patienceSeconds === null ? erlangC(count, work, target) : erlangA(count, work, patienceSeconds, target),
    );
    this.#hint = {
      agentsNeeded: agents,
      callsPerHour,
      serviceLevelExpected: performance.serviceLevel,
      abandonRateExpected: performance.abandonRate,
    };
    return this.#hint;
  }
}
