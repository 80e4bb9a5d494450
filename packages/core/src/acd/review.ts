import type { BusinessHours, EpochMs, Requirement } from '@crosspoint/contracts';
import { neverOpens } from '../hours/index.ts';
import { type Attributes, satisfies } from './requirement.ts';

/** What a review has to know of a queue; `key` names it among the others, by id or by name. */
export interface ReviewedQueue {
  key: string;
  /** What each requirement step asks for; null for a step that only names agents. */
  steps: readonly (Requirement | null)[];
  /** The queue that each overflow rule for waiting contacts leads to, null for rules of another kind. */
  sendsWaitingTo: readonly (string | null)[];
  hours: BusinessHours | null;
  members: readonly Attributes[];
  /** Which of the good dispositions of predictive routing are none of the queue's, by their places. */
  unknownDispositions: readonly number[];
}

export interface Finding {
  key: string;
  path: readonly (string | number)[];
  code: 'nobody-satisfies' | 'never-opens' | 'overflow-circle' | 'unknown-disposition';
  /** A warning is allowed; anything else is an error. */
  isWarning: boolean;
  /** Of a circle: the queues that it goes through, from this one back to it. */
  through?: readonly string[];
}

/** Settings that contradict themselves or each other, found when they are saved rather than when a caller waits. */
export function reviewQueues(queues: readonly ReviewedQueue[], now: EpochMs): Finding[] {
  const byKey = new Map(queues.map((queue) => [queue.key, queue]));
  return queues.flatMap((queue) => [
    ...unsatisfiable(queue),
    ...circles(queue, byKey),
    ...(queue.hours !== null && neverOpens(queue.hours, now)
      ? [{ key: queue.key, path: ['hours'], code: 'never-opens' as const, isWarning: false }]
      : []),
    ...queue.unknownDispositions.map((index) => ({
      key: queue.key,
      path: ['predictive', 'goodDispositions', index],
      code: 'unknown-disposition' as const,
      isWarning: false,
    })),
  ]);
}

/** A queue without agents is being built; nothing is said about its steps yet. */
function unsatisfiable({ key, steps, members }: ReviewedQueue): Finding[] {
  if (members.length === 0) return [];
  return steps.flatMap((requirement, index) =>
    requirement === null || members.some((member) => satisfies(requirement, member))
      ? []
      : [{ key, path: ['requirementSteps', index], code: 'nobody-satisfies' as const, isWarning: true }],
  );
}

/** A contact that waits would be sent around until it is tired of it. */
function circles(queue: ReviewedQueue, byKey: ReadonlyMap<string, ReviewedQueue>): Finding[] {
  const { key, sendsWaitingTo } = queue;
  return sendsWaitingTo.flatMap((next, index) => {
    const way = next === null ? undefined : wayFrom(next, key, byKey);
    if (way === undefined) return [];
    const path = ['overflow', index, 'target'];
    return [{ key, path, code: 'overflow-circle' as const, isWarning: false, through: [key, ...way] }];
  });
}

/** The shortest way by overflow, both ends included; undefined when there is none. */
function wayFrom(
  from: string,
  goal: string,
  byKey: ReadonlyMap<string, ReviewedQueue>,
): string[] | undefined {
  const ways = new Map([[from, [from]]]);
  for (const [key, way] of ways) {
    if (key === goal) return way;
    for (const next of byKey.get(key)?.sendsWaitingTo ?? []) {
      if (next !== null && !ways.has(next)) ways.set(next, [...way, next]);
    }
  }
  return undefined;
}
