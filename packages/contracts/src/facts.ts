import { z } from 'zod';
import { PromptLanguage } from './announcements.ts';
import {
  AgentId,
  ConferenceId,
  ContactId,
  EntryId,
  LegId,
  OfferId,
  QueueId,
  RecordingId,
  UserId,
  VoicemailId,
} from './ids.ts';
import { AgentActivity, AgentStatus, LegParty, SupervisionMode } from './states.ts';
import { SpokenAnswer } from './flow-speech.ts';
import { LegQuality } from './quality.ts';
import { RoutingCondition, RoutingScriptFailure, RoutingTarget } from './routing.ts';

/**
 * The facts of a contact: what happened, appended once and never changed. Everything shown about a contact, a queue
 * or an agent's day is derived from these (see `core/src/contacts` and `core/src/metrics`).
 * The map is the one place that names them: storage, stream, timeline and documentation all come from it.
 */
/** Every ending has a verdict, decided where it happened. `reason` is a stable code such as `sip-486`. */
export const Verdict = z.object({
  result: z.enum(['completed', 'rejected', 'busy', 'no-answer', 'cancelled', 'failed', 'lost']),
  reason: z.string().max(64),
});
export type Verdict = z.infer<typeof Verdict>;

export const ContactOutcome = z.enum([
  'answered',
  'abandoned',
  'overflowed',
  'callback',
  'deflected',
  'failed',
]);
export type ContactOutcome = z.infer<typeof ContactOutcome>;

export const OfferResult = z.enum([
  'accepted',
  'rejected',
  'busy',
  'timed-out',
  'failed',
  'cancelled',
  'rescinded',
]);
export type OfferResult = z.infer<typeof OfferResult>;

/** What chose the agent where prediction can: measured outcomes, or the strategy, drawn by lot or because prediction could not. */
export const ChosenBy = z.enum(['predicted', 'control', 'standard']);
export type ChosenBy = z.infer<typeof ChosenBy>;

export const ContactFactData = {
  'contact.started': z.object({
    direction: z.enum(['inbound', 'outbound']),
    /** The number that was dialled, as the customer dialled it. */
    number: z.string(),
    callerPhone: z.string(),
    callerName: z.string(),
    carrier: z.string(),
    legId: LegId,
    /** The trunk it came by, by name. */
    trunk: z.string().optional(),
    /** From which numbers it was passed on to us, the last one first, and why. */
    diversions: z.array(z.object({ number: z.string(), reason: z.string() })).optional(),
  }),
  'contact.deflected': z.object({ reason: z.string(), queueId: QueueId.optional() }),
  'leg.added': z.object({ legId: LegId, party: LegParty, agentId: AgentId.optional(), address: z.string() }),
  'leg.ended': z.object({
    legId: LegId,
    party: LegParty,
    by: z.enum(['remote', 'local', 'timeout', 'transport']),
    verdict: Verdict,
    /** Absent without sound long enough to judge. */
    quality: LegQuality.optional(),
  }),
  /** The rules of routing were asked. Without `ruleId` none took the contact. */
  'routing.decided': z.object({
    version: z.number().int().positive(),
    ruleId: z.string().optional(),
    rule: z.string().optional(),
    /** In words: `queue support`, `agent alice`, `nobody`. */
    target: z.string(),
    /** A sentence in English. */
    reason: z.string(),
    to: RoutingTarget.optional(),
    /** The condition that held. */
    when: RoutingCondition.optional(),
    /** Rules before it whose scripts failed. */
    failures: z.array(RoutingScriptFailure).optional(),
  }),
  /** A flow answered the call. */
  'flow.started': z.object({ flow: z.string(), version: z.number().int().positive() }),
  /**
   * The caller went through one node; `input` is empty when it is secret. `reason`: why it failed or was refused. `spoken`: what was
   * recognised, attempt by attempt.
   */
  'flow.passed': z.object({
    flow: z.string(),
    node: z.string(),
    kind: z.string(),
    exit: z.string(),
    input: z.string(),
    durationMs: z.number().nonnegative(),
    reason: z.string().optional(),
    spoken: z.array(SpokenAnswer).optional(),
  }),
  'flow.ended': z.object({ flow: z.string(), reason: z.string() }),
  /** The caller answered one question of a survey. */
  'survey.answered': z.object({ flow: z.string(), question: z.string(), score: z.number().int() }),
  'queue.entered': z.object({
    entryId: EntryId,
    queueId: QueueId,
    priority: z.number().int(),
    position: z.number().int(),
    /** What the caller could have been told; null without data. */
    estimatedWaitMs: z.number().nonnegative().nullable().optional(),
    /** Routing age that a former place or another queue gave it; not part of the true wait. */
    agedMs: z.number().nonnegative().optional(),
    /** In which language the caller was spoken with; absent when no flow did. */
    language: PromptLanguage.optional(),
    /** A callback that is due: nobody holds the line. */
    isCallback: z.literal(true).optional(),
  }),
  'queue.left': z.object({
    entryId: EntryId,
    queueId: QueueId,
    result: z.enum(['answered', 'abandoned', 'overflowed', 'callback']),
    reason: z.string(),
    /** True wait, never altered by priority or ageing. */
    waitMs: z.number().nonnegative(),
    agentId: AgentId.optional(),
    /** A callback that was due: nobody held the line. */
    isCallback: z.literal(true).optional(),
  }),
  'offer.made': z.object({
    offerId: OfferId,
    entryId: EntryId,
    queueId: QueueId,
    agentId: AgentId,
    ringTimeoutMs: z.number().int().positive(),
    /** Why this agent, in stable words for the explanation, e.g. `longest-idle`. */
    why: z.string(),
    consideredCount: z.number().int().nonnegative(),
    /** In a queue with predictive routing: what chose the agent. `control` is the strategy, for the comparison. */
    by: ChosenBy.optional(),
    /** The ready agents next in line, at most five, and why each stood behind. */
    considered: z.array(z.object({ agentId: AgentId, reason: z.string() })).optional(),
    /** The members of the queue by the first reason against an offer; who could have taken it counts as `ready`. */
    against: z.record(z.string(), z.number().int()).optional(),
    /** Version of the queue's settings and number of the requirement step under which it was made. */
    rulesVersion: z.number().int().optional(),
    step: z.number().int().optional(),
  }),
  'offer.ended': z.object({
    offerId: OfferId,
    queueId: QueueId,
    agentId: AgentId,
    result: OfferResult,
    reason: z.string(),
    ringMs: z.number().nonnegative(),
  }),
  /** The next requirement step is in force. */
  'entry.relaxed': z.object({
    entryId: EntryId,
    queueId: QueueId,
    step: z.number().int().positive(),
    steps: z.number().int().positive(),
  }),
  /** The class changed: by ageing, or because a supervisor gave another. */
  'entry.aged': z.object({ entryId: EntryId, queueId: QueueId, priority: z.number().int() }),
  'entry.overridden': z.object({
    entryId: EntryId,
    queueId: QueueId,
    action: z.enum(['moved', 'reprioritised', 'assigned', 'removed']),
    toQueueId: QueueId.optional(),
    agentId: AgentId.optional(),
    priority: z.number().int().optional(),
    by: z.enum(['supervisor', 'system']),
    byUserId: z.string().nullable(),
  }),
  'segment.started': z.object({
    segment: z.number().int().positive(),
    /** Absent when the customer talks with a number outside. */
    agentId: AgentId.optional(),
    /** Absent when no queue gave the contact to this agent. */
    queueId: QueueId.optional(),
    legId: LegId,
    /** The conversation was handed over by somebody who had it before. */
    via: z.enum(['transfer', 'conference', 'take-over']).optional(),
  }),
  'segment.ended': z.object({
    segment: z.number().int().positive(),
    agentId: AgentId.optional(),
    talkMs: z.number().nonnegative(),
    holdMs: z.number().nonnegative(),
    reason: z.string(),
  }),
  'hold.started': z.object({ by: LegParty, agentId: AgentId.optional() }),
  'hold.ended': z.object({ by: LegParty, agentId: AgentId.optional() }),
  /** Somebody sends the customer elsewhere. Of a queue, agent and number exactly one is there. */
  'transfer.started': z.object({
    kind: z.enum(['blind', 'attended']),
    byAgentId: AgentId.optional(),
    queueId: QueueId.optional(),
    agentId: AgentId.optional(),
    number: z.string().optional(),
    legId: LegId.optional(),
  }),
  /** `next`: who has the customer now that the one who was called did not come. */
  'transfer.failed': z.object({ reason: z.string(), next: z.enum(['queue', 'agent', 'flow', 'nobody']) }),
  /** The agent speaks with somebody else in private while the customer hears music. */
  'consult.started': z.object({
    legId: LegId,
    byAgentId: AgentId.optional(),
    agentId: AgentId.optional(),
    number: z.string().optional(),
  }),
  /** The agent turned to the other side. */
  'consult.swapped': z.object({ with: z.enum(['customer', 'consulted']) }),
  'consult.ended': z.object({
    legId: LegId,
    result: z.enum(['transferred', 'joined', 'ended']),
    reason: z.string(),
    talkMs: z.number().nonnegative(),
  }),
  /** Somebody is in the conversation besides the customer and its agent. */
  'party.joined': z.object({ legId: LegId, agentId: AgentId.optional(), number: z.string().optional() }),
  'party.changed': z.object({ legId: LegId, muted: z.boolean(), held: z.boolean() }),
  'party.left': z.object({ legId: LegId, reason: z.string(), presentMs: z.number().nonnegative() }),
  'conference.locked': z.object({ locked: z.boolean() }),
  /** Into a scheduled conference, by a PIN or from the desk; `waiting`: until a moderator is there. */
  'conference.joined': z.object({
    conferenceId: ConferenceId,
    conference: z.string(),
    role: z.enum(['participant', 'moderator']),
    state: z.enum(['waiting', 'present']),
  }),
  'conference.left': z.object({
    conferenceId: ConferenceId,
    conference: z.string(),
    reason: z.string(),
    presentMs: z.number().nonnegative(),
  }),
  /** Somebody was not let in: a wrong PIN, a locked or full conference. */
  'conference.refused': z.object({ reason: z.string() }),
  /** Rule 20: modes of one attachment. */
  'supervision.started': z.object({ legId: LegId, userId: UserId, mode: SupervisionMode }),
  'supervision.changed': z.object({ legId: LegId, userId: UserId, mode: SupervisionMode }),
  'supervision.ended': z.object({
    legId: LegId,
    userId: UserId,
    reason: z.string(),
    presentMs: z.number().nonnegative(),
  }),
  /** Who answered a call that we made, judged by the sound since the answer; `reason` says by what. */
  'answer.detected': z.object({
    legId: LegId,
    verdict: z.enum(['human', 'machine', 'unknown']),
    reason: z.string(),
    /** Since the answer; the next two are of what was heard until then. */
    atMs: z.number().nonnegative(),
    greetingMs: z.number().nonnegative(),
    words: z.number().int().nonnegative(),
  }),
  /** The greeting of a machine is over: what is said now is its message. */
  'message.ready': z.object({
    legId: LegId,
    reason: z.enum(['beep', 'silence', 'time-out']),
    atMs: z.number().nonnegative(),
  }),
  'digit.received': z.object({ legId: LegId, party: LegParty, digit: z.string().max(1) }),
  /** `segment` 0: what the caller said to a flow, with nobody in conversation. */
  'recording.started': z.object({ recordingId: RecordingId, segment: z.number().int().nonnegative() }),
  /** Rule 18: whom the right channel holds from now on; the left one always holds the customer. */
  'recording.channels': z.object({
    recordingId: RecordingId,
    right: z.enum(['agent', 'everybody', 'nobody']),
  }),
  /** Somebody had a conversation recorded, or its recording ended, other than the queue says. */
  'recording.commanded': z.object({
    recordingId: RecordingId,
    recording: z.boolean(),
    byUserId: UserId.nullable(),
  }),
  /** Rule 19: silence of the true length until resumed. */
  'recording.paused': z.object({ recordingId: RecordingId, byUserId: UserId.nullable(), reason: z.string() }),
  'recording.resumed': z.object({
    recordingId: RecordingId,
    byUserId: UserId.nullable(),
    pausedMs: z.number().nonnegative(),
  }),
  'recording.ended': z.object({
    recordingId: RecordingId,
    segment: z.number().int().nonnegative(),
    durationMs: z.number().nonnegative(),
    result: z.enum(['complete', 'failed']),
    reason: z.string(),
  }),
  /** The caller has left a message in a box: what this recording holds. */
  'voicemail.left': z.object({
    voicemailId: VoicemailId,
    box: z.string(),
    recordingId: RecordingId,
    durationMs: z.number().nonnegative(),
  }),
  'wrapup.started': z.object({ agentId: AgentId, queueId: QueueId, until: z.number().nullable() }),
  /** It ends later, or earlier, than it would have. */
  'wrapup.extended': z.object({ agentId: AgentId, queueId: QueueId, until: z.number() }),
  'wrapup.ended': z.object({
    agentId: AgentId,
    queueId: QueueId,
    durationMs: z.number().nonnegative(),
    by: z.enum(['agent', 'timer', 'supervisor', 'system']),
  }),
  /** What came of the contact, by a code of its queue; the latest one counts. `label`: as it read then. */
  'disposition.set': z.object({ code: z.string(), label: z.string(), byUserId: UserId }),
  'note.added': z.object({ text: z.string(), byUserId: UserId }),
  /** The customer is gone: the outcome is decided here, exactly once. */
  'contact.ended': z.object({ outcome: ContactOutcome, reason: z.string() }),
  /** The last wrap-up is over: nothing follows but what people note afterwards. */
  'contact.closed': z.object({}),
  /** The reconciler of rule 7 found a difference from reality and repaired it. Should never be seen. */
  'repair.made': z.object({ what: z.string(), detail: z.string() }),
} as const;

export type ContactFactType = keyof typeof ContactFactData;
/** One fact of one contact. `seq` counts from 1 within the contact without gaps; `at` never runs backwards in it. */
export type ContactFact = {
  [Type in ContactFactType]: {
    contactId: ContactId;
    seq: number;
    at: number;
    type: Type;
    data: z.infer<(typeof ContactFactData)[Type]>;
  };
}[ContactFactType];
export type ContactFactOf<Type extends ContactFactType> = Extract<ContactFact, { type: Type }>;
/** A fact before its machine has numbered it. */
export type ContactFactBody = {
  [Type in ContactFactType]: { type: Type; data: z.infer<(typeof ContactFactData)[Type]> };
}[ContactFactType];

/** The facts of an agent's day. */
export const AgentFactData = {
  'status.chosen': z.object({
    status: AgentStatus,
    reasonCode: z.string().nullable(),
    by: z.enum(['agent', 'supervisor', 'system']),
    byUserId: z.string().nullable(),
  }),
  'activity.changed': z.object({
    activity: AgentActivity,
    previous: AgentActivity,
    previousMs: z.number().nonnegative(),
    contactId: ContactId.nullable(),
  }),
  'device.changed': z.object({ reachable: z.boolean(), reason: z.string() }),
} as const;
export type AgentFactType = keyof typeof AgentFactData;
export type AgentFact = {
  [Type in AgentFactType]: {
    agentId: AgentId;
    at: number;
    type: Type;
    data: z.infer<(typeof AgentFactData)[Type]>;
  };
}[AgentFactType];
