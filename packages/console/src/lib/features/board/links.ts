import type { AgentActivity, ContactOutcome } from '@crosspoint/contracts';
import { queryString } from '#lib/api/client.ts';

/** Where the figures of the board lead: to what they count. An empty choice of queues means all of them. */

/** Contacts of today, of these queues and with these outcomes. */
export const contactsToday = (
  today: string,
  queueIds: readonly string[],
  outcome: readonly ContactOutcome[] = [],
): string => `/contacts${queryString({ outcome, queueId: queueIds, from: today })}`;

export const agentsOf = (
  queueIds: readonly string[],
  which: { activity?: readonly AgentActivity[]; ready?: true } = {},
): string =>
  `/supervisor/agents${queryString({ activity: which.activity ?? [], queueId: queueIds, ready: which.ready })}`;

/** A queue with who waits in it; without one the worst. */
export const queueNow = (queueId?: string): string => `/supervisor/queues${queryString({ queue: queueId })}`;
