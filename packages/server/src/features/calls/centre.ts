import type {
  AgentId,
  AgentLive,
  AgentStatus,
  ContactFact,
  ContactId,
  LegId,
  LiveCall,
  QueueEntry,
  QueueId,
  QueueStats,
  RecordingId,
  TenantId,
} from '@crosspoint/contracts';
import {
  type ContactInput,
  createContact,
  createContactReducer,
  createDistributor,
  findEntryPoint,
  type WaitExplanation,
} from '@crosspoint/core';
import type { Carrier, CarrierEvents, IncomingCall, LegReport } from '../../carriers/door.ts';
import type { RecordingSummary } from '../../media/index.ts';
import type { CentreConfiguration } from './configuration.ts';
import { applyConfiguration } from './configuration-changes.ts';
import { applyContactEffect, type ContactEffectContext } from './contact-effects.ts';
import { Dispatcher } from './dispatcher.ts';
import { applyDistributorEffect, type DistributorEffectContext } from './distributor-effects.ts';
import type { Actor, Centre, CommandResult, LiveChange } from './door.ts';
import type { Ledger } from './ledger.ts';
import { LiveFeed } from './live-feed.ts';
import { LiveViews } from './live-views.ts';
import { closingFacts } from './lost-contacts.ts';
import type { MediaPlane } from './media-plane.ts';
import type { CentreState, TurnOutput } from './state.ts';
import { MachineTimers } from './timers.ts';

export interface CentreLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface CentreOptions {
  tenantId: TenantId;
  configuration: CentreConfiguration;
  /** Reads the configuration anew. */
  reload: () => Promise<CentreConfiguration>;
  carrier: Carrier;
  /** What the carrier must know of a new configuration: accounts of the agents. */
  accountsChanged: (configuration: CentreConfiguration) => void;
  /** Whether a device of the agent can be reached now. */
  deviceOf: (agentId: AgentId) => { address: string; reachable: boolean; reason: string };
  media: MediaPlane;
  ledger: Ledger;
  recordingsDir: string;
  /** Milliseconds since the epoch, never backwards. */
  now: () => number;
  newId: () => string;
  log: CentreLog;
}

const ok: CommandResult = { ok: true };

/** The living contact centre of one tenant: its machines, its legs, and the turns in which they move. */
export class TenantCentre implements Centre, CarrierEvents {
  readonly tenantId: TenantId;
  readonly state: CentreState;
  readonly dispatcher: Dispatcher;
  readonly carrier: Carrier;
  readonly views: LiveViews;
  readonly #options: CentreOptions;
  readonly #feed: LiveFeed;
  /** Why the command that is being handled was refused by its machine. */
  #refusal: string | undefined;
  #draining = false;

  constructor(options: CentreOptions) {
    this.#options = options;
    this.tenantId = options.tenantId;
    this.state = {
      tenantId: options.tenantId,
      distributor: createDistributor(),
      contacts: new Map(),
      legs: new Map(),
      configuration: options.configuration,
    };
    this.carrier = options.carrier;
    this.views = new LiveViews(this.state, {
      now: options.now,
      deviceOf: options.deviceOf,
      carrier: this.carrier,
      statistics: options.ledger.statistics,
    });
    this.#feed = new LiveFeed(this.state, this.views, options.now);
    const ofContact: ContactEffectContext = {
      state: this.state,
      carrier: this.carrier,
      media: options.media,
      recordingsDir: options.recordingsDir,
      dispatcher: undefined as never,
      refused: (_contactId, reason) => {
        this.#refusal = reason;
      },
    };
    const ofDistributor: DistributorEffectContext = {
      state: this.state,
      dispatcher: undefined as never,
      newId: options.newId,
      repaired: (what, detail) => options.log.error({ what, detail }, 'the reconciler repaired a difference'),
    };
    this.dispatcher = new Dispatcher(
      this.state,
      {
        ofContact: (contactId, effect, now, turn) => {
          const contact = this.state.contacts.get(contactId);
          if (contact !== undefined) applyContactEffect(ofContact, contact, effect, now, turn);
        },
        ofDistributor: (effect, _now, turn) => applyDistributorEffect(ofDistributor, effect, turn),
        turnEnded: (turn) => this.#turnEnded(turn),
        machineFailed: (who, input, error) => this.#machineFailed(who, input, error),
      },
      options.now,
    );
    ofContact.dispatcher = this.dispatcher;
    ofDistributor.dispatcher = this.dispatcher;
    this.#configured(undefined, options.configuration);
  }

  // ---------------------------------------------------------------- carrier

  refusal(number: string): { code: number; reason: string } | undefined {
    if (this.#draining) return { code: 503, reason: 'shutting-down' };
    if (!this.#options.ledger.hasRoom) return { code: 503, reason: 'database-away' };
    if (findEntryPoint(this.state.configuration.numbers, number) === undefined) {
      return { code: 404, reason: 'unknown-number' };
    }
    return undefined;
  }

  incoming(call: IncomingCall): void {
    const target = findEntryPoint(this.state.configuration.numbers, call.number);
    const queue = target === undefined ? undefined : this.state.configuration.queues.get(target.queueId);
    const { contactId, legId } = call;
    this.state.contacts.set(contactId, {
      id: contactId,
      machine: createContact(contactId),
      timers: new MachineTimers(this.#options.now, (name) =>
        this.dispatcher.toContact(contactId, { type: 'timer.due', name }),
      ),
      facts: [],
      reducer: createContactReducer(),
      recordings: new Map(),
      number: call.number,
      callerPhone: call.callerPhone,
      callerName: call.callerName,
      queueId: queue?.id ?? null,
    });
    this.state.legs.set(legId, { contactId, party: 'customer', agentId: null });
    this.dispatcher.toContact(contactId, {
      type: 'contact.arrived',
      legId,
      number: call.number,
      callerPhone: call.callerPhone,
      callerName: call.callerName,
      carrier: this.carrier.name,
      target:
        queue === undefined
          ? { kind: 'refuse', code: 404, reason: 'unknown-number' }
          : {
              kind: 'queue',
              queueId: queue.id,
              priority: 0,
              record: queue.settings.recording === 'always',
              greeting: null,
            },
    });
  }

  report(legId: LegId, report: LegReport): void {
    const leg = this.state.legs.get(legId);
    if (leg === undefined) return;
    if (report.type === 'digit') this.#passDigitOn(legId, leg.contactId, report.digit);
    this.#toLeg(legId, report);
  }

  /** A digit that came in the signalling goes to the other party as sound; one in the media is relayed there. */
  #passDigitOn(legId: LegId, contactId: ContactId, digit: string): void {
    const legs = this.state.contacts.get(contactId)?.machine.view().legs ?? [];
    const talking = legs.filter(({ state }) => state === 'talking');
    if (!talking.some((leg) => leg.legId === legId)) return;
    for (const other of talking) if (other.legId !== legId) this.#options.media.sendDigit(other.legId, digit);
  }

  #toLeg(legId: LegId, report: LegReport): void {
    const leg = this.state.legs.get(legId);
    if (leg === undefined) return;
    const input: ContactInput =
      report.type === 'failed' || report.type === 'ended'
        ? { type: `leg.${report.type}`, legId, end: report.end }
        : report.type === 'digit'
          ? { type: 'leg.digit', legId, digit: report.digit }
          : { type: `leg.${report.type}`, legId };
    if (report.type === 'failed' || report.type === 'ended') {
      this.state.legs.delete(legId);
      this.#feed.legEnded(legId, leg.contactId);
    }
    this.dispatcher.toContact(leg.contactId, input);
  }

  // ---------------------------------------------------------------- media plane

  mediaDigit(legId: LegId, digit: string): void {
    this.#toLeg(legId, { type: 'digit', digit });
  }

  recordingTrouble(recordingId: RecordingId, detail: string): void {
    this.#options.log.warn({ recordingId, detail }, 'a recording has trouble; the call goes on');
  }

  recordingEnded(recordingId: RecordingId, summary: RecordingSummary, complete: boolean): void {
    for (const contact of this.state.contacts.values()) {
      const row = contact.recordings.get(recordingId);
      if (row === undefined) continue;
      const ended = {
        ...row,
        durationSeconds: summary.durationSeconds,
        sizeBytes: summary.bytes,
        status: complete ? ('complete' as const) : ('failed' as const),
        endedAt: this.#options.now(),
      };
      contact.recordings.set(recordingId, ended);
      this.#options.ledger.recordingChanged(ended);
      this.dispatcher.toContact(contact.id, {
        type: 'recording.ended',
        recordingId,
        durationMs: Math.round(summary.durationSeconds * 1000),
        result: complete ? 'complete' : 'failed',
        reason: complete ? 'stopped' : 'media-failed',
      });
      return;
    }
  }

  mediaLost(legIds: LegId[]): void {
    for (const legId of legIds) {
      if (this.state.legs.has(legId)) this.carrier.hangup(legId, 503, 'media-lost');
    }
  }

  /** The set of devices of an agent changed: a phone registered, expired or was found silent. */
  deviceChanged(agentId: AgentId): void {
    if (!this.state.configuration.agents.has(agentId)) return;
    const { reachable, reason } = this.#options.deviceOf(agentId);
    this.dispatcher.toDistributor({ type: 'device.changed', agentId, reachable, reason });
  }

  // ---------------------------------------------------------------- what the API asks

  async configurationChanged(): Promise<void> {
    const next = await this.#options.reload();
    const former = this.state.configuration;
    this.state.configuration = next;
    this.#configured(former, next);
    for (const agentId of next.agents.keys()) if (!former.agents.has(agentId)) this.deviceChanged(agentId);
  }

  #configured(former: CentreConfiguration | undefined, next: CentreConfiguration): void {
    this.#options.accountsChanged(next);
    for (const { id, settings } of next.queues.values())
      this.#options.ledger.statistics.configure(id, settings);
    applyConfiguration(this.dispatcher, former, next);
  }

  agents(): AgentLive[] {
    return [...this.state.configuration.agents.keys()].flatMap((id) => this.views.agent(id) ?? []);
  }
  agent(id: AgentId): AgentLive | undefined {
    return this.views.agent(id);
  }
  queueStats(id: QueueId): QueueStats | undefined {
    return this.views.queue(id);
  }
  allQueueStats(): QueueStats[] {
    return [...this.state.configuration.queues.keys()].flatMap((id) => this.views.queue(id) ?? []);
  }
  queueEntries(id: QueueId): QueueEntry[] {
    return this.views.entries(id);
  }
  explainWait(contactId: ContactId): WaitExplanation | undefined {
    return this.state.distributor.explain(contactId, this.#options.now());
  }
  calls(): LiveCall[] {
    return [...this.state.contacts.values()].flatMap((contact) => this.views.calls(contact));
  }
  liveFacts(contactId: ContactId): ContactFact[] | undefined {
    return this.state.contacts.get(contactId)?.facts;
  }
  listen(listener: (change: LiveChange, at: number) => void): () => void {
    return this.#feed.listen(listener);
  }

  chooseStatus(
    agentId: AgentId,
    status: AgentStatus,
    reasonCode: string | null,
    actor: Actor,
  ): CommandResult {
    if (!this.state.configuration.agents.has(agentId)) {
      return { ok: false, code: 'agent-unknown', detail: 'There is no such agent.' };
    }
    const { kind: by, userId: byUserId } = actor;
    this.dispatcher.toDistributor({ type: 'status.chosen', agentId, status, reasonCode, by, byUserId });
    return ok;
  }

  finishWrapUp(agentId: AgentId, contactId: ContactId, actor: Actor): CommandResult {
    if (!this.#wrapsUp(agentId, contactId)) return notInWrapUp;
    this.dispatcher.toDistributor({ type: 'wrapup.finished', agentId, contactId, by: actor.kind });
    return ok;
  }

  extendWrapUp(agentId: AgentId, contactId: ContactId, until: number): CommandResult {
    if (!this.#wrapsUp(agentId, contactId)) return notInWrapUp;
    this.dispatcher.toDistributor({ type: 'wrapup.extended', agentId, contactId, until });
    return ok;
  }

  #wrapsUp(agentId: AgentId, contactId: ContactId): boolean {
    const contacts = this.state.distributor.agent(agentId, this.#options.now())?.contacts ?? [];
    return contacts.some((contact) => contact.contactId === contactId && contact.state === 'wrap-up');
  }

  hold(legId: LegId): CommandResult {
    return this.#commandLeg(legId, 'hold.requested');
  }
  resume(legId: LegId): CommandResult {
    return this.#commandLeg(legId, 'resume.requested');
  }

  #commandLeg(legId: LegId, type: 'hold.requested' | 'resume.requested'): CommandResult {
    const leg = this.state.legs.get(legId);
    if (leg === undefined) return unknownCall;
    const legs = this.state.contacts.get(leg.contactId)?.machine.view().legs ?? [];
    const agentId = leg.agentId ?? legs.find(({ party }) => party === 'agent')?.agentId ?? null;
    if (agentId === null) {
      return { ok: false, code: 'call-not-connected', detail: 'The call is not connected to an agent yet.' };
    }
    return this.#command(leg.contactId, { type, agentId });
  }

  hangup(legId: LegId, actor: Actor): CommandResult {
    const leg = this.state.legs.get(legId);
    if (leg === undefined) return unknownCall;
    return this.#command(leg.contactId, {
      type: 'hangup.requested',
      legId,
      reason: `hung-up-by-${actor.kind}`,
    });
  }

  #command(contactId: ContactId, input: ContactInput): CommandResult {
    this.#refusal = undefined;
    this.dispatcher.toContact(contactId, input);
    const refusal: string | undefined = this.#refusal;
    if (refusal === undefined) return ok;
    return { ok: false, code: 'call-wrong-state', detail: `The call does not allow this now: ${refusal}.` };
  }

  // ---------------------------------------------------------------- turns

  #turnEnded(turn: TurnOutput): void {
    for (const contact of turn.closed) this.state.contacts.delete(contact.id);
    this.#options.ledger.store(this.state, turn);
    this.#feed.turnEnded(turn);
  }

  #machineFailed(who: string, input: unknown, error: unknown): void {
    this.#options.log.error({ err: error, who, input }, 'a machine failed; this call alone is ended');
    const contactId = /^contact (.+)$/.exec(who)?.[1] as ContactId | undefined;
    const failedAlready = (input as { type?: string }).type === 'contact.failed';
    if (contactId === undefined || failedAlready) return;
    this.dispatcher.toContact(contactId, { type: 'contact.failed', reason: 'internal-error' });
  }

  get openContacts(): number {
    return this.state.contacts.size;
  }

  /** Takes no new calls and ends every open contact; their facts follow as their legs and recordings end. */
  endAll(): void {
    this.#draining = true;
    for (const contactId of [...this.state.contacts.keys()]) {
      this.dispatcher.toContact(contactId, { type: 'contact.failed', reason: 'server-stopped' });
    }
  }

  /**
   * Closes what did not end in time (a phone that is gone confirms no hang-up) by the facts that are missing, so that
   * nothing is left open in the books.
   */
  closeRemaining(): void {
    const now = this.#options.now();
    for (const contact of this.state.contacts.values()) {
      const recordedMs = new Map(
        [...contact.recordings].map(([id, { durationSeconds }]) => [id, Math.round(durationSeconds * 1000)]),
      );
      const closing = closingFacts(contact.facts, recordedMs, now, 'server-stopped');
      for (const fact of closing) contact.reducer.apply(fact);
      this.#options.ledger.closed(closing, contact.reducer.history());
    }
  }

  /** Stops every timer; nothing moves any more. */
  close(): void {
    this.#feed.close();
    this.dispatcher.distributorTimers.clearAll();
    for (const contact of this.state.contacts.values()) contact.timers.clearAll();
  }
}

const unknownCall: CommandResult = {
  ok: false,
  code: 'call-unknown',
  detail: 'This call is not up (any more).',
};
const notInWrapUp: CommandResult = {
  ok: false,
  code: 'not-in-wrap-up',
  detail: 'The agent is not in wrap-up after this contact (any more).',
};
