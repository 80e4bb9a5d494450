import { newId } from '../ids.ts';
import type { Facts } from './types.ts';

/** One accepted `append`, waiting for its commit. */
export interface PendingFacts {
  readonly facts: Facts;
  /** Identifiers of the agent events, drawn once, so that a repeated write stores nothing twice. */
  readonly agentEventIds: readonly string[];
  readonly rows: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** Resolved or rejected. */
  isSettled: boolean;
}

export function countRows(facts: Facts): number {
  return (
    (facts.contactEvents?.length ?? 0) +
    (facts.agentEvents?.length ?? 0) +
    (facts.contacts?.length ?? 0) +
    (facts.recordings?.length ?? 0) +
    (facts.voicemails?.length ?? 0)
  );
}

export function pendingFacts(
  facts: Facts,
  rows: number,
  resolve: () => void,
  reject: (error: Error) => void,
): PendingFacts {
  const agentEventIds = facts.agentEventIds ?? facts.agentEvents?.map(() => newId()) ?? [];
  return { facts, agentEventIds, rows, resolve, reject, isSettled: false };
}
