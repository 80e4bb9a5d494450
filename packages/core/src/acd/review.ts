import type { BusinessHours, EpochMs, OverflowCondition, Requirement } from '@crosspoint/contracts';
import { dayFaults, neverOpens } from '../hours/index.ts';
import { type Attributes, isImpossible, satisfies } from './requirement.ts';

export interface ReviewedMember extends Attributes {
  key: string;
  delaySeconds: number;
}

export interface ReviewedRule {
  condition: OverflowCondition;
  /** The queue it leads to; null for a target of another kind. */
  queue: string | null;
  /** Its target takes whoever comes to it, so that no later rule is asked. */
  takesAll: boolean;
  /** A number that nobody has. */
  leadsNowhere: boolean;
}

/** What a review has to know of a queue; `key` names it among the others, by id or by name. */
export interface ReviewedQueue {
  key: string;
  /** What each requirement step asks for, and whom it names, by the keys of members. */
  steps: readonly { requirement: Requirement | null; agents: readonly string[] }[];
  overflow: readonly ReviewedRule[];
  maxWaitSeconds: number;
  /** Whether the queue is ever closed; `hours` are its own, where it has any to be reviewed. */
  hasHours: boolean;
  hours: BusinessHours | null;
  /** Which priority rules fit everybody. */
  priorityForAll: readonly boolean[];
  members: readonly ReviewedMember[];
  /** Which of the good dispositions of predictive routing are none of the queue's, by their places. */
  unknownDispositions: readonly number[];
}

export interface Finding {
  key: string;
  path: readonly (string | number)[];
  code:
    | 'nobody-satisfies'
    | 'contradicts-itself'
    | 'nobody-in-time'
    | 'never-applies'
    | 'never-opens'
    | 'no-such-day'
    | 'day-twice'
    | 'leads-nowhere'
    | 'overflow-circle'
    | 'unknown-disposition';
  /** A warning is allowed; anything else is an error. */
  isWarning: boolean;
  /** Of a circle: the queues that it goes through, from this one back to it. */
  through?: readonly string[];
}

/** Settings that contradict themselves or each other, found when they are saved rather than when a caller waits. */
export function reviewQueues(queues: readonly ReviewedQueue[], now: EpochMs): Finding[] {
  const byKey = new Map(queues.map((queue) => [queue.key, queue]));
  return queues.flatMap((queue) => {
    const { key } = queue;
    const error = (code: Finding['code'], ...path: Finding['path']) => ({
      key,
      path,
      code,
      isWarning: false,
    });
    return [
      ...unsatisfiable(queue),
      ...circles(queue, byKey),
      ...idleRules(queue).map((path) => ({ key, path, code: 'never-applies' as const, isWarning: true })),
      ...queue.overflow.flatMap(({ leadsNowhere }, index) =>
        leadsNowhere ? [{ ...error('leads-nowhere', 'overflow', index, 'target'), isWarning: true }] : [],
      ),
      ...(queue.hours !== null && neverOpens(queue.hours, now) ? [error('never-opens', 'hours')] : []),
      ...(queue.hours === null ? [] : dayFaults(queue.hours)).map(({ index, code }) =>
        error(code, 'hours', 'specialDays', index, 'day'),
      ),
      ...queue.unknownDispositions.map((index) =>
        error('unknown-disposition', 'predictive', 'goodDispositions', index),
      ),
    ];
  });
}

/** A queue without agents is being built; of its steps is said only what no agent could ever satisfy. */
function unsatisfiable({ key, steps, members, maxWaitSeconds }: ReviewedQueue): Finding[] {
  const findings = steps.flatMap(({ requirement, agents }, index): Finding[] => {
    const path = ['requirementSteps', index];
    if (requirement === null) return [];
    if (isImpossible(requirement)) return [{ key, path, code: 'contradicts-itself', isWarning: false }];
    const asked = agents.length === 0 ? members : members.filter((member) => agents.includes(member.key));
    // Of those who are named and serve other queues nothing is known here.
    if (asked.length < agents.length || asked.length === 0) return [];
    const isSatisfied = asked.some((member) => satisfies(requirement, member));
    return isSatisfied ? [] : [{ key, path, code: 'nobody-satisfies', isWarning: true }];
  });
  const isLate = members.length > 0 && members.every(({ delaySeconds }) => delaySeconds >= maxWaitSeconds);
  if (maxWaitSeconds > 0 && isLate) {
    findings.push({ key, path: ['agents'], code: 'nobody-in-time', isWarning: true });
  }
  return findings;
}

/** Rules behind others that take everybody, behind the longest wait, or about hours that the queue has not. */
function idleRules({ overflow, maxWaitSeconds, hasHours, priorityForAll }: ReviewedQueue): Finding['path'][] {
  const isIdle = ({ condition }: ReviewedRule, index: number): boolean => {
    if (condition.when === 'closed' && !hasHours) return true;
    const isBehind = overflow
      .slice(0, index)
      .some((former) => former.takesAll && holdsWhenever(former.condition, condition));
    if (isBehind || !('afterSeconds' in condition)) return isBehind;
    return maxWaitSeconds > 0 && condition.afterSeconds >= maxWaitSeconds;
  };
  const everybody = priorityForAll.indexOf(true);
  return [
    ...overflow.flatMap((rule, index) => (isIdle(rule, index) ? [['overflow', index]] : [])),
    ...priorityForAll.flatMap((_, index) =>
      everybody >= 0 && index > everybody ? [['priorityRules', index]] : [],
    ),
  ];
}

/** Whether the one condition holds at every instant at which the other one holds for a contact that waits. */
function holdsWhenever(one: OverflowCondition, other: OverflowCondition): boolean {
  if (one.when === 'waited') {
    return 'afterSeconds' in other && other.afterSeconds > 0 && other.afterSeconds >= one.afterSeconds;
  }
  return one.when === other.when && (one.when === 'closed' || one.when === 'full');
}

/** A contact that waits would be sent around until it is tired of it; to itself no rule can send at all. */
function circles(queue: ReviewedQueue, byKey: ReadonlyMap<string, ReviewedQueue>): Finding[] {
  const { key, overflow } = queue;
  return overflow.flatMap(({ condition, queue: next }, index) => {
    const way =
      next === key ? [key] : condition.when === 'waited' && next !== null && wayFrom(next, key, byKey);
    if (way === false || way === undefined) return [];
    const path = ['overflow', index, 'target'];
    return [{ key, path, code: 'overflow-circle' as const, isWarning: false, through: [key, ...way] }];
  });
}

/** The shortest way by overflow of those who waited, both ends included; undefined when there is none. */
function wayFrom(
  from: string,
  goal: string,
  byKey: ReadonlyMap<string, ReviewedQueue>,
): string[] | undefined {
  const ways = new Map([[from, [from]]]);
  for (const [key, way] of ways) {
    if (key === goal) return way;
    for (const { condition, queue: next } of byKey.get(key)?.overflow ?? []) {
      if (condition.when === 'waited' && next !== null && !ways.has(next)) ways.set(next, [...way, next]);
    }
  }
  return undefined;
}
