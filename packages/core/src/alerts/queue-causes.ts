import type { EpochMs, QueueAlertKind, QueueAlerts, QueueId, QueueStats } from '@crosspoint/contracts';
import { type Cause, settleMs } from './ledger.ts';

/** A queue as the watch sees it. */
export interface WatchedQueue {
  thresholds: QueueAlerts;
  stats: Pick<
    QueueStats,
    | 'queueId'
    | 'longestWaitSince'
    | 'waiting'
    | 'serviceLevel'
    | 'answered'
    | 'abandoned'
    | 'shortAbandons'
    | 'agentsWorking'
    | 'open'
  >;
}

/** Before so many contacts a service level says nothing. */
const contactsMin = 10;

/** Which alerts a queue can have. */
export function queueKindsWanted({
  longestWaitSeconds,
  waitingCount,
  serviceLevel,
  noAgents,
}: QueueAlerts): QueueAlertKind[] {
  return [
    ...(longestWaitSeconds === null ? [] : (['longest-wait'] as const)),
    ...(waitingCount === null ? [] : (['waiting'] as const)),
    ...(serviceLevel === null ? [] : (['service-level'] as const)),
    ...(noAgents ? (['no-agents'] as const) : []),
  ];
}

/**
 * What is wrong with a queue (ALR-01, ALR-02).
 *
 * @param emptySince since when nobody is there, of each queue; kept by the caller from look to look.
 */
export function queueCauses(
  { thresholds, stats }: WatchedQueue,
  now: EpochMs,
  emptySince: Map<QueueId, EpochMs>,
): Cause[] {
  const causes: Cause[] = [];
  const { queueId } = stats;
  const add = (kind: QueueAlertKind, value: number, threshold: number): void => {
    causes.push({ subject: { queueId, kind }, value, threshold });
  };
  const { longestWaitSeconds, waitingCount, serviceLevel, noAgents } = thresholds;
  if (longestWaitSeconds !== null && stats.longestWaitSince !== null) {
    const value = Math.floor((now - Date.parse(stats.longestWaitSince)) / 1000);
    if (value >= longestWaitSeconds) add('longest-wait', value, longestWaitSeconds);
  }
  if (waitingCount !== null && stats.waiting >= waitingCount) add('waiting', stats.waiting, waitingCount);
  const judged = stats.answered + stats.abandoned - stats.shortAbandons;
  if (serviceLevel !== null && stats.serviceLevel !== null && judged >= contactsMin) {
    if (stats.serviceLevel < serviceLevel) add('service-level', stats.serviceLevel, serviceLevel);
  }
  if (!noAgents || !stats.open || stats.agentsWorking > 0) {
    emptySince.delete(queueId);
    return causes;
  }
  const since = emptySince.get(queueId) ?? now;
  emptySince.set(queueId, since);
  if (now - since >= settleMs) add('no-agents', 0, 1);
  return causes;
}
