import type {
  AgentId,
  ContactFact,
  ContactFactBody,
  ContactId,
  EpochMs,
  LegId,
  LegParty,
  OfferId,
  QueueId,
  RecordingId,
} from '@crosspoint/contracts';

/**
 * The door of the contact machine: one machine per contact, from the first ring to the end of wrap-up.
 * To its left stands a carrier, which speaks legs; to its right the distributor, which speaks offers. It decides
 * what is heard by whom and writes the contact's facts.
 */
export type EntryTarget =
  | { kind: 'queue'; queueId: QueueId; priority: number; record: boolean; greeting: null }
  /** Nothing answers here: refuse with the SIP-like code, e.g. 404 for an unknown number. */
  | { kind: 'refuse'; code: number; reason: string };

/** Whom an agent calls. */
export type FarEnd =
  | { kind: 'number'; number: string }
  /** Inside the house, by extension. */
  | { kind: 'agent'; agentId: AgentId; address: string };

/** How a leg ended or failed to come up; `code` is the SIP status (or the nearest for another carrier). */
export interface LegEnd {
  code: number;
  reason: string;
  by: 'remote' | 'local' | 'timeout' | 'transport';
}

export type ContactInput =
  | {
      type: 'contact.arrived';
      legId: LegId;
      number: string;
      callerPhone: string;
      callerName: string;
      carrier: string;
      /** By which trunk it came, and from where it was passed on, as far as that is known. */
      trunk?: string | undefined;
      diversions?: { number: string; reason: string }[] | undefined;
      target: EntryTarget;
    }
  /** An agent calls somebody. */
  | {
      type: 'contact.dialled';
      agentId: AgentId;
      /** The agent's leg: it is here already when the device called, or is to be dialled by command. */
      legId: LegId;
      origin: { kind: 'device' | 'command'; address: string };
      number: string;
      callerPhone: string;
      callerName: string;
      carrier: string;
      /** Ids drawn by the shell, used once the far end is called and recorded. */
      farLegId: LegId;
      recordingId: RecordingId;
      far: FarEnd;
      record: boolean;
      /** Of the agent's device and of the far end, each. */
      ringTimeoutMs: number;
    }
  // What the carrier reports about any leg of this contact.
  | { type: 'leg.ringing'; legId: LegId }
  /** The far end sends sound before it answers: an announcement, a ringing tone of its own. */
  | { type: 'leg.early-media'; legId: LegId }
  /** The leg is up with sound negotiated: our answer was acknowledged, or the far end answered our call. */
  | { type: 'leg.answered'; legId: LegId }
  /** The leg never came up: refused, busy, no answer, unreachable, or cancelled by its caller. */
  | { type: 'leg.failed'; legId: LegId; end: LegEnd }
  | { type: 'leg.ended'; legId: LegId; end: LegEnd }
  /** The far end put us on hold, or took us back (re-INVITE). */
  | { type: 'leg.held'; legId: LegId }
  | { type: 'leg.resumed'; legId: LegId }
  | { type: 'leg.digit'; legId: LegId; digit: string }
  // What the distributor decided.
  | { type: 'entry.accepted' }
  /** `next`: where routing sends it instead. */
  | { type: 'entry.refused'; reason: string; next?: { queueId: QueueId; agedSince?: EpochMs } }
  | {
      type: 'offer.make';
      offerId: OfferId;
      agentId: AgentId;
      queueId: QueueId;
      ringTimeoutMs: number;
      /** Ids drawn by the shell, used if this offer leads to a leg and to a recording. */
      legId: LegId;
      recordingId: RecordingId;
      address: string;
      /** Whether this queue has its conversations recorded; as on arrival by default. */
      record?: boolean;
    }
  | { type: 'offer.withdraw'; offerId: OfferId; reason: 'timed-out' | 'cancelled' | 'rescinded' }
  | { type: 'offer.stale'; offerId: OfferId }
  | { type: 'contact.assigned'; offerId: OfferId; agentId: AgentId; queueId: QueueId }
  | { type: 'contact.overflowed'; reason: string; next?: { queueId: QueueId; agedSince?: EpochMs } }
  | { type: 'contact.wrapped' }
  /** A fact the distributor produced about this contact; it is numbered here. */
  | { type: 'fact'; fact: ContactFactBody }
  // What a person or the API commands. `agentId` is the one in whose name it happens.
  | { type: 'hold.requested'; agentId: AgentId }
  | { type: 'resume.requested'; agentId: AgentId }
  | { type: 'hangup.requested'; legId: LegId; reason: string }
  // What the media plane reports.
  | {
      type: 'recording.ended';
      recordingId: RecordingId;
      durationMs: number;
      result: 'complete' | 'failed';
      reason: string;
    }
  | { type: 'timer.due'; name: string }
  /** A bug or a lost process: end everything of this contact now, with outcome `failed` unless decided already. */
  | { type: 'contact.failed'; reason: string };

export type ContactEffect =
  // To the carrier.
  | { type: 'leg.answer'; legId: LegId }
  /** Refuse a leg that was not answered, with a SIP status 400–699. It is over with this: no report follows. */
  | { type: 'leg.reject'; legId: LegId; code: number; reason: string }
  | {
      type: 'leg.dial';
      legId: LegId;
      agentId: AgentId;
      /** Null when no queue offers the contact: the agent calls, or is called by extension. */
      offerId: OfferId | null;
      address: string;
      callerPhone: string;
      callerName: string;
    }
  /** Call a number outside on behalf of that agent. */
  | { type: 'leg.call'; legId: LegId; agentId: AgentId; number: string }
  /** Tell a caller who was not answered that the far end rings, or let the sound of the far end through. */
  | { type: 'leg.progress'; legId: LegId; withSound: boolean }
  /**
   * End a leg in any state: 487 cancels one that rings, 200 ends one that was up. Idempotent; it is sent once more when an
   * answer crosses the cancellation. `leg.failed` or `leg.ended` follows.
   */
  | { type: 'leg.hangup'; legId: LegId; code: number; reason: string }
  // To the media plane. A leg hears its bridge unless something is played to it.
  | { type: 'media.play'; legId: LegId; source: 'music' | 'ringback' | 'silence' }
  | { type: 'media.stop'; legId: LegId }
  | { type: 'media.bridge'; a: LegId; b: LegId }
  | { type: 'media.unbridge'; a: LegId; b: LegId }
  | {
      type: 'recording.start';
      recordingId: RecordingId;
      customer: LegId;
      agent: LegId;
      agentId: AgentId;
      queueId: QueueId | null;
      segment: number;
    }
  | { type: 'recording.stop'; recordingId: RecordingId }
  // To the distributor.
  | {
      type: 'contact.entered';
      queueId: QueueId;
      priority: number;
      caller: string;
      number: string;
      agedSince?: EpochMs;
      via?: 'overflow';
    }
  | { type: 'contact.left'; reason: string }
  | { type: 'offer.accepted'; offerId: OfferId }
  | { type: 'offer.failed'; offerId: OfferId; result: 'rejected' | 'busy' | 'failed'; reason: string }
  | { type: 'conversation.ended'; agentId: AgentId }
  | { type: 'hold.changed'; agentId: AgentId; held: boolean }
  /** An agent is taken up by a call that no queue gave, or free of it again. */
  | { type: 'agent.engaged'; agentId: AgentId; engaged: boolean }
  // To the shell.
  | { type: 'fact'; fact: ContactFact }
  | { type: 'timer.set'; name: string; at: EpochMs }
  | { type: 'timer.cleared'; name: string }
  | { type: 'command.refused'; reason: string }
  /** Live state that the board shows has changed. */
  | { type: 'touched' }
  /** Nothing is left: legs, recordings, wrap-up. The shell forgets the machine. */
  | { type: 'closed' };

export interface LegView {
  legId: LegId;
  party: LegParty;
  agentId: AgentId | null;
  /** The offer for which an agent's leg was dialled, until it is over; null for the customer. */
  offerId: OfferId | null;
  address: string;
  state: 'ringing' | 'waiting' | 'talking' | 'hold' | 'ending';
  since: EpochMs;
  startedAt: EpochMs;
}

export interface ContactView {
  id: ContactId;
  number: string;
  callerPhone: string;
  callerName: string;
  queueId: QueueId | null;
  state: 'arriving' | 'dialling' | 'waiting' | 'offered' | 'connected' | 'wrap-up' | 'ended' | 'closed';
  legs: LegView[];
}

/** Contract of the contact machine; `createContact(id)` in this folder's index makes one. */
export interface ContactMachine {
  readonly id: ContactId;
  /** Deterministic. Illegal input (a leg unknown to it, an answer after the end) is a named, tested case. */
  handle(input: ContactInput, now: EpochMs): ContactEffect[];
  view(): ContactView;
}
