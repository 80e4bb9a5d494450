import type {
  AgentAlertKind,
  AgentId,
  AlertRuleId,
  EpochMs,
  QueueAlertKind,
  QueueId,
} from '@crosspoint/contracts';

/** Whom an alert is about. There is one at a time of each queue and kind, and of each agent and rule. */
export type AlertSubject =
  | { queueId: QueueId; kind: QueueAlertKind }
  | { agentId: AgentId; ruleId: AlertRuleId; kind: AgentAlertKind };

/** What is wrong at a look. */
export interface Cause {
  subject: AlertSubject;
  value: number;
  threshold: number;
}

export interface OpenAlert {
  subject: AlertSubject;
  worst: number;
}

export type AlertEffect =
  | { type: 'raised'; subject: AlertSubject; value: number; threshold: number }
  | { type: 'worsened'; subject: AlertSubject; worst: number }
  | { type: 'cleared'; subject: AlertSubject; worst: number };

interface Watched extends OpenAlert {
  /** Since when its cause is gone. */
  goneSince: EpochMs | null;
  /** The worst value that was told, and when. */
  toldWorst: number;
  toldAt: EpochMs;
}

/** Seconds of `SPEC.md`. */
export const settleMs = 10_000;
/** How often it is told that an alert has become worse. */
const tellEveryMs = 10_000;

/** Names an alert among those that last. */
export const alertKey = (subject: AlertSubject): string =>
  'queueId' in subject ? `${subject.queueId}/${subject.kind}` : `${subject.agentId}/${subject.ruleId}`;

/** Makes of causes that come and go alerts that begin, grow worse and end (ALR-03 to ALR-05). */
export class AlertLedger {
  readonly #watched: Map<string, Watched>;

  constructor(open: readonly OpenAlert[]) {
    this.#watched = new Map(
      open.map((alert) => [
        alertKey(alert.subject),
        { ...alert, goneSince: null, toldWorst: alert.worst, toldAt: 0 },
      ]),
    );
  }

  /**
   * @param wanted the keys of what is watched at all; an alert of anything else is over at once.
   * @param unknown the keys of what cannot be judged at this look; their alerts stay as they are.
   */
  take(
    causes: readonly Cause[],
    wanted: ReadonlySet<string>,
    unknown: ReadonlySet<string>,
    now: EpochMs,
  ): AlertEffect[] {
    const effects: AlertEffect[] = [];
    const present = new Set<string>();
    for (const cause of causes) {
      const key = alertKey(cause.subject);
      present.add(key);
      const alert = this.#watched.get(key);
      const effect = alert === undefined ? this.#raise(key, cause, now) : worsen(alert, cause.value, now);
      if (effect !== undefined) effects.push(effect);
    }
    for (const [key, alert] of this.#watched) {
      if (!present.has(key) && !unknown.has(key)) alert.goneSince ??= now;
      const isOver = alert.goneSince !== null && now - alert.goneSince >= settleMs;
      if (wanted.has(key) && !isOver) continue;
      this.#watched.delete(key);
      effects.push({ type: 'cleared', subject: alert.subject, worst: alert.worst });
    }
    return effects;
  }

  #raise(key: string, { subject, value, threshold }: Cause, now: EpochMs): AlertEffect {
    this.#watched.set(key, { subject, worst: value, goneSince: null, toldWorst: value, toldAt: now });
    return { type: 'raised', subject, value, threshold };
  }
}

function worsen(alert: Watched, value: number, now: EpochMs): AlertEffect | undefined {
  const { subject } = alert;
  alert.goneSince = null;
  // A service level gets worse downwards.
  alert.worst =
    subject.kind === 'service-level' ? Math.min(alert.worst, value) : Math.max(alert.worst, value);
  if (alert.worst === alert.toldWorst || now - alert.toldAt < tellEveryMs) return undefined;
  Object.assign(alert, { toldWorst: alert.worst, toldAt: now });
  return { type: 'worsened', subject, worst: alert.worst };
}
