import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type {
  AgentId,
  AgentLive,
  AgentStatus,
  AnsweringMachineDetection,
  CallbackAction,
  CallbackId,
  CallbackInput,
  ConferenceId,
  ConferenceRole,
  ContactFact,
  ContactId,
  LegId,
  LiveCall,
  QueueEntry,
  QueueEntryAction,
  QueueId,
  QueueStats,
  TenantId,
  TrunkId,
  TrunkLive,
  TrunkTest,
} from '@crosspoint/contracts';
import { canonicalNumber, createDistributor, type Prediction, type WaitExplanation } from '@crosspoint/core';
import { inTurn } from '../../platform/index.ts';
import { newCallback } from '../callbacks/index.ts';
import type { SipTrunk } from '../../carriers/sip/index.ts';
import { CallerExperience } from './caller-experience.ts';
import { CentreCallControl } from './call-control.ts';
import { CentreCommands } from './centre-commands.ts';
import { CentreInputs } from './centre-inputs.ts';
import type { CentreConfiguration } from './configuration.ts';
import { applyConfiguration } from './configuration-changes.ts';
import { applyContactEffect } from './contact-effects.ts';
import type { ContactEffectContext } from './effect-context.ts';
import { DeviceTransfers } from './device-transfers.ts';
import { Dispatcher } from './dispatcher.ts';
import { applyDistributorEffect, type DistributorEffectContext } from './distributor-effects.ts';
import type {
  Actor,
  AgentAtWork,
  CallbackResult,
  Centre,
  CommandResult,
  ConferenceControl,
  DialResult,
  LiveChange,
} from './door.ts';
import { journaledInput } from './journaled-input.ts';
import { LiveFeed } from './live-feed.ts';
import { LiveViews } from './live-views.ts';
import { ContactEndings } from './contact-endings.ts';
import { type MadeCall, OutboundCalls } from './outbound.ts';
import { CentreRules } from './rules.ts';
import type { CentreState, TurnOutput } from './state.ts';
import { MachineTimers } from './timers.ts';
import type { CentreOptions } from './centre-options.ts';
import { refusedCall } from './dial-refusals.ts';

/** A command that makes a contact waits so long for its first facts to be stored. */
const storeWaitMs = 1_000;

/** The living contact centre of one tenant: its machines, its legs, and the turns in which they move. */
export class TenantCentre implements Centre {
  readonly tenantId: TenantId;
  repairs = 0;
  readonly state: CentreState;
  /** What carriers, media processes and devices report. */
  readonly inputs: CentreInputs;
  readonly dispatcher: Dispatcher;
  readonly #options: CentreOptions;
  readonly #views: LiveViews;
  readonly #feed: LiveFeed;
  readonly #days: MachineTimers;
  readonly #commands: CentreCommands;
  readonly #outbound: OutboundCalls;
  /** What callers hear while they wait, and the calls they are promised. */
  readonly experience: CallerExperience;
  readonly #rules: CentreRules;
  readonly control: CentreCallControl;
  readonly conferences: ConferenceControl;
  /** Of calls that do not end by themselves. */
  readonly endings: ContactEndings;
  /** Facts of closed contacts until they are stored, so that nobody reads the former state of one in between. */
  readonly #settling = new Map<ContactId, ContactFact[]>();

  constructor(options: CentreOptions) {
    const { carrier, media, ledger, now, log, deviceOf } = options;
    this.#options = options;
    this.tenantId = options.tenantId;
    const state = createState(options);
    this.state = state;
    const { endpointsOf } = options;
    const qualityOf = (legId: LegId) => media.qualityOf(legId);
    this.#views = new LiveViews(state, {
      now,
      endpointsOf,
      carrier,
      qualityOf,
      statistics: ledger.statistics,
    });
    this.#feed = new LiveFeed(state, this.#views, now);
    // Both are reached with the first input, which comes below.
    const dispatcher = this.#createDispatcher(
      () => ofContact,
      () => ofDistributor,
    );
    this.dispatcher = dispatcher;
    this.endings = new ContactEndings({ ...options, ...{ state, dispatcher } });
    this.#commands = new CentreCommands(state, dispatcher, now);
    const outbound = new OutboundCalls({
      ...{ state, dispatcher, carrier, now },
      newId: options.newId,
      routeRefusal: options.routeRefusal,
    });
    this.#outbound = outbound;
    const { newId, routeRefusal } = options;
    const experience = new CallerExperience({
      ...options,
      ...{ state, dispatcher },
      conferenceChanged: (live) => this.#feed.conferenceChanged(live),
      transferByFlow: (contactId, to, ringMs) => this.control.transferByFlow(contactId, to, ringMs),
    });
    this.experience = experience;
    this.conferences = experience.conferences;
    this.#rules = new CentreRules({
      ...{ state, now, history: options.callerHistory },
    });
    const commands = this.#commands;
    this.control = new CentreCallControl({
      ...{ state, media, newId, now, routeRefusal, deviceOf },
      prepareFlow: (contact, flow) => experience.flows.prepare(contact, flow),
      command: (contactId, input) => commands.command(contactId, input),
      assign: (contactId, agentId, byUserId) => commands.assign(contactId, agentId, byUserId),
      engage: (contactId, agentId, engaged) =>
        this.dispatcher.toDistributor({ type: 'agent.engaged', contactId, agentId, engaged }),
    });
    const transfers = new DeviceTransfers(carrier);
    this.inputs = new CentreInputs({
      outbound,
      experience,
      rules: this.#rules,
      transfers,
      control: this.control,
      state,
      dispatcher,
      carrier,
      media,
      ledger,
      feed: this.#feed,
      deviceOf,
      now,
      log,
      mayPickUp: options.mayPickUp,
    });
    const ofContact: ContactEffectContext = {
      state,
      dispatcher,
      carrier,
      media,
      experience,
      transfers,
      recordingsDir: options.recordingsDir,
      refused: (_contactId, reason) => this.#commands.refused(reason),
    };
    const ofDistributor = this.#distributorEffects();
    this.#configured(undefined, options.configuration);
    this.#days = new MachineTimers(this.dispatcher.deadlines, () => this.tallyAgents());
  }

  #createDispatcher(
    ofContact: () => ContactEffectContext,
    ofDistributor: () => DistributorEffectContext,
  ): Dispatcher {
    const options = this.#options;
    const { state } = this;
    return new Dispatcher(
      state,
      {
        ofContact: (contactId, effect, at, turn) => {
          const contact = state.contacts.get(contactId);
          if (contact !== undefined) applyContactEffect(ofContact(), contact, effect, at, turn);
        },
        ofDistributor: (effect, _at, turn) => applyDistributorEffect(ofDistributor(), effect, turn),
        contactInput: (contactId, input, at) => {
          if (!options.journal.isOpen(contactId)) this.#opened(contactId);
          const isDigit = input.type === 'leg.digit';
          const viewed = isDigit ? state.contacts.get(contactId)?.machine.view().state : undefined;
          options.journal.input(contactId, at, journaledInput(input, viewed));
        },
        together: options.together,
        turnEnded: (turn) => this.#turnEnded(turn),
        machineFailed: (who, input, error) => this.endings.machineFailed(who, input, error),
      },
      options.now,
    );
  }

  #distributorEffects(): DistributorEffectContext {
    const { newId, log } = this.#options;
    const { state } = this;
    return {
      state,
      dispatcher: this.dispatcher,
      newId,
      prepareFlow: (contactId, flow) => {
        const contact = state.contacts.get(contactId);
        if (contact !== undefined) this.experience.flows.prepare(contact, flow);
      },
      repaired: (what, detail) => {
        this.repairs += 1;
        log.error({ what, detail }, 'the reconciler repaired a difference');
      },
    };
  }

  /** After a start the distributor learns what the agents have done today; at midnight all begin anew. */
  tallyAgents(): void {
    const now = this.#options.now();
    const { statistics } = this.#options.ledger;
    for (const agentId of this.state.configuration.agents.keys()) {
      const tally = statistics.agentTally(agentId, now);
      this.dispatcher.toDistributor({ type: 'agent.tallied', agentId, ...tally });
    }
    this.#days.set('day', statistics.dayEnd(now));
  }

  // ---------------------------------------------------------------- what the API asks

  /** Takes up what is stored now; of changes at the same moment the latest one stays. */
  readonly configurationChanged = inTurn(async () => {
    const next = await this.#options.reload();
    const former = this.state.configuration;
    this.state.configuration = next;
    const isAnotherDay = this.#options.ledger.statistics.setTimeZone(next.timeZone, this.#options.now());
    this.#configured(former, next);
    if (isAnotherDay) await this.#countDayAgain();
    for (const agentId of next.agents.keys()) {
      if (!former.agents.has(agentId)) this.inputs.deviceChanged(agentId);
    }
    const before = new Map(former.endpoints.map((each) => [each.agentId, each]));
    for (const each of next.endpoints) {
      if (!isDeepStrictEqual(before.get(each.agentId), each)) this.inputs.deviceChanged(each.agentId);
    }
  });

  /** The centre has moved to another time zone: what is called today is another time. */
  async #countDayAgain(): Promise<void> {
    await this.#options.countDay();
    this.tallyAgents();
  }

  #configured(former: CentreConfiguration | undefined, next: CentreConfiguration): void {
    this.#options.accountsChanged(next);
    this.#options.trunks.configure(this.tenantId, next.trunks);
    const { statistics } = this.#options.ledger;
    for (const { id, settings } of next.queues.values()) statistics.configure(id, settings);
    statistics.configureAgents(next.agents.values());
    applyConfiguration(this.dispatcher, former, next);
    this.experience.configured();
  }

  messagesChanged(): void {
    this.#options.messagesChanged();
  }

  agentsAtWork(): AgentAtWork[] {
    return [...this.state.configuration.agents.keys()].flatMap((id) => this.#views.agentAtWork(id) ?? []);
  }
  agent(id: AgentId): AgentLive | undefined {
    return this.#views.agent(id);
  }
  queueStats(id: QueueId): QueueStats | undefined {
    return this.#views.queue(id);
  }
  allQueueStats(): QueueStats[] {
    return [...this.state.configuration.queues.keys()].flatMap((id) => this.#views.queue(id) ?? []);
  }
  queueEntries(id: QueueId): QueueEntry[] {
    return this.#views.entries(id);
  }
  routing(): ReturnType<Centre['routing']> {
    const { segmentsOf } = this.state;
    return { world: this.#rules.world(), historyOf: this.#rules.historyOf, segmentsOf };
  }
  explainWait(contactId: ContactId): WaitExplanation | undefined {
    return this.state.distributor.explain(contactId, this.#options.now());
  }
  predict(queueId: QueueId, predictions: readonly Prediction[]): void {
    this.dispatcher.toDistributor({ type: 'prediction.told', queueId, predictions });
  }
  calls(): LiveCall[] {
    return [...this.state.contacts.values()].flatMap((contact) => this.#views.calls(contact));
  }
  trunks(): TrunkLive[] {
    return this.#options.trunks.ofTenant(this.tenantId).map((trunk) => trunk.live());
  }
  trunk(id: TrunkId): TrunkLive | undefined {
    return this.#options.trunks.get(id)?.live();
  }
  testTrunk(id: TrunkId): Promise<TrunkTest | undefined> {
    return this.#options.trunks.test(id);
  }
  /** For the carrier: what people see of a trunk has changed. */
  trunkChanged(trunk: SipTrunk): void {
    if (trunk.config.tenantId === this.tenantId) this.#feed.trunkChanged(trunk.live());
  }
  liveFacts(contactId: ContactId): ContactFact[] | undefined {
    return this.state.contacts.get(contactId)?.facts ?? this.#settling.get(contactId);
  }
  listen(listener: (change: LiveChange, at: number) => void): () => void {
    return this.#feed.listen(listener);
  }

  async annotate(contactId: ContactId, fact: Parameters<Centre['annotate']>[1]): Promise<boolean> {
    const isOpen = this.state.contacts.has(contactId);
    if (isOpen) this.dispatcher.toContact(contactId, { type: 'fact', fact });
    if (isOpen || this.#settling.has(contactId)) await this.#options.ledger.lastStored;
    return isOpen;
  }
  async stored(contactId: ContactId): Promise<void> {
    if (this.state.contacts.has(contactId) || this.#settling.has(contactId)) await this.#lastTurnStored();
  }
  chooseStatus(
    agentId: AgentId,
    status: AgentStatus,
    reasonCode: string | null,
    actor: Actor,
  ): CommandResult {
    return this.#commands.chooseStatus(agentId, status, reasonCode, actor);
  }
  finishWrapUp(agentId: AgentId, contactId: ContactId, actor: Actor): CommandResult {
    return this.#commands.finishWrapUp(agentId, contactId, actor);
  }
  extendWrapUp(agentId: AgentId, contactId: ContactId, until: number): CommandResult {
    return this.#commands.extendWrapUp(agentId, contactId, until);
  }
  overrideEntry(
    queueId: QueueId,
    contactId: ContactId,
    action: QueueEntryAction,
    actor: Actor,
  ): CommandResult {
    return this.#commands.overrideEntry(queueId, contactId, action, actor);
  }
  hold(legId: LegId): CommandResult {
    return this.#commands.hold(legId);
  }
  resume(legId: LegId): CommandResult {
    return this.#commands.resume(legId);
  }
  hangup(legId: LegId, actor: Actor): CommandResult {
    return this.#commands.hangup(legId, actor);
  }

  async dial(
    agentId: AgentId,
    to: string,
    trunk: string | undefined,
    amd?: AnsweringMachineDetection,
  ): Promise<DialResult> {
    // Whoever names a trunk wants the call to go out.
    const isInside = trunk === undefined && this.inputs.leadsInside(to);
    const unready = isInside
      ? this.inputs.deskRefusal(agentId)
      : this.inputs.deviceRefusal(agentId, to)?.reason;
    if (unready !== undefined) return refusedCall(unready, to);
    if (!this.#options.deviceOf(agentId).reachable) return refusedCall('caller-unreachable', to);
    if (isInside) return this.#onceStored(await this.inputs.deskCall(agentId, to));
    const wanted =
      trunk === undefined
        ? undefined
        : this.#options.trunks
            .ofTenant(this.tenantId)
            .find(({ id, config }) => id === trunk || config.name === trunk);
    if (trunk !== undefined && wanted === undefined) return refusedCall('trunk-unknown', trunk);
    const made = this.#outbound.byCommand(agentId, to, wanted?.id, amd);
    return this.#onceStored(made);
  }

  async joinConference(agentId: AgentId, id: ConferenceId, role: ConferenceRole): Promise<DialResult> {
    const { deviceOf } = this.#options;
    const settings = this.state.configuration.conferences.get(id);
    const { reachable } = deviceOf(agentId);
    const refusal = this.inputs.deskRefusal(agentId) ?? (reachable ? undefined : 'caller-unreachable');
    if (settings === undefined || refusal !== undefined) return refusedCall(refusal ?? 'agent-unknown', '');
    const desk = this.#outbound.desk(agentId, settings.name);
    const made = this.#outbound.fromDesk(desk, { direction: 'outbound', target: { kind: 'flow' } });
    this.experience.meet(made.contactId, { conferenceId: id, role });
    return this.#onceStored(made);
  }

  /** Who asks for the contact with this answer in hand finds it; a slow database does not hold the call up. */
  async #onceStored(made: MadeCall): Promise<DialResult> {
    await this.#lastTurnStored();
    return { ok: true, ...made };
  }

  async #lastTurnStored(): Promise<void> {
    await Promise.race([this.#options.ledger.lastStored, setTimeout(storeWaitMs, undefined, { ref: false })]);
  }

  scheduleCallback({
    at,
    queueId,
    number,
    callerName = '',
    note = '',
  }: CallbackInput): Promise<CallbackResult> {
    const settings = this.state.configuration.queues.get(queueId as QueueId)?.settings.callback;
    if (settings === undefined) return Promise.resolve({ ok: false, reason: 'unknown-queue' });
    if (!this.experience.mayCall(canonicalNumber(number)))
      return Promise.resolve({ ok: false, reason: 'no-route' });
    const of = { queueId: queueId as QueueId, number, callerName, note };
    return this.experience.callbacks.schedule(newCallback(of, settings, null), Date.parse(at));
  }
  commandCallback(id: CallbackId, action: CallbackAction): Promise<CallbackResult> {
    return this.experience.callbacks.command(id, action);
  }

  // ---------------------------------------------------------------- turns

  #turnEnded(turn: TurnOutput): void {
    for (const contact of turn.closed) {
      this.state.contacts.delete(contact.id);
      this.#rules.remember(contact);
      this.#settling.set(contact.id, contact.facts);
    }
    const { journal, ledger, newId } = this.#options;
    const agentFactIds = turn.agentFacts.map(() => newId());
    for (const row of turn.recordings) journal.recording(row);
    const stored = ledger.store(this.state, turn, agentFactIds);
    journal.turnEnded(turn, agentFactIds, stored);
    this.experience.messages.left(turn.contactFacts, stored);
    if (turn.closed.length > 0) {
      void stored.then(() => {
        for (const contact of turn.closed) this.#settling.delete(contact.id);
      });
    }
    this.#feed.turnEnded(turn);
  }

  #opened(contactId: ContactId): void {
    const contact = this.state.contacts.get(contactId);
    if (contact === undefined) return;
    const { number, callerPhone, callerName, queueId, trunkId } = contact;
    this.#options.journal.opened(contactId, { number, callerPhone, callerName, queueId, trunkId });
  }

  /** Takes no new calls and ends those that are up; their facts follow as their legs and recordings end. */
  endAll(): void {
    this.inputs.drain();
    this.endings.endOpen();
  }

  /** Stops every timer; nothing moves any more. */
  close(): void {
    this.#feed.close();
    this.experience.close();
    this.#rules.close();
    this.#days.clearAll();
    this.dispatcher.distributorTimers.clearAll();
    for (const contact of this.state.contacts.values()) contact.timers.clearAll();
  }
}

/** Before anything has happened. */
function createState(options: CentreOptions): CentreState {
  const state: CentreState = {
    tenantId: options.tenantId,
    distributor: createDistributor(),
    contacts: new Map(),
    legs: new Map(),
    configuration: options.configuration,
    segmentsOf: (caller) =>
      state.configuration.segments.of(caller, (days) =>
        options.callerHistory.countWithin(caller, days, options.now()),
      ),
  };
  return state;
}
