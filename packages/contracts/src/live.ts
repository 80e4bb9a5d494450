import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import { AgentActivity, AgentStatus, LegParty, SupervisionMode } from './states.ts';
import { AgentId, ContactId, EntryId, LegId, QueueId } from './ids.ts';
import { LegQuality } from './quality.ts';
import { Requirement } from './skills.ts';

/** What is true this moment, as the API serves it and the stream pushes it. Instants are ISO 8601 in UTC. */
const instant = z.iso.datetime();

/** Why an agent can or cannot take an offer now (AVL-02): one function, one answer. */
export const Readiness = z.object({
  ready: z.boolean(),
  /** Stable code, first that applies: `ready`, `status-offline`, `status-break`, `no-device`, `device-unreachable`,
   * `not-responding`, `wrap-up`, `at-capacity`, `backing-off`, `device-failing`. */
  reason: z.string(),
  /** When this reason ends by itself, if it does. */
  until: instant.nullable(),
});
export type Readiness = z.infer<typeof Readiness>;

export const AgentLive = z.object({
  id: AgentId,
  username: z.string(),
  name: z.string(),
  status: AgentStatus,
  reasonCode: z.string().nullable(),
  /** A status chosen during a contact, which applies after it (rule 5). */
  nextStatus: AgentStatus.nullable(),
  activity: AgentActivity,
  activitySince: instant,
  readiness: Readiness,
  contacts: z.array(
    z.object({
      contactId: ContactId,
      queueId: QueueId.nullable(),
      callerPhone: z.string(),
      callerName: z.string(),
      /** When the customer came, or the call was begun. */
      startedAt: instant,
      state: z.string(),
    }),
  ),
  wrapUpUntil: instant.nullable(),
  /** Offers that ran out one after the other; an accepted one, or choosing available, begins anew. */
  missedInRow: z.number().int(),
  devices: z.array(
    z.object({
      kind: z.enum(['sip', 'browser', 'external']),
      address: z.string(),
      reachable: z.boolean(),
      reason: z.string(),
      /** When it registered or answered last; null when it is not registered, and of a number outside. */
      lastHeartbeatAt: instant.nullable(),
    }),
  ),
  /** Of these devices: whether one can be reached, and when any was heard of last (AVL-01). */
  deviceConnected: z.boolean(),
  lastHeartbeatAt: instant.nullable(),
  /** Contacts at the same time. */
  capacity: z.number().int(),
  queueIds: z.array(QueueId),
  today: z.object({
    answered: z.number().int(),
    handleSecondsMean: z.number().nullable(),
    occupancy: z.number().nullable(),
  }),
});
export type AgentLive = z.infer<typeof AgentLive>;

export const QueueStats = z.object({
  queueId: QueueId,
  /** Rule 17: offered = answered + abandoned + overflowed + callbacks + waiting, to the unit. */
  offered: z.number().int(),
  answered: z.number().int(),
  abandoned: z.number().int(),
  overflowed: z.number().int(),
  callbacks: z.number().int(),
  waiting: z.number().int(),
  /** Refused before entering the queue; not part of offered. */
  deflected: z.number().int(),
  shortAbandons: z.number().int(),
  answeredWithin: z.number().int(),
  abandonedWithin: z.number().int(),
  /** Conversations that are over: what the means of handle time and talk are means of. */
  handled: z.number().int(),
  /** `answeredWithin/(answered+abandoned−shortAbandons)`; null while there is nothing to divide by. */
  serviceLevel: z.number().nullable(),
  serviceLevelSeconds: z.number(),
  serviceLevelTarget: z.number(),
  longestWaitSince: instant.nullable(),
  /** ASA, seconds. */
  averageSpeedOfAnswerSeconds: z.number().nullable(),
  /** AHT, seconds. */
  averageHandleSeconds: z.number().nullable(),
  averageTalkSeconds: z.number().nullable(),
  abandonRate: z.number().nullable(),
  agentsReady: z.number().int(),
  agentsStaffed: z.number().int(),
  /** Of the staffed those who are available and can be reached, whatever they are busy with. */
  agentsWorking: z.number().int(),
  /** What an ordinary call that entered now would wait; null without data. */
  estimatedWaitSeconds: z.number().nullable(),
  /** Half of the answered were told a wait that was wrong by this or less; null without data. */
  estimateErrorSecondsMedian: z.number().nullable(),
  /** By the business hours, and until when that holds; null when the queue has none. */
  open: z.boolean(),
  openUntil: instant.nullable(),
  /** Agents that the arrivals of the last half hour need for the target; null without data. See `core/staffing`. */
  staffing: z
    .object({
      agentsNeeded: z.number().int(),
      callsPerHour: z.number(),
      serviceLevelExpected: z.number(),
      abandonRateExpected: z.number(),
    })
    .nullable(),
  /** Of the agents who serve the queue, of their day: `(talk + hold + wrap-up) / (that + idle)`, in whichever queue; null without data. */
  occupancy: z.number().nullable(),
  /** Of the same, of their day so far: adherent / scheduled time; null when none of them was scheduled. */
  adherence: z.number().nullable(),
  /** When callers give up, measured over the latest 1,000 stays; null while fewer than 20 gave up. See `core/metrics`. */
  patience: z
    .object({
      abandons: z.number().int(),
      /** Half give up within this time if nobody answers; null when fewer did as far as is seen. */
      medianSeconds: z.number().nullable(),
      /** The chance that who has waited so many whole minutes gives up within the next one unless answered, 0–1. */
      riskByMinute: z.array(z.number()).max(60),
      /** Of the latest 500 stays: how many were predicted to give up before each was known, and how many did. */
      expectedAbandons: z.number(),
      observedAbandons: z.number().int(),
      /** What was predicted agrees with what happened: within two standard deviations, of at least five. */
      usable: z.boolean(),
    })
    .nullable(),
  since: instant,
  /** Waiting contacts sampled each minute of the last hour, oldest first. */
  depth: z.array(z.number().int()).max(60),
});
export type QueueStats = z.infer<typeof QueueStats>;

/**
 * The chance that a caller who has waited so long gives up within the next minute unless answered; null while the prediction of the
 * queue is not usable, and after longer waits than it covers.
 */
export function abandonRisk(patience: QueueStats['patience'], waitedMs: number): number | null {
  if (patience === null || !patience.usable) return null;
  return patience.riskByMinute[Math.floor(Math.max(0, waitedMs) / 60_000)] ?? null;
}

export const QueueEntry = z.object({
  entryId: EntryId,
  contactId: ContactId,
  queueId: QueueId,
  /** `outbound`: a callback that is due, with nobody on the line. */
  direction: z.enum(['inbound', 'outbound']),
  callerPhone: z.string(),
  callerName: z.string(),
  /** What was dialled. */
  number: z.string(),
  /** Of customers, in which the caller is. */
  segments: z.array(z.string()),
  /** What the requirement step in force asks of an agent, with what the contact itself asks for. */
  requirement: Requirement.nullable(),
  /** That the flow has found out; null: nothing is known. */
  language: PromptLanguage.nullable(),
  /** `routing`: offered to an agent at this moment. */
  status: z.enum(['waiting', 'routing']),
  position: z.number().int(),
  /** The class that holds now; ageing has made it of the one given on entry. */
  priority: z.number().int(),
  givenPriority: z.number().int(),
  /** The true wait counts from here, the routing age from `agedSince`. */
  enteredAt: instant,
  agedSince: instant,
  /** The agent who rings, of several the first. */
  offeredTo: AgentId.nullable(),
  routingAttempts: z.number().int(),
  /** From now; null without data. */
  estimatedWaitSeconds: z.number().nullable(),
  /** The chance to give up within the next minute unless answered, 0–1; null without data of which the queue's `patience` says that it is usable. */
  abandonRisk: z.number().nullable(),
});
export type QueueEntry = z.infer<typeof QueueEntry>;

/** A live leg, as `GET /calls` lists it. */
export const LiveCall = z.object({
  id: LegId,
  contactId: ContactId,
  party: LegParty,
  agentId: AgentId.nullable(),
  queueId: QueueId.nullable(),
  carrier: z.string(),
  carrierId: z.string(),
  address: z.string(),
  number: z.string(),
  state: z.enum(['ringing', 'waiting', 'talking', 'hold', 'ending']),
  /** What the leg is to the conversation. */
  role: z.enum(['customer', 'agent', 'consulted', 'party', 'supervisor']),
  muted: z.boolean(),
  /** How a supervisor takes part; null for everybody else. */
  supervision: z.enum([...SupervisionMode.options, 'take-over']).nullable(),
  /** The conversation lets no further party in; it is recorded; its recording is paused. */
  locked: z.boolean(),
  recorded: z.boolean(),
  recordingPaused: z.boolean(),
  /** When the customer of this leg began to wait in the queue; null for whoever does not, as in a flow or a conversation. */
  waitingSince: instant.nullable(),
  since: instant,
  startedAt: instant,
  /** Refreshed every few seconds; null before there is sound. */
  quality: LegQuality.nullable(),
});
export type LiveCall = z.infer<typeof LiveCall>;
