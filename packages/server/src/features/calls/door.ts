import type {
  AgentId,
  AgentLive,
  AgentStatus,
  AnsweringMachineDetection,
  CallbackAction,
  CallbackId,
  CallbackInput,
  CallChange,
  CallTarget,
  ConferenceAction,
  ConferenceId,
  ConferencePartyAction,
  ConferenceRole,
  ConsultInput,
  ContactFact,
  ContactFactBody,
  ContactId,
  EpochMs,
  LegId,
  LiveCall,
  LiveConference,
  QueueEntry,
  QueueEntryAction,
  QueueId,
  QueueStats,
  RecordingId,
  RecordingPauseInput,
  SupervisionAsked,
  TenantId,
  TransferInput,
  TrunkId,
  TrunkLive,
  TrunkTest,
  UserId,
} from '@crosspoint/contracts';
import type { Prediction, RoutingHistory, RoutingWorld, WaitExplanation } from '@crosspoint/core';

/** Who asks, for facts and the audit log. */
export interface Actor {
  kind: 'agent' | 'supervisor' | 'system';
  userId: UserId | null;
}

/** A refusal is a value: a stable code and a sentence with the remedy. */
export type CommandResult = { ok: true } | { ok: false; code: string; detail: string };

/** A call that is being made: its contact, and the agent's leg. */
export type DialResult =
  | { ok: true; contactId: ContactId; callId: LegId }
  | Extract<CommandResult, { ok: false }>;

/** A callback that is kept, or the stable reason why not. */
export type CallbackResult = { ok: true; id: CallbackId } | { ok: false; reason: string };

type Recorded = { ok: true; recordingId: RecordingId } | Extract<CommandResult, { ok: false }>;
type Added = { ok: true; callId: LegId } | Extract<CommandResult, { ok: false }>;

/** Transfers, conferences and supervision. A leg names its conversation; `callId` is the leg that is being called. */
export interface CallControl {
  transfer(legId: LegId, input: TransferInput): Added;
  consult(legId: LegId, action: ConsultInput['action']): CommandResult;
  invite(legId: LegId, target: CallTarget): Added;
  change(legId: LegId, change: CallChange): CommandResult;
  lock(legId: LegId, locked: boolean): CommandResult;
  leave(legId: LegId): CommandResult;
  sendDigits(legId: LegId, digits: string): CommandResult;
  pauseRecording(legId: LegId, input: RecordingPauseInput, byUserId: UserId | null): CommandResult;
  /** Begins to record, or ends it; `mayEndAny`: also what the queue asks for. */
  record(legId: LegId, how: { recording: boolean; byUserId: UserId | null; mayEndAny: boolean }): Recorded;
  supervise(legId: LegId, how: { mode: SupervisionAsked; userId: UserId; target: CallTarget }): Added;
  /** `legId` is the supervisor's. */
  changeSupervision(legId: LegId, mode: SupervisionAsked): CommandResult;
}

/** Who is in scheduled conferences, and what those who lead them command. False: whoever is meant is not in it. */
export interface ConferenceControl {
  live(): LiveConference[];
  act(id: ConferenceId, action: ConferenceAction): boolean;
  actOnParty(id: ConferenceId, contactId: ContactId, action: ConferencePartyAction): boolean;
}

/** What moves on the board. `contact` facts are pushed once each, the others whenever they changed, coalesced. */
export type LiveChange =
  | { topic: 'queues'; type: 'queue.changed'; data: QueueStats }
  | { topic: 'agents'; type: 'agent.changed'; data: AgentLive }
  | { topic: 'contacts'; type: 'contact.fact'; data: ContactFact }
  | { topic: 'calls'; type: 'call.changed'; data: LiveCall }
  | { topic: 'calls'; type: 'call.ended'; data: { id: LegId; contactId: ContactId } }
  | { topic: 'trunks'; type: 'trunk.changed'; data: TrunkLive }
  | { topic: 'conferences'; type: 'conference.changed'; data: LiveConference };

/** What an agent does, without devices and the figures of today. */
export type AgentAtWork = Omit<AgentLive, 'devices' | 'deviceConnected' | 'lastHeartbeatAt' | 'today'>;

/**
 * The living contact centre of one tenant, as the API, the stream and the configuration see it. Everything behind it
 * (machines, legs, media) is the business of this feature.
 */
export interface Centre {
  readonly tenantId: TenantId;
  /** How often the reconciler of rule 7 found a difference from reality since the start. Should stay 0. */
  readonly repairs: number;
  /** Reads queues, agents, memberships, numbers and SIP accounts anew and applies the differences at once. */
  configurationChanged(): Promise<void>;
  /** Messages in boxes of voicemail were heard or deleted: telephones are told. */
  messagesChanged(): void;
  /** All of them for counts, choices and orders: a large centre has a thousand, and devices and figures cost most of a view. */
  agentsAtWork(): AgentAtWork[];
  agent(id: AgentId): AgentLive | undefined;
  queueStats(id: QueueId): QueueStats | undefined;
  allQueueStats(): QueueStats[];
  queueEntries(id: QueueId): QueueEntry[];
  explainWait(contactId: ContactId): WaitExplanation | undefined;
  /** With whom contacts of this queue are expected to go best; replaces what was told before. */
  predict(queueId: QueueId, predictions: readonly Prediction[]): void;
  /** What rules of routing may ask now. */
  routing(): {
    world: RoutingWorld;
    historyOf: (caller: string) => RoutingHistory | undefined;
    segmentsOf: (caller: string) => readonly string[];
  };
  calls(): LiveCall[];
  trunks(): TrunkLive[];
  trunk(id: TrunkId): TrunkLive | undefined;
  /** Asks the provider by OPTIONS; undefined when the trunk is off or unknown here. */
  testTrunk(id: TrunkId): Promise<TrunkTest | undefined>;
  /** Facts of a contact that is still open, oldest first; undefined when it is not live. */
  liveFacts(contactId: ContactId): ContactFact[] | undefined;
  /**
   * For who has heard of a contact that the database does not know as told: resolves when its facts are stored, or after a second,
   * and at once when nothing of it is on its way there any more.
   */
  stored(contactId: ContactId): Promise<void>;
  /**
   * Adds what a person notes to a contact that is still open, and resolves when it is stored. False when the contact is over
   * and all its facts are stored: then the books are written without its machine.
   */
  annotate(
    contactId: ContactId,
    fact: Extract<ContactFactBody, { type: 'disposition.set' | 'note.added' }>,
  ): Promise<boolean>;
  chooseStatus(agentId: AgentId, status: AgentStatus, reasonCode: string | null, actor: Actor): CommandResult;
  finishWrapUp(agentId: AgentId, contactId: ContactId, actor: Actor): CommandResult;
  extendWrapUp(agentId: AgentId, contactId: ContactId, until: EpochMs, actor: Actor): CommandResult;
  /** What a supervisor does with a contact that waits in this queue. */
  overrideEntry(
    queueId: QueueId,
    contactId: ContactId,
    action: QueueEntryAction,
    actor: Actor,
  ): CommandResult;
  readonly control: CallControl;
  readonly conferences: ConferenceControl;
  /** Rings the agent's devices; with the answer the agent is in the conference. Resolves when the beginning is stored. */
  joinConference(agentId: AgentId, id: ConferenceId, role: ConferenceRole): Promise<DialResult>;
  hold(legId: LegId, actor: Actor): CommandResult;
  resume(legId: LegId, actor: Actor): CommandResult;
  hangup(legId: LegId, actor: Actor): CommandResult;
  /**
   * Rings the agent, and then calls that number or extension; resolves when the beginning of the contact is stored. `trunk`: id or name of the one to use; undefined: the routes
   * decide.
   */
  /** `amd`: of a number outside; `off` when missing. */
  dial(
    agentId: AgentId,
    to: string,
    trunk: string | undefined,
    amd?: AnsweringMachineDetection,
  ): Promise<DialResult>;
  /** Promises a customer a call at a time; resolves when it is stored. */
  scheduleCallback(callback: CallbackInput): Promise<CallbackResult>;
  commandCallback(id: CallbackId, action: CallbackAction): Promise<CallbackResult>;
  /** Returns the function that stops listening. */
  listen(listener: (change: LiveChange, at: EpochMs) => void): () => void;
}
