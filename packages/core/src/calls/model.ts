import type {
  AgentId,
  ContactFactBody,
  ContactId,
  ContactOutcome,
  EpochMs,
  LegId,
  LegParty,
  OfferId,
  QueueId,
  RecordingId,
  SupervisionMode,
  UserId,
  Verdict,
} from '@crosspoint/contracts';
import type {
  ContactEffect,
  EntryTarget,
  FarEnd,
  Invitation,
  LegView,
  RoomName,
  RoomSupervision,
  ScheduledSeat,
} from './door.ts';

/** One call to one endpoint, from its first sign until the carrier has confirmed its end. */
export interface Leg {
  readonly id: LegId;
  readonly party: LegParty;
  readonly agentId: AgentId | null;
  readonly offerId: OfferId | null;
  readonly address: string;
  /** It called us: until we answer it is refused rather than hung up, and no report follows. */
  readonly isIncoming: boolean;
  readonly startedAt: EpochMs;
  /**
   * `ringing`: not answered yet; `answering`: our answer to the customer is on its way; `claiming`: the agent has answered
   * and the distributor is asked; `up`: both ways; `ending`: we hung it up and await the carrier's confirmation.
   */
  phase: 'ringing' | 'answering' | 'claiming' | 'up' | 'ending';
  /** True once the leg was up, which decides between "completed" and "never came up". */
  wasUp: boolean;
  /** The far end has put us on hold. */
  held: boolean;
  /** By command: what it says is heard by nobody. */
  muted: boolean;
  playing: 'music' | 'ringback' | 'silence' | null;
  /** Why we ended it, if we did. */
  verdict: Verdict | null;
  shown: LegView['state'];
  since: EpochMs;
}

/** An offer that rings an agent for this contact; several do when the queue rings all. */
export interface RingingOffer {
  readonly offerId: OfferId;
  readonly agentId: AgentId;
  readonly queueId: QueueId;
  readonly legId: LegId;
  readonly recordingId: RecordingId;
}

/** A call that an agent makes, until the far end answers. */
export interface OutgoingCall {
  readonly agentId: AgentId;
  /** The agent's leg. */
  readonly legId: LegId;
  readonly farLegId: LegId;
  readonly far: FarEnd;
  readonly recordingId: RecordingId;
  readonly ringTimeoutMs: number;
  /** Null when no queue gave the contact; otherwise the customer is called back. */
  readonly queueId: QueueId | null;
  /** What answers a number outside is to be found out. */
  readonly detectsAnswer: boolean;
  isFarRinging: boolean;
  /** The far end sends sound already, which the agent hears. */
  isEarly: boolean;
}

/** Somebody called into a conversation: to be consulted, as one more party, or a supervisor. */
export interface Guest {
  readonly leg: Leg;
  readonly target: FarEnd;
  readonly recordingId: RecordingId;
  /** `consult`: alone with the agent; `room`: with everybody. */
  place: 'consult' | 'room';
  /** The far end rings; the agent who consults hears so. */
  isRinging: boolean;
  /** Since when it is where it is; null until it was up. */
  since: EpochMs | null;
  /** By command. */
  held: boolean;
  supervision: { readonly userId: UserId; mode: SupervisionMode | 'take-over' } | null;
}

/** The customer is on the way to somebody else, whose leg rings. */
export interface Transfer {
  readonly guest: Guest;
  readonly back: Invitation | null;
  /** A flow sent the caller, and goes on when nobody comes. */
  readonly byFlow: boolean;
}

/** Who is connected with whom in the media plane. */
export type Room =
  | { kind: 'bridge'; a: LegId; b: LegId }
  | { kind: 'conference'; parties: Map<LegId, RoomSupervision | null> };

/** A place in a scheduled conference. */
export interface Seat extends ScheduledSeat {
  locked: boolean;
  since: EpochMs;
  /** Of the conversation with the others; 0 while it waits. */
  segment: number;
  recordingId: RecordingId | null;
}

/** The one name of the room in which a contact's parties meet, compared by identity. */
export const mainRoom = { room: 'main' } as const;

/** The conversation with one agent, or with a number outside: one segment. */
export interface Talk {
  readonly segment: number;
  /** Null when the customer was sent to a number outside. */
  readonly agentId: AgentId | null;
  readonly legId: LegId;
  /** Null when no queue gave the contact. */
  readonly queueId: QueueId | null;
  recordingId: RecordingId;
  /** Why it is recorded; null when it is not, or not any more. */
  recordedFor: 'queue' | 'command' | null;
  readonly startedAt: EpochMs;
  bridged: boolean;
  /** Hold by command of the agent, as against by his device. */
  heldByCommand: boolean;
  /** With whom the agent speaks while somebody is consulted. */
  focus: 'customer' | 'consult';
  /** Whom the right channel of the recording holds, and what it hears for that: a leg, the main room, or nothing. */
  recorded: 'agent' | 'everybody' | 'nobody';
  heard: LegId | typeof mainRoom | null;
  /** Since when the recording is paused by command. */
  pausedSince: EpochMs | null;
  customerHolds: boolean;
  agentHolds: boolean;
  /** Since when at least one side holds, and how long that was before. */
  heldSince: EpochMs | null;
  holdMs: number;
}

export type Stage =
  | { kind: 'new' }
  /** A flow speaks with the caller. */
  | { kind: 'flow' }
  /** The distributor has been asked for a place. */
  | { kind: 'entering' }
  | { kind: 'waiting'; offers: RingingOffer[] }
  | { kind: 'dialling'; call: OutgoingCall }
  /** The agent who goes there from the desk is rung. */
  | { kind: 'calling-desk'; target: EntryTarget }
  | { kind: 'talking'; talk: Talk }
  | { kind: 'transferring'; transfer: Transfer }
  /** The customer is gone and the queue's verdict on the stay is awaited, which decides the outcome. */
  | { kind: 'leaving'; reason: string; outcome: ContactOutcome | null; offers: RingingOffer[] }
  /** The outcome is decided; legs, recordings and wrap-up may remain. */
  | { kind: 'ended' }
  | { kind: 'closed' };

/** Takes an offer out of those that ring; undefined when it does not, or the contact does not wait. */
export function takeOffer(
  { stage }: Contact,
  isMeant: (offer: RingingOffer) => boolean,
): RingingOffer | undefined {
  if (stage.kind !== 'waiting') return undefined;
  const index = stage.offers.findIndex(isMeant);
  return index < 0 ? undefined : stage.offers.splice(index, 1)[0];
}

/** Everything one contact machine knows, and the effects of the input it handles at present. */
export class Contact {
  readonly id: ContactId;
  now: EpochMs = 0;
  stage: Stage = { kind: 'new' };
  number = '';
  callerPhone = '';
  callerName = '';
  queueId: QueueId | null = null;
  records = false;
  priority = 0;
  /** How to call the customer once an agent is there; null: the customer called us, or the agent calls. */
  callback: { legId: LegId; ringTimeoutMs: number } | null = null;
  /** The customer's leg; of a call that an agent makes, that of the far end. */
  customer: Leg | null = null;
  /** The first fact is written. */
  hasStarted = false;
  /** Every leg that the carrier has not confirmed to be over, the customer's too. */
  readonly legs = new Map<LegId, Leg>();
  /** Recordings that the media plane has not closed yet, with their segment. */
  readonly recordings = new Map<RecordingId, number>();
  /** A conversation has ended whose wrap-up the distributor has not reported over. */
  wrapUpPending = false;
  segments = 0;
  digits = 0;
  /** Everybody but the customer and the agent of the conversation. */
  readonly guests = new Map<LegId, Guest>();
  readonly rooms: Record<RoomName, Room | null> = { main: null, side: null };
  isLocked = false;
  /** Who talked last, or talks; calls to numbers outside are made in this agent's name. */
  lastAgentId: AgentId | null = null;
  /** Where its routing age counts from, once it has queued. */
  agedSince: EpochMs | null = null;
  /** It came back to its queue once because somebody to whom it was sent did not come. */
  hasReturned = false;
  /** A flow asked for the place in the queue, and goes on when there is none. */
  isInFlow = false;
  /** A queue gave the contact up before the flow had it. */
  hasOverflowed = false;
  /** A flow has the customer once the agent has hung up. */
  hasSurvey = false;
  /** Why the conversation was over before the survey. */
  talkEnded: string | null = null;
  /** The flow has asked for the contact back from the queue. */
  isRecalled = false;
  /** What the caller says to a flow is recorded. */
  flowRecording: RecordingId | null = null;
  /** Where it is in a scheduled conference. */
  seat: Seat | null = null;
  /** Who is called when the queue to which it was sent does not take it. */
  wayBack: Invitation | null = null;
  isTouched = false;
  callerAgentId: AgentId | null = null;
  /** Agents taken up by a call that no queue gave, and whether their devices ring still. */
  readonly #engaged = new Map<AgentId, { isRinging: boolean }>();
  #seq = 0;
  readonly #timers = new Set<string>();
  #effects: ContactEffect[] = [];

  constructor(id: ContactId) {
    this.id = id;
  }

  emit(effect: ContactEffect): void {
    this.#effects.push(effect);
  }

  /** Numbers a fact and hands it to the shell. */
  fact({ type, data }: ContactFactBody): void {
    this.#seq += 1;
    // The pair of type and data comes from one body, which the compiler cannot follow through the union.
    const fact = { contactId: this.id, seq: this.#seq, at: this.now, type, data } as Extract<
      ContactEffect,
      { type: 'fact' }
    >['fact'];
    this.emit({ type: 'fact', fact });
  }

  /** The agent is the caller of this contact. */
  engageCaller(agentId: AgentId): void {
    this.callerAgentId = agentId;
    this.#engaged.set(agentId, { isRinging: false });
    this.emit({ type: 'agent.engaged', agentId, engaged: true, asCaller: true });
  }

  engage(agentId: AgentId, { isRinging } = { isRinging: false }): void {
    const former = this.#engaged.get(agentId);
    if (former !== undefined && (isRinging || !former.isRinging)) return;
    this.#engaged.set(agentId, { isRinging });
    const ringing = isRinging ? ({ isRinging } as const) : {};
    this.emit({ type: 'agent.engaged', agentId, engaged: true, ...ringing });
  }

  release(agentId: AgentId): void {
    if (this.#engaged.delete(agentId)) this.emit({ type: 'agent.engaged', agentId, engaged: false });
  }

  releaseEngaged(): void {
    for (const agentId of this.#engaged.keys()) this.emit({ type: 'agent.engaged', agentId, engaged: false });
    this.#engaged.clear();
  }

  setTimer(name: string, delayMs: number): void {
    this.#timers.add(name);
    this.emit({ type: 'timer.set', name, at: this.now + delayMs });
  }

  clearTimer(name: string): void {
    if (this.#timers.delete(name)) this.emit({ type: 'timer.cleared', name });
  }

  clearAllTimers(): void {
    for (const name of this.#timers) this.clearTimer(name);
  }

  /** True when the timer was set and has not been cleared or taken before. */
  takeTimer(name: string): boolean {
    return this.#timers.delete(name);
  }

  takeEffects(): ContactEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
