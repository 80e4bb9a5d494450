import type { AlertKind, EpochMs, QueueAlerts, QueueId, QueueStats } from '@crosspoint/contracts';

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

export interface OpenAlert {
  queueId: QueueId;
  kind: AlertKind;
  worst: number;
}

export type AlertEffect =
  | { type: 'raised'; queueId: QueueId; kind: AlertKind; value: number; threshold: number }
  | { type: 'worsened'; queueId: QueueId; kind: AlertKind; worst: number }
  | { type: 'cleared'; queueId: QueueId; kind: AlertKind; worst: number };

interface Watched extends OpenAlert {
  /** Since when its cause is gone. */
  goneSince: EpochMs | null;
  /** The worst value that was told, and when. */
  toldWorst: number;
  toldAt: EpochMs;
}

/** Seconds of `SPEC.md`. */
const settleMs = 10_000;
/** How often it is told that an alert has become worse. */
const tellEveryMs = 10_000;
/** Before so many contacts a service level says nothing. */
const contactsMin = 10;

interface Cause {
  kind: AlertKind;
  value: number;
  threshold: number;
}

export interface AlertWatch {
  /** Looks at all queues; call it every second. */
  look(queues: readonly WatchedQueue[], now: EpochMs): AlertEffect[];
}

/** @param open alerts that lasted when the former watch ended. */
export function createAlertWatch(open: readonly OpenAlert[]): AlertWatch {
  const watched = new Map<string, Watched>(
    open.map((alert) => [
      keyOf(alert.queueId, alert.kind),
      { ...alert, goneSince: null, toldWorst: alert.worst, toldAt: 0 },
    ]),
  );
  /** Since when nobody is there, of each queue. */
  const emptySince = new Map<QueueId, EpochMs>();
  return {
    look(queues, now) {
      const effects: AlertEffect[] = [];
      const allowed = new Set<string>();
      for (const queue of queues) {
        const { queueId } = queue.stats;
        const causes = causesOf(queue, now, emptySince);
        for (const kind of kindsWanted(queue.thresholds)) allowed.add(keyOf(queueId, kind));
        for (const { kind, value, threshold } of causes) {
          const key = keyOf(queueId, kind);
          const alert = watched.get(key);
          if (alert === undefined) {
            watched.set(key, { queueId, kind, worst: value, goneSince: null, toldWorst: value, toldAt: now });
            effects.push({ type: 'raised', queueId, kind, value, threshold });
          } else {
            alert.goneSince = null;
            alert.worst = worseOf(kind, alert.worst, value);
            if (alert.worst !== alert.toldWorst && now - alert.toldAt >= tellEveryMs) {
              Object.assign(alert, { toldWorst: alert.worst, toldAt: now });
              effects.push({ type: 'worsened', queueId, kind, worst: alert.worst });
            }
          }
        }
        for (const alert of watched.values()) {
          if (alert.queueId === queueId && causes.every(({ kind }) => kind !== alert.kind)) {
            alert.goneSince ??= now;
          }
        }
      }
      for (const [key, { queueId, kind, worst, goneSince }] of watched) {
        const isOver = goneSince !== null && now - goneSince >= settleMs;
        if (allowed.has(key) && !isOver) continue;
        watched.delete(key);
        effects.push({ type: 'cleared', queueId, kind, worst });
      }
      const present = new Set(queues.map(({ stats }) => stats.queueId));
      for (const queueId of emptySince.keys()) if (!present.has(queueId)) emptySince.delete(queueId);
      return effects;
    },
  };
}

const keyOf = (queueId: QueueId, kind: AlertKind): string => `${queueId}/${kind}`;

/** A service level gets worse downwards. */
const worseOf = (kind: AlertKind, one: number, other: number): number =>
  kind === 'service-level' ? Math.min(one, other) : Math.max(one, other);

function kindsWanted({ longestWaitSeconds, waitingCount, serviceLevel, noAgents }: QueueAlerts): AlertKind[] {
  return [
    ...(longestWaitSeconds === null ? [] : (['longest-wait'] as const)),
    ...(waitingCount === null ? [] : (['waiting'] as const)),
    ...(serviceLevel === null ? [] : (['service-level'] as const)),
    ...(noAgents ? (['no-agents'] as const) : []),
  ];
}

function causesOf(
  { thresholds, stats }: WatchedQueue,
  now: EpochMs,
  emptySince: Map<QueueId, EpochMs>,
): Cause[] {
  const causes: Cause[] = [];
  const { longestWaitSeconds, waitingCount, serviceLevel, noAgents } = thresholds;
  if (longestWaitSeconds !== null && stats.longestWaitSince !== null) {
    const value = Math.floor((now - Date.parse(stats.longestWaitSince)) / 1000);
    if (value >= longestWaitSeconds)
      causes.push({ kind: 'longest-wait', value, threshold: longestWaitSeconds });
  }
  if (waitingCount !== null && stats.waiting >= waitingCount) {
    causes.push({ kind: 'waiting', value: stats.waiting, threshold: waitingCount });
  }
  const judged = stats.answered + stats.abandoned - stats.shortAbandons;
  if (serviceLevel !== null && stats.serviceLevel !== null && judged >= contactsMin) {
    const value = stats.serviceLevel;
    if (value < serviceLevel) causes.push({ kind: 'service-level', value, threshold: serviceLevel });
  }
  if (!noAgents || !stats.open || stats.agentsWorking > 0) {
    emptySince.delete(stats.queueId);
    return causes;
  }
  const since = emptySince.get(stats.queueId) ?? now;
  emptySince.set(stats.queueId, since);
  if (now - since >= settleMs) causes.push({ kind: 'no-agents', value: 0, threshold: 1 });
  return causes;
}
