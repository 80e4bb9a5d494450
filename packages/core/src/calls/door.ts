import type {
  AgentId,
  ConferenceId,
  ConferenceRole,
  ContactFact,
  ContactFactBody,
  ContactFactOf,
  ContactId,
  EpochMs,
  LegId,
  LegParty,
  OfferId,
  QueueId,
  RecordingId,
  SupervisionMode,
  UserId,
  VoicemailId,
} from '@crosspoint/contracts';

/**
 * The door of the contact machine: one machine per contact, from the first ring to the end of wrap-up.
 * To its left stands a carrier, which speaks legs; to its right the distributor, which speaks offers. It decides
 * what is heard by whom and writes the contact's facts.
 */
export type EntryTarget =
  | {
      kind: 'queue';
      queueId: QueueId;
      priority: number;
      record: boolean;
      greeting: null;
      /** Whom routing prefers, for queues that ask for it. */
      preferredAgentId?: AgentId;
    }
  /** A flow answers; the shell runs it and says what comes of it. */
  | { kind: 'flow' }
  /** Nothing answers here: refuse with the SIP-like code, e.g. 404 for an unknown number. */
  | { kind: 'refuse'; code: number; reason: string };

/** Whom an agent calls. */
export type FarEnd =
  | { kind: 'number'; number: string }
  /** Inside the house, by extension. */
  | { kind: 'agent'; agentId: AgentId; address: string };

/** Where a customer is sent. The contact's age goes along to a queue when `keepAge`; a flow, behind that number, the shell has ready. */
export type TransferTarget =
  | FarEnd
  | { kind: 'queue'; queueId: QueueId; keepAge: boolean; record: boolean }
  | { kind: 'flow'; number: string };

/** The leg of somebody who is called into a contact; ids drawn by the shell. */
export interface Invitation {
  target: FarEnd;
  legId: LegId;
  /** Of the conversation that this leg may come to lead. */
  recordingId: RecordingId;
  ringTimeoutMs: number;
}

/** How a leg ended or failed to come up; `code` is the SIP status (or the nearest for another carrier). */
export interface LegEnd {
  code: number;
  reason: string;
  by: 'remote' | 'local' | 'timeout' | 'transport';
}

/** Where routing sends a contact that queues give up: to a flow, which the shell has ready. */
export type NextPlace = { kind: 'flow' };

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
      /** An agent whose device calls the house, as far as that is known. */
      agentId?: AgentId | undefined;
      /** What the rules of routing decided, when they were asked. */
      routing?: ContactFactOf<'routing.decided'>['data'] | undefined;
    }
  /**
   * A customer who was promised a callback takes a place in the queue without a leg: the agent who takes the contact comes
   * first, then the customer is called.
   */
  | {
      type: 'contact.called-back';
      /** Of the customer, once called. */
      legId: LegId;
      /** The customer's. */
      number: string;
      callerName: string;
      carrier: string;
      queueId: QueueId;
      priority: number;
      record: boolean;
      /** Since when the customer waits. */
      agedSince: EpochMs;
      ringTimeoutMs: number;
    }
  /** The customer has heard that a callback is noted. */
  | { type: 'farewell.over' }
  /**
   * An agent goes from the desk to a number of the house, where callers go as well, or into a conference: the device rings, and
   * when it answers the agent is there as a caller.
   */
  | {
      type: 'desk.called';
      agentId: AgentId;
      legId: LegId;
      /** Of the agent's device. */
      address: string;
      direction: 'inbound' | 'outbound';
      number: string;
      callerPhone: string;
      callerName: string;
      carrier: string;
      target: EntryTarget;
      /** What the rules of routing decided, when they were asked. */
      routing?: ContactFactOf<'routing.decided'>['data'] | undefined;
      ringTimeoutMs: number;
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
      /** Find out whether a machine answers a number outside. */
      detectsAnswer?: boolean;
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
  | { type: 'entry.refused'; reason: string; next?: NextPlace }
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
  | {
      type: 'contact.assigned';
      offerId: OfferId;
      agentId: AgentId;
      queueId: QueueId;
      /** When the agent hangs up, a flow of the queue has the customer. */
      survey?: boolean;
    }
  | { type: 'contact.overflowed'; reason: string; next?: NextPlace }
  | { type: 'contact.wrapped' }
  /** A fact that the distributor produced about this contact, or that somebody noted; it is numbered here. */
  | { type: 'fact'; fact: ContactFactBody }
  // What the flow decided that answered the call.
  | {
      type: 'flow.queued';
      queueId: QueueId;
      priority: number;
      record: boolean;
      preferredAgentId?: AgentId;
    }
  | { type: 'flow.over'; reason: string }
  /** The flow takes the caller out of the queue again, unless somebody has them already. */
  | { type: 'flow.recalled' }
  /** The flow sends the caller to an agent or a number; `flow.unconnected` answers when nobody comes. */
  | { type: 'flow.transferred'; invitation: Invitation }
  /** What the caller says is recorded until `flow.recorded` says that it is enough. */
  | { type: 'flow.recording'; recordingId: RecordingId }
  | { type: 'flow.recorded' }
  // What a person or the API commands. `agentId` is the one in whose name it happens.
  | { type: 'hold.requested'; agentId: AgentId }
  | { type: 'resume.requested'; agentId: AgentId }
  | { type: 'hangup.requested'; legId: LegId; reason: string }
  /**
   * Away with the customer: the agent is free at once. `back`: who is called when the one to whom the customer was sent does
   * not come and no queue takes the customer; null: nobody.
   */
  | {
      type: 'transfer.requested';
      invitation: Omit<Invitation, 'target'> & { target: TransferTarget };
      back: Invitation | null;
    }
  /** The agent speaks with somebody in private before anything is decided. */
  | { type: 'consult.requested'; invitation: Invitation }
  | { type: 'consult.swapped' }
  /** The customer goes to the one consulted, who may still ring; the agent is out. */
  | { type: 'consult.completed' }
  | { type: 'consult.cancelled' }
  /** All three speak together. */
  | { type: 'consult.joined' }
  /** The customer goes to a leg of another contact that is up: an agent's device brings two of its calls together. */
  | { type: 'leg.adopted'; legId: LegId; target: FarEnd; recordingId: RecordingId }
  /** That leg goes to another contact; what is left here is over. */
  | { type: 'leg.surrendered'; legId: LegId }
  // What a scheduled conference decided about this contact, whose flow has led it there.
  /** In the room, or with music until a moderator is there. */
  | { type: 'conference.seated'; seat: ScheduledSeat }
  | { type: 'conference.muted'; muted: boolean }
  /** Whether the room takes others; kept with each party for who has to take the room over. */
  | { type: 'conference.closed'; locked: boolean }
  /** What is heard in the room goes to a file of this contact; null: no longer. */
  | { type: 'conference.recorded'; recordingId: RecordingId | null }
  | { type: 'conference.unseated'; reason: string }
  /** One more party. */
  | { type: 'party.invited'; invitation: Invitation }
  | { type: 'party.changed'; legId: LegId; muted?: boolean | undefined; held?: boolean | undefined }
  | { type: 'party.removed'; legId: LegId }
  | { type: 'conference.locked'; locked: boolean }
  /** The agent of the conversation goes, the others stay. */
  | { type: 'conference.left' }
  /** A colleague answers for the agent whose device rings with this leg; the leg of `invitation` takes its place. */
  | { type: 'leg.picked-up'; legId: LegId; invitation: Invitation }
  | {
      type: 'supervision.requested';
      invitation: Invitation;
      userId: UserId;
      mode: SupervisionMode | 'take-over';
    }
  | { type: 'supervision.changed'; legId: LegId; mode: SupervisionMode | 'take-over' }
  /** Recording on demand. `mayEndAny`: also one that the queue asks for. */
  | {
      type: 'recording.commanded';
      recording: boolean;
      recordingId: RecordingId;
      byUserId: UserId | null;
      mayEndAny: boolean;
    }
  /** Rule 19. */
  | { type: 'recording.paused'; paused: boolean; reason: string; byUserId: UserId | null }
  // What the media plane reports.
  | {
      type: 'recording.ended';
      recordingId: RecordingId;
      durationMs: number;
      result: 'complete' | 'failed';
      reason: string;
      /** It is a message for a box. */
      message?: { voicemailId: VoicemailId; box: string };
    }
  | { type: 'timer.due'; name: string }
  /** A bug or a lost process: end everything of this contact now, with outcome `failed` unless decided already. */
  | { type: 'contact.failed'; reason: string };

/** The main room is the customer's; the side room that of an agent who consults while others stay with the customer. */
export type RoomName = 'main' | 'side';

/** Where somebody is in a scheduled conference. */
export interface ScheduledSeat {
  conferenceId: ConferenceId;
  conference: string;
  /** Of the room in the media plane, where all parties meet. */
  roomId: string;
  role: ConferenceRole;
  state: 'waiting' | 'present';
  muted: boolean;
}

export interface RoomSupervision {
  mode: SupervisionMode;
  /** Whom a whisper reaches. */
  legId: LegId;
}

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
  /**
   * Call a number outside on behalf of that agent; null: a flow or routing sends the caller there. `isSentOn`: somebody who has
   * called us is passed on to it.
   */
  | { type: 'leg.call'; legId: LegId; agentId: AgentId | null; number: string; isSentOn?: true }
  /** Find out by the sound of this leg, which was answered this moment, whether a person or a machine speaks. */
  | { type: 'leg.detect'; legId: LegId }
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
  /** What this leg says is heard by nobody. */
  | { type: 'media.mute'; legId: LegId; muted: boolean }
  /** More than two, or a supervisor: they meet in a room of the contact. */
  | { type: 'room.open'; room: RoomName }
  | { type: 'room.join'; room: RoomName; legId: LegId; supervision: RoomSupervision | null }
  | { type: 'room.set'; legId: LegId; supervision: RoomSupervision | null }
  | { type: 'room.leave'; legId: LegId }
  | { type: 'room.close'; room: RoomName }
  /** Into the room of a scheduled conference, which is there as long as somebody is in it; out of it by `room.leave`. */
  | { type: 'room.enter'; roomId: string; legId: LegId }
  | {
      type: 'recording.start';
      recordingId: RecordingId;
      customer: LegId;
      /** Null: only the customer is heard. */
      agent: LegId | null;
      agentId: AgentId | null;
      queueId: QueueId | null;
      segment: number;
    }
  | { type: 'recording.stop'; recordingId: RecordingId }
  /** What the right channel hears from now on: a leg, everybody in the room, or nobody. */
  | {
      type: 'recording.attach';
      recordingId: RecordingId;
      right: LegId | { room: RoomName } | { roomId: string } | null;
    }
  | { type: 'recording.pause'; recordingId: RecordingId; paused: boolean }
  // To the distributor.
  | {
      type: 'contact.entered';
      queueId: QueueId;
      priority: number;
      caller: string;
      number: string;
      agedSince?: EpochMs;
      via?: 'overflow' | 'callback' | 'transfer';
      preferredAgentId?: AgentId;
    }
  | { type: 'contact.left'; reason: string }
  /** Out of the queue by no will of the caller; `contact.overflowed` answers, or an assignment that was on its way. */
  | { type: 'contact.recalled' }
  | { type: 'offer.accepted'; offerId: OfferId }
  | { type: 'offer.failed'; offerId: OfferId; result: 'rejected' | 'busy' | 'failed'; reason: string }
  | { type: 'conversation.ended'; agentId: AgentId }
  | { type: 'hold.changed'; agentId: AgentId; held: boolean }
  /** An agent is taken up by a call that no queue gave, or free of it again. */
  /** `isRinging`: the agent's device is called, and nobody has answered yet. */
  /** `asCaller`: the agent is the caller of this contact. */
  | { type: 'agent.engaged'; agentId: AgentId; engaged: boolean; isRinging?: true; asCaller?: true }
  // To the flow that answered the call.
  /** The caller is there to hear it. */
  | { type: 'flow.began'; legId: LegId }
  /** The agent has hung up, and the customer is there for the survey of the queue. */
  | { type: 'survey.began'; legId: LegId }
  /** The caller is gone; `flow.over` answers. */
  | { type: 'flow.left'; reason: string }
  /** The queue did not take the contact: the flow goes on. */
  | { type: 'flow.refused'; reason: string }
  /** The caller is out of the queue and with the flow again. */
  | { type: 'flow.returned' }
  /** Nobody came to whom the flow sent the caller. */
  | { type: 'flow.unconnected'; reason: string }
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
  /** What it is to the conversation. */
  role: 'customer' | 'agent' | 'consulted' | 'party' | 'supervisor';
  muted: boolean;
  supervision: SupervisionMode | 'take-over' | null;
  since: EpochMs;
  startedAt: EpochMs;
}

export interface ContactView {
  id: ContactId;
  number: string;
  callerPhone: string;
  callerName: string;
  /** The agent who made this call, at the desk or as a caller of the house. */
  callerAgentId: AgentId | null;
  queueId: QueueId | null;
  /** No further party is let in. */
  locked: boolean;
  recorded: boolean;
  recordingPaused: boolean;
  /** In a scheduled conference; `since` as of its state. */
  conference: (ScheduledSeat & { locked: boolean; since: EpochMs }) | null;
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
