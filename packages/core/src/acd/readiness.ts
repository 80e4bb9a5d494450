import type { EpochMs } from '@crosspoint/contracts';
import { blockingWrapUp, isFull } from './agent.ts';
import type { ReadinessReason, ReadinessView } from './door.ts';
import type { Agent, ReasonCounts } from './model.ts';

/**
 * AVL-02, the one answer to "can this agent take an offer now?"; the reason is the first that applies.
 * A status that waits for the end of the contact already counts, so that no further slot is filled before it.
 */
export function readinessReason(agent: Agent, now: EpochMs): ReadinessReason {
  const status = agent.nextStatus === null ? agent.status : agent.nextStatus.status;
  if (status === 'offline') return 'status-offline';
  if (status === 'break') return 'status-break';
  if (!agent.reachable) return 'device-unreachable';
  if (agent.notResponding) return 'not-responding';
  if (agent.wrapUps.size > 0 && blockingWrapUp(agent) !== undefined) return 'wrap-up';
  if (isFull(agent)) return 'at-capacity';
  const { pausedUntil, deviceBackOffUntil } = agent;
  // Whichever lasts longer is what keeps the agent from the next offer.
  if (deviceBackOffUntil > now && deviceBackOffUntil >= pausedUntil) return 'device-failing';
  return pausedUntil > now ? 'backing-off' : 'ready';
}

/** The same with the instant at which the reason ends by itself, if it does. */
export function readinessOf(agent: Agent, now: EpochMs): ReadinessView {
  const reason = readinessReason(agent, now);
  return { ready: reason === 'ready', reason, until: untilOf(agent, reason) };
}

function untilOf(agent: Agent, reason: ReadinessReason): EpochMs | null {
  if (reason === 'wrap-up') return blockingWrapUp(agent)?.until ?? null;
  if (reason === 'device-failing') return agent.deviceBackOffUntil;
  return reason === 'backing-off' ? agent.pausedUntil : null;
}

/** Who has one of these is at work, whether or not able to take an offer this moment. */
export function isWorking(reason: ReadinessReason): boolean {
  return reason === 'ready' || isBackSoon(reason);
}

/** Who has one of these is busy or pauses, and takes offers again without doing anything about it. */
export function isBackSoon(reason: ReadinessReason): boolean {
  return (
    reason === 'at-capacity' ||
    reason === 'wrap-up' ||
    reason === 'backing-off' ||
    reason === 'device-failing'
  );
}

/** Queues count their members in this order. */
export const readinessReasons: readonly ReadinessReason[] = Object.keys({
  ready: true,
  'status-offline': true,
  'status-break': true,
  'device-unreachable': true,
  'not-responding': true,
  'wrap-up': true,
  'at-capacity': true,
  'backing-off': true,
  'device-failing': true,
} satisfies Record<ReadinessReason, true>) as ReadinessReason[];
const reasonIndex: ReadonlyMap<ReadinessReason, number> = new Map(
  readinessReasons.map((reason, index) => [reason, index]),
);

export function noReasons(): ReasonCounts {
  return readinessReasons.map(() => 0);
}

export function countOf(counts: ReasonCounts, reason: ReadinessReason): number {
  return counts[indexOfReason(reason)] ?? 0;
}

/** Where the count of this reason stands. */
export function indexOfReason(reason: ReadinessReason): number {
  return reasonIndex.get(reason) ?? 0;
}

export function addToReason(counts: ReasonCounts, index: number, change: number): void {
  counts[index] = (counts[index] ?? 0) + change;
}
