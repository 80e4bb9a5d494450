import type { EpochMs, PresenceLevel } from '@crosspoint/contracts';
import { opensAt } from '../hours/index.ts';
import type { EntryVia } from './door.ts';
import type { Queue } from './model.ts';
import { countOf, isWorking, readinessReasons } from './readiness.ts';

/** A full queue keeps this share of its size for transfers and due callbacks (rule 11). */
const extraRoom = 0.2;

/** Why the queue has no place for a contact that comes this way; null when it has. */
export function roomReason(queue: Queue, via: EntryVia, now: EpochMs): string | null {
  const { joinWhenEmpty, maxSize } = queue.settings;
  // Whom we promised a callback or have talked with already is not turned away at closing time.
  const isKnown = via === 'transfer' || via === 'callback';
  if (!isKnown && !isOpen(queue, now)) return 'closed';
  if (!isKnown && joinWhenEmpty !== 'always' && presentAgents(queue, joinWhenEmpty) === 0)
    return 'nobody-there';
  const room = isKnown ? maxSize + Math.ceil(maxSize * extraRoom) : maxSize;
  return queue.stays.size >= room ? 'queue-full' : null;
}

/** By the business hours; what they say is kept until it changes. */
export function isOpen(queue: Queue, now: EpochMs): boolean {
  const { hours } = queue.settings;
  if (hours === null) return true;
  if (now >= queue.hours.until) queue.hours = opensAt(hours, now);
  return queue.hours.open;
}

/** Agents of the queue who count at this level. */
export function presentAgents(queue: Queue, level: PresenceLevel): number {
  if (level === 'signed-in') return queue.staffed;
  if (level === 'ready') return queue.readyCount;
  let working = 0;
  for (const reason of workingReasons) working += countOf(queue.reasons, reason);
  return working;
}

const workingReasons = readinessReasons.filter(isWorking);
