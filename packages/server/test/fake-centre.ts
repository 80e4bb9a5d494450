import type {
  AgentId,
  AgentLive,
  ContactFact,
  ContactId,
  LegId,
  LiveCall,
  LiveConference,
  QueueEntry,
  QueueId,
  QueueStats,
  RecordingId,
  TenantId,
  TrunkId,
  TrunkLive,
  TrunkTest,
} from '@crosspoint/contracts';
import type { Prediction, RoutingNames, WaitExplanation } from '@crosspoint/core';
import type {
  Actor,
  CallControl,
  CallbackResult,
  Centre,
  CommandResult,
  ConferenceControl,
  DialResult,
  LiveChange,
} from '../src/features/calls/index.ts';
import { DEFAULT_TENANT_ID, newId } from '../src/platform/index.ts';

const noNames: RoutingNames = {
  ...{ queues: new Set<string>(), calendars: new Set<string>() },
  ...{ hasFlow: () => false, hasVoicemailBox: () => false, hasAgent: () => false },
};

/** The living centre as the API sees it, with whatever a test puts into it. */
export class FakeCentre implements Centre {
  readonly tenantId = DEFAULT_TENANT_ID as TenantId;
  readonly agentsById = new Map<AgentId, AgentLive>();
  readonly queues = new Map<QueueId, QueueStats>();
  readonly entries = new Map<QueueId, QueueEntry[]>();
  readonly legs: LiveCall[] = [];
  readonly trunksById = new Map<TrunkId, TrunkLive>();
  /** The answer to the next test of a trunk. */
  trunkTest: TrunkTest | undefined;
  readonly facts = new Map<ContactId, ContactFact[]>();
  readonly waits = new Map<ContactId, WaitExplanation>();
  /** What was asked of it, in order. */
  readonly commands: { command: string; arguments: unknown[] }[] = [];
  /** The answer to the next command. */
  answer: CommandResult = { ok: true };
  repairs = 0;
  configurationChanges = 0;
  messageChanges = 0;
  readonly #listeners = new Set<(change: LiveChange, at: number) => void>();

  /** Who is in scheduled conferences. */
  meetings: LiveConference[] = [];
  readonly conferences: ConferenceControl = {
    live: () => this.meetings,
    act: (...all) => this.#note('conferences.act', all).ok,
    actOnParty: (...all) => this.#note('conferences.actOnParty', all).ok,
  };
  async joinConference(...all: unknown[]): Promise<DialResult> {
    const result = this.#note('joinConference', all);
    return result.ok ? { ok: true, contactId: newId() as ContactId, callId: newId() as LegId } : result;
  }

  async configurationChanged(): Promise<void> {
    this.configurationChanges++;
  }
  messagesChanged(): void {
    this.messageChanges++;
  }
  agentsAtWork(): AgentLive[] {
    return [...this.agentsById.values()];
  }
  agent(id: AgentId): AgentLive | undefined {
    return this.agentsById.get(id);
  }
  routing() {
    return {
      world: { queue: () => undefined, hours: () => undefined, names: () => noNames },
      historyOf: () => undefined,
      segmentsOf: () => [],
    };
  }
  queueStats(id: QueueId): QueueStats | undefined {
    return this.queues.get(id);
  }
  allQueueStats(): QueueStats[] {
    return [...this.queues.values()];
  }
  queueEntries(id: QueueId): QueueEntry[] {
    return this.entries.get(id) ?? [];
  }
  readonly predictions = new Map<QueueId, readonly Prediction[]>();
  predict(queueId: QueueId, predictions: readonly Prediction[]): void {
    this.predictions.set(queueId, predictions);
  }
  explainWait(id: ContactId): WaitExplanation | undefined {
    return this.waits.get(id);
  }
  calls(): LiveCall[] {
    return this.legs;
  }
  trunks(): TrunkLive[] {
    return [...this.trunksById.values()];
  }
  trunk(id: TrunkId): TrunkLive | undefined {
    return this.trunksById.get(id);
  }
  async testTrunk(...all: [TrunkId]): Promise<TrunkTest | undefined> {
    this.#note('testTrunk', all);
    return this.trunkTest;
  }
  /** Whether it takes notes, as of a contact that is open. */
  annotates = false;
  async annotate(...all: unknown[]): Promise<boolean> {
    this.#note('annotate', all);
    return this.annotates;
  }
  /** Contacts whose facts are stored when they are asked for, by what stores them. */
  readonly onTheirWay = new Map<ContactId, () => Promise<void>>();
  async stored(id: ContactId): Promise<void> {
    await this.onTheirWay.get(id)?.();
  }
  liveFacts(id: ContactId): ContactFact[] | undefined {
    return this.facts.get(id);
  }
  chooseStatus(...all: [AgentId, string, string | null, Actor]): CommandResult {
    return this.#note('chooseStatus', all);
  }
  finishWrapUp(...all: unknown[]): CommandResult {
    return this.#note('finishWrapUp', all);
  }
  extendWrapUp(...all: unknown[]): CommandResult {
    return this.#note('extendWrapUp', all);
  }
  overrideEntry(...all: unknown[]): CommandResult {
    return this.#note('overrideEntry', all);
  }
  hold(...all: unknown[]): CommandResult {
    return this.#note('hold', all);
  }
  resume(...all: unknown[]): CommandResult {
    return this.#note('resume', all);
  }
  hangup(...all: unknown[]): CommandResult {
    return this.#note('hangup', all);
  }
  /** The leg that the next invitation calls. */
  added: LegId = newId() as LegId;
  readonly control: CallControl = {
    transfer: (...all) => this.#add('transfer', all),
    consult: (...all) => this.#note('consult', all),
    invite: (...all) => this.#add('invite', all),
    change: (...all) => this.#note('change', all),
    lock: (...all) => this.#note('lock', all),
    leave: (...all) => this.#note('leave', all),
    sendDigits: (...all) => this.#note('sendDigits', all),
    pauseRecording: (...all) => this.#note('pauseRecording', all),
    record: (...all) => {
      const result = this.#note('record', all);
      return result.ok ? { ok: true, recordingId: newId() as RecordingId } : result;
    },
    supervise: (...all) => this.#add('supervise', all),
    changeSupervision: (...all) => this.#note('changeSupervision', all),
  };
  #add(command: string, all: unknown[]): ReturnType<CallControl['transfer']> {
    const result = this.#note(command, all);
    return result.ok ? { ok: true, callId: this.added } : result;
  }
  /** The answer to the next call by command. */
  dialled: DialResult = { ok: false, code: 'no-route', detail: 'No trunk takes calls there.' };
  async dial(...all: unknown[]): Promise<DialResult> {
    this.#note('dial', all);
    return this.dialled;
  }
  /** The answer to the next callback. */
  callback: CallbackResult = { ok: false, reason: 'duplicate' };
  async scheduleCallback(...all: unknown[]): Promise<CallbackResult> {
    this.#note('scheduleCallback', all);
    return this.callback;
  }
  async commandCallback(...all: unknown[]): Promise<CallbackResult> {
    this.#note('commandCallback', all);
    return this.callback;
  }
  listen(listener: (change: LiveChange, at: number) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  /** Lets something happen. */
  emit(change: LiveChange, at = Date.now()): void {
    for (const listener of this.#listeners) listener(change, at);
  }
  #note(command: string, all: unknown[]): CommandResult {
    this.commands.push({ command, arguments: all });
    return this.answer;
  }
}

export function agentLive(id: AgentId, more: Partial<AgentLive> = {}): AgentLive {
  return {
    id,
    username: 'agent',
    name: 'Agent',
    status: 'available',
    reasonCode: null,
    nextStatus: null,
    activity: 'idle',
    activitySince: '2026-11-21T08:00:00.000Z',
    readiness: { ready: true, reason: 'ready', until: null },
    contacts: [],
    wrapUpUntil: null,
    missedInRow: 0,
    devices: [],
    deviceConnected: false,
    lastHeartbeatAt: null,
    capacity: 1,
    queueIds: [],
    today: { answered: 0, handleSecondsMean: null, occupancy: null },
    ...more,
  };
}

export function queueStats(queueId: QueueId, more: Partial<QueueStats> = {}): QueueStats {
  return {
    queueId,
    offered: 0,
    answered: 0,
    abandoned: 0,
    overflowed: 0,
    callbacks: 0,
    waiting: 0,
    deflected: 0,
    shortAbandons: 0,
    answeredWithin: 0,
    abandonedWithin: 0,
    serviceLevel: null,
    serviceLevelSeconds: 20,
    serviceLevelTarget: 0.8,
    longestWaitSince: null,
    handled: 0,
    averageSpeedOfAnswerSeconds: null,
    averageHandleSeconds: null,
    averageTalkSeconds: null,
    abandonRate: null,
    agentsReady: 0,
    agentsStaffed: 0,
    agentsWorking: 0,
    occupancy: null,
    adherence: null,
    patience: null,
    estimatedWaitSeconds: null,
    estimateErrorSecondsMedian: null,
    open: true,
    openUntil: null,
    staffing: null,
    since: '2026-11-21T00:00:00.000Z',
    depth: [],
    ...more,
  };
}
