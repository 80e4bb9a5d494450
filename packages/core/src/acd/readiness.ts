import type { EpochMs } from '@crosspoint/contracts';
import { blockingWrapUp, loadOf } from './agent.ts';
import type { ReadinessReason, ReadinessView } from './door.ts';
import type { Agent } from './model.ts';

/**
 * AVL-02, the one answer to "can this agent take an offer now?"; the reason is the first that applies.
 * A status that waits for the end of the contact already counts, so that no further slot is filled before it.
 */
export function readinessOf(agent: Agent, now: EpochMs): ReadinessView {
  const status = agent.nextStatus?.status ?? agent.status;
  if (status === 'offline') return notReady('status-offline');
  if (status === 'break') return notReady('status-break');
  if (!agent.reachable) return notReady('device-unreachable');
  if (agent.notResponding) return notReady('not-responding');
  const wrapUp = blockingWrapUp(agent);
  if (wrapUp !== undefined) return notReady('wrap-up', wrapUp.until);
  if (loadOf(agent) >= agent.capacity || agent.sharedOffers > 0) return notReady('at-capacity');
  const { pausedUntil, deviceBackOffUntil } = agent;
  // Whichever lasts longer is what keeps the agent from the next offer.
  if (deviceBackOffUntil > now && deviceBackOffUntil >= pausedUntil)
    return notReady('device-failing', deviceBackOffUntil);
  if (pausedUntil > now) return notReady('backing-off', pausedUntil);
  return ready;
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

export function noReasons(): Record<ReadinessReason, number> {
  return {
    ready: 0,
    'status-offline': 0,
    'status-break': 0,
    'device-unreachable': 0,
    'not-responding': 0,
    'wrap-up': 0,
    'at-capacity': 0,
    'backing-off': 0,
    'device-failing': 0,
  };
}

const ready: ReadinessView = { ready: true, reason: 'ready', until: null };

function notReady(reason: ReadinessReason, until: EpochMs | null = null): ReadinessView {
  return { ready: false, reason, until };
}
