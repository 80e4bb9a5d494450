import type { AgentId, AgentLive, LiveCall, QueueStats } from '@crosspoint/contracts';

/**
 * Figures over several queues, by the formulas that `contracts` names for one queue. A mean is weighted with what it
 * is the mean of, a ratio is made from the sums and never from other ratios.
 */
export interface BoardFigures {
  waiting: number;
  longestWaitSince: string | null;
  offered: number;
  answered: number;
  abandoned: number;
  abandonRate: number | null;
  serviceLevel: number | null;
  /** Target and seconds when all queues agree on them, else null. */
  serviceLevelTarget: number | null;
  serviceLevelSeconds: number | null;
  averageHandleSeconds: number | null;
  averageTalkSeconds: number | null;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function contactsWaiting(queues: readonly QueueStats[]): number {
  return sum(queues.map((queue) => queue.waiting));
}

function weightedMean(pairs: readonly { value: number | null; weight: number }[]): number | null {
  const known = pairs.filter((pair) => pair.value !== null);
  const weight = sum(known.map((pair) => pair.weight));
  if (weight === 0) return null;
  return sum(known.map((pair) => (pair.value ?? 0) * pair.weight)) / weight;
}

function agreed(values: readonly number[]): number | null {
  const first = values[0];
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

export function boardFigures(queues: readonly QueueStats[]): BoardFigures {
  const answered = sum(queues.map((queue) => queue.answered));
  const abandoned = sum(queues.map((queue) => queue.abandoned));
  const offered = sum(queues.map((queue) => queue.offered));
  const counted = sum(queues.map((queue) => queue.answered + queue.abandoned - queue.shortAbandons));
  const finished = answered + abandoned;
  const longest = queues
    .map((queue) => queue.longestWaitSince)
    .filter((since) => since !== null)
    .sort();
  return {
    waiting: contactsWaiting(queues),
    longestWaitSince: longest[0] ?? null,
    offered,
    answered,
    abandoned,
    abandonRate: finished > 0 ? abandoned / finished : null,
    serviceLevel: counted > 0 ? sum(queues.map((queue) => queue.answeredWithin)) / counted : null,
    serviceLevelTarget: agreed(queues.map((queue) => queue.serviceLevelTarget)),
    serviceLevelSeconds: agreed(queues.map((queue) => queue.serviceLevelSeconds)),
    averageHandleSeconds: weightedMean(
      queues.map((queue) => ({ value: queue.averageHandleSeconds, weight: queue.handled })),
    ),
    averageTalkSeconds: weightedMean(
      queues.map((queue) => ({ value: queue.averageTalkSeconds, weight: queue.handled })),
    ),
  };
}

/** Where does it hurt? Contacts that wait with nobody ready, then missed targets, then the longest wait. */
export function worstFirst(queues: readonly QueueStats[]): QueueStats[] {
  const unattended = (queue: QueueStats): number => (queue.agentsReady === 0 ? queue.waiting : 0);
  const missed = (queue: QueueStats): number =>
    queue.serviceLevel === null ? 0 : Math.max(0, queue.serviceLevelTarget - queue.serviceLevel);
  const since = (queue: QueueStats): number =>
    queue.longestWaitSince === null ? Number.POSITIVE_INFINITY : Date.parse(queue.longestWaitSince);
  return [...queues].sort(
    (a, b) =>
      Math.sign(b.waiting) - Math.sign(a.waiting) ||
      unattended(b) - unattended(a) ||
      missed(b) - missed(a) ||
      since(a) - since(b) ||
      b.offered - a.offered ||
      a.queueId.localeCompare(b.queueId),
  );
}

/** A queue that needs somebody now: below its target with contacts waiting, or waiting with nobody ready. */
export function hurts(queue: QueueStats): boolean {
  if (queue.waiting === 0) return false;
  const belowTarget = queue.serviceLevel !== null && queue.serviceLevel < queue.serviceLevelTarget;
  return belowTarget || queue.agentsReady === 0;
}

const activityOrder: readonly AgentLive['activity'][] = [
  'not-responding',
  'unreachable',
  'on-contact',
  'hold',
  'offered',
  'wrap-up',
  'idle',
  'break',
  'offline',
];

/** Agents by state, those who need attention first; within a state who is in it longest. */
export function agentsByState(agents: readonly AgentLive[]): AgentLive[] {
  return [...agents].sort(
    (a, b) =>
      activityOrder.indexOf(a.activity) - activityOrder.indexOf(b.activity) ||
      a.activitySince.localeCompare(b.activitySince) ||
      a.name.localeCompare(b.name),
  );
}

/** The number or user name at the far end of a leg, without what belongs to SIP. Empty when withheld. */
export function farEndOf({ address }: LiveCall): string {
  return address.replace(/^sips?:/, '').replace(/@.*$/, '');
}

/** Who is at the other end of a contact, as the customer's leg tells. */
export function customerOf(call: LiveCall): string {
  return call.party === 'customer' ? farEndOf(call) : '';
}

/** With whom the customer of a contact speaks: its agent, else somebody who was called in. A supervisor who takes part is nobody's agent. */
export function agentIdOf(calls: Iterable<LiveCall>, contactId: LiveCall['contactId']): AgentId | null {
  let other: AgentId | null = null;
  for (const call of calls) {
    if (call.contactId !== contactId || call.agentId === null) continue;
    if (call.role === 'agent') return call.agentId;
    if (call.role !== 'supervisor') other ??= call.agentId;
  }
  return other;
}

/** The leg of a customer who waits in a queue. */
export type WaitingCall = LiveCall & { waitingSince: string };

/** The legs of customers who wait in a queue, longest first; whoever hears a flow does not wait. */
export function waitingCalls(calls: readonly LiveCall[]): WaitingCall[] {
  return calls
    .filter((call): call is WaitingCall => call.waitingSince !== null)
    .sort((a, b) => a.waitingSince.localeCompare(b.waitingSince));
}

/** Every contact once: the leg of its customer, or of its agent when there is no other. Newest last. */
export function liveContacts(calls: readonly LiveCall[]): LiveCall[] {
  const byContact = new Map<string, LiveCall>();
  for (const call of calls) {
    if (call.party === 'customer' || !byContact.has(call.contactId)) byContact.set(call.contactId, call);
  }
  return [...byContact.values()].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}
