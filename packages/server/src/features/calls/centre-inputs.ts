import type { AgentId, ContactId, LegId, LegParty, NumberTarget, RecordingId } from '@crosspoint/contracts';
import type { ContactInput, EntryTarget } from '@crosspoint/core';
import type {
  Carrier,
  CarrierEvents,
  DeviceCall,
  IncomingCall,
  LegReport,
  TransferRequest,
} from '../../carriers/door.ts';
import type { RecordingSummary } from '../../media/index.ts';
import type { AnsweringFlow } from '../flows/index.ts';
import type { CallerExperience } from './caller-experience.ts';
import type { CentreCallControl } from './call-control.ts';
import type { ConfiguredQueue } from './configuration.ts';
import type { DeviceTransfers } from './device-transfers.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Ledger } from './ledger.ts';
import type { LiveFeed } from './live-feed.ts';
import type { AnswerVerdict, MessageMoment } from './media-places.ts';
import type { MediaPlane } from './media-plane.ts';
import { type MadeCall, openContact, type OutboundCalls } from './outbound.ts';
import type { CentreRules, RoutedCall } from './rules.ts';
import type { CentreLog, CentreState, OpenContact } from './state.ts';
import { menuBehind } from './telephone.ts';

export interface CentreInputsContext {
  state: CentreState;
  dispatcher: Dispatcher;
  carrier: Carrier;
  media: MediaPlane;
  ledger: Ledger;
  feed: LiveFeed;
  outbound: OutboundCalls;
  experience: CallerExperience;
  rules: CentreRules;
  control: CentreCallControl;
  transfers: DeviceTransfers;
  deviceOf: (agentId: AgentId) => { reachable: boolean; reason: string };
  now: () => number;
  log: CentreLog;
  mayPickUp: (agentId: AgentId, legId: LegId) => Promise<boolean>;
}

function entryOf(queue: ConfiguredQueue | undefined): EntryTarget {
  if (queue === undefined) return { kind: 'refuse', code: 404, reason: 'unknown-number' };
  const record = queue.settings.recording === 'always';
  return { kind: 'queue', queueId: queue.id, priority: 0, record, greeting: null };
}

/** What a device hears of a transfer that cannot be; 603 otherwise. */
const transferCodes: Readonly<Record<string, number>> = {
  'agent-unreachable': 480,
  'no-route': 404,
  'queue-full': 486,
  'call-unknown': 481,
};

/** What happens outside, from carriers, media processes and devices, as inputs of the machines. */
export class CentreInputs implements CarrierEvents {
  readonly #context: CentreInputsContext;
  #isDraining = false;
  /** Legs whose call a script decides about, and what they report meanwhile. */
  readonly #undecided = new Map<LegId, LegReport[]>();

  constructor(context: CentreInputsContext) {
    this.#context = context;
  }

  /** Takes no new calls from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  // ---------------------------------------------------------------- carrier

  /** Whether that number leads somewhere in this house. */
  leadsInside(number: string): boolean {
    return this.#context.state.configuration.numbers.find(number) !== undefined;
  }

  refusal(number: string): { code: number; reason: string } | undefined {
    const unready = this.#unready();
    if (unready !== undefined) return unready;
    return this.leadsInside(number) ? undefined : { code: 404, reason: 'unknown-number' };
  }

  asksWhoCalls(number: string): boolean {
    const target = this.#context.state.configuration.numbers.find(number);
    return target?.kind === 'voicemail-menu';
  }

  #unready(): { code: number; reason: string } | undefined {
    if (this.#isDraining) return { code: 503, reason: 'shutting-down' };
    return this.#context.ledger.hasRoom ? undefined : { code: 503, reason: 'database-away' };
  }

  customerCalling({ contactId, number, agentId }: IncomingCall): void {
    if (agentId !== undefined) this.#context.control.placeBesideOtherCall(agentId, contactId);
    const target = this.#context.state.configuration.numbers.find(number);
    if (target?.kind === 'conferences') this.#context.media.shared.place(contactId);
  }

  incoming(call: IncomingCall): void {
    const target = this.#context.state.configuration.numbers.find(call.number);
    const routed = target?.kind === 'rules' ? this.#context.rules.route(call) : undefined;
    if (!(routed instanceof Promise)) return this.#arrived(call, target, routed);
    const { legId } = call;
    this.#undecided.set(legId, []);
    void routed.then((decided) => {
      const meanwhile = this.#undecided.get(legId) ?? [];
      this.#undecided.delete(legId);
      this.#arrived(call, target, decided);
      for (const report of meanwhile) this.report(legId, report);
    });
  }

  /** What answers there: a flow, which the shell runs, or what the target says alone. */
  #placeBehind(
    target: NumberTarget | undefined,
    agentId: AgentId | undefined,
    routed: RoutedCall | undefined,
  ): { flow: AnsweringFlow | undefined; entry: EntryTarget } {
    const { flows, queues } = this.#context.state.configuration;
    const queue = target?.kind === 'queue' ? queues.get(target.queueId) : undefined;
    const flow =
      target?.kind === 'flow'
        ? [...flows.values()].find(({ id }) => id === target.flowId)
        : (routed?.flow ?? (target && menuBehind(target, agentId)));
    return { flow, entry: routed?.target ?? (flow === undefined ? entryOf(queue) : { kind: 'flow' }) };
  }

  #arrived(call: IncomingCall, target: NumberTarget | undefined, routed: RoutedCall | undefined): void {
    const { flow, entry } = this.#placeBehind(target, call.agentId, routed);
    const queueId = entry.kind === 'queue' ? entry.queueId : null;
    const { contactId, legId } = call;
    const { number, callerPhone, callerName } = call;
    const contact = { contactId, number, callerPhone, callerName, queueId };
    this.#context.state.contacts.set(contactId, openContact(this.#context, contact));
    this.#context.state.legs.set(legId, { contactId, party: 'customer', agentId: null });
    if (flow !== undefined) {
      this.#context.experience.flows.prepare({ id: contactId, number, callerPhone, callerName }, flow);
    }
    this.#context.dispatcher.toContact(contactId, {
      type: 'contact.arrived',
      legId,
      number: call.number,
      callerPhone: call.callerPhone,
      callerName: call.callerName,
      carrier: this.#context.carrier.name,
      trunk: call.trunkName,
      diversions: call.diversions?.map((diversion) => ({ ...diversion })),
      target: entry,
      agentId: call.agentId ?? call.seemsOf,
      routing: routed?.fact,
    });
  }

  /** An agent goes from the desk to a number of the house, as a caller would reach it. */
  async deskCall(agentId: AgentId, number: string): Promise<MadeCall> {
    const { outbound, rules, experience, state } = this.#context;
    const desk = outbound.desk(agentId, number);
    const { contactId, callerPhone, callerName } = desk;
    const target = state.configuration.numbers.find(number);
    if (target?.kind === 'conferences') this.#context.media.shared.place(contactId);
    const routed =
      target?.kind === 'rules' ? await rules.route({ ...desk, carrierId: contactId }) : undefined;
    const { flow, entry } = this.#placeBehind(target, agentId, routed);
    const made = outbound.fromDesk(desk, { direction: 'inbound', target: entry, routing: routed?.fact });
    if (flow !== undefined) {
      experience.flows.prepare({ id: contactId, number, callerPhone, callerName }, flow);
    }
    return made;
  }

  /** Why that agent cannot go to a place of the house from the desk. */
  deskRefusal(agentId: AgentId): string | undefined {
    const isKnown = this.#context.state.configuration.agents.has(agentId);
    return this.#unready()?.reason ?? (isKnown ? undefined : 'agent-unknown');
  }

  deviceRefusal(agentId: AgentId, number: string): { code: number; reason: string } | undefined {
    return this.#unready() ?? this.#context.outbound.refusal(agentId, number);
  }

  deviceCalling({ agentId, contactId }: DeviceCall): void {
    this.#context.control.placeBesideOtherCall(agentId, contactId);
  }

  deviceCall(call: DeviceCall): void {
    this.#context.outbound.fromDevice(call);
  }

  report(legId: LegId, report: LegReport): void {
    const leg = this.#context.state.legs.get(legId);
    if (leg === undefined) {
      this.#undecided.get(legId)?.push(report);
      return;
    }
    if (report.type === 'transfer-requested') {
      this.#transfer(legId, leg.party, report);
      return;
    }
    if (report.type === 'page-lost') return this.#keepCustomer(legId, leg.contactId);
    if (report.type === 'digit') this.#passDigitOn(legId, leg.contactId, report.digit);
    this.#toLeg(legId, report);
  }

  /** Who looks at the call is told. */
  qualityChanged(legId: LegId): void {
    const leg = this.#context.state.legs.get(legId);
    if (leg !== undefined) this.#context.feed.contactChanged(leg.contactId);
  }

  /** Nobody but an agent may send a call elsewhere. */
  #transfer(legId: LegId, party: LegParty, request: TransferRequest): void {
    const { state, carrier, control, transfers, log } = this.#context;
    const { transferId, target } = request;
    const contactId = state.legs.get(legId)?.contactId;
    if (contactId === undefined) return;
    if (party !== 'agent') return carrier.refuseTransfer(transferId, 403, 'Forbidden');
    let isTaken = false;
    let isTogether = false;
    const result = control.transferByDevice(legId, request, (isAtOnce) => {
      isTaken = true;
      isTogether = isAtOnce;
      carrier.takeTransfer(transferId, legId);
      if (!isAtOnce) transfers.begin(contactId, transferId);
    });
    // Two calls that are brought together are together at once.
    if (result.ok && isTogether) transfers.end(contactId, transferId, 200);
    if (result.ok) return;
    log.warn({ target, reason: result.code }, result.detail);
    const code = transferCodes[result.code] ?? 603;
    if (isTaken) transfers.end(contactId, transferId, code);
    else carrier.refuseTransfer(transferId, code, 'Decline');
  }

  async pickUp(legId: LegId, agentId: AgentId): Promise<{ code: number; reason: string } | undefined> {
    const { mayPickUp, control, state, log } = this.#context;
    if (!state.configuration.agents.has(agentId)) return { code: 403, reason: 'agent-unknown' };
    try {
      if (!(await mayPickUp(agentId, legId))) return { code: 403, reason: 'not-permitted' };
    } catch {
      return { code: 503, reason: 'database-away' };
    }
    const result = control.pickUp(legId, agentId);
    if (result.ok) return undefined;
    log.warn({ legId, agentId, reason: result.code }, result.detail);
    return { code: transferCodes[result.code] ?? 480, reason: result.code };
  }

  /** The customer of an agent whose page is gone goes back to the queue, with the age of the contact. */
  #keepCustomer(legId: LegId, contactId: ContactId): void {
    const { state, dispatcher } = this.#context;
    const queueId = state.contacts.get(contactId)?.queueId ?? null;
    const queue = queueId === null ? undefined : state.configuration.queues.get(queueId);
    // A call that no queue gave has nowhere to go.
    if (queue === undefined) return;
    const { id, settings } = queue;
    const record = settings.recording === 'always';
    const target = { kind: 'queue', queueId: id, keepAge: true, record } as const;
    // A queue is not called: neither leg nor recording comes of this by itself.
    const invitation = { target, legId, recordingId: '' as RecordingId, ringTimeoutMs: 0 };
    dispatcher.toContact(contactId, { type: 'transfer.requested', invitation, back: null });
  }

  /** A digit that came in the signalling goes to the other party as sound; one in the media is relayed there. */
  #passDigitOn(legId: LegId, contactId: ContactId, digit: string): void {
    const legs = this.#context.state.contacts.get(contactId)?.machine.view().legs ?? [];
    const talking = legs.filter(({ state }) => state === 'talking');
    if (!talking.some((leg) => leg.legId === legId)) return;
    for (const other of talking) if (other.legId !== legId) this.#context.media.sendDigit(other.legId, digit);
  }

  #toLeg(legId: LegId, report: Exclude<LegReport, TransferRequest | { type: 'page-lost' }>): void {
    const leg = this.#context.state.legs.get(legId);
    if (leg === undefined) return;
    const input: ContactInput =
      report.type === 'failed' || report.type === 'ended'
        ? { type: `leg.${report.type}`, legId, end: report.end }
        : report.type === 'digit'
          ? { type: 'leg.digit', legId, digit: report.digit }
          : { type: `leg.${report.type}`, legId };
    if (report.type === 'failed' || report.type === 'ended') {
      this.#context.state.legs.delete(legId);
      this.#context.feed.legEnded(legId, leg.contactId);
    }
    this.#context.dispatcher.toContact(leg.contactId, input);
    if (report.type === 'digit') this.#context.experience.flows.digit(legId, report.digit);
  }

  // ---------------------------------------------------------------- media plane

  /** What was said to a caller is over; null: something could not be played. */
  played(legId: LegId, name: string | null): void {
    this.#context.experience.played(legId, name);
  }

  mediaDigit(legId: LegId, digit: string): void {
    this.#toLeg(legId, { type: 'digit', digit });
  }

  /** The sound has told who answered a call of ours. */
  answerDetected(legId: LegId, verdict: AnswerVerdict): void {
    const contact = this.#contactOf(legId);
    if (contact === undefined) return;
    const fact = { type: 'answer.detected', data: { legId, ...verdict } } as const;
    this.#context.dispatcher.toContact(contact.id, { type: 'fact', fact });
    if (verdict.verdict === 'machine' && contact.awaitsBeep !== true) this.#context.media.ignore(legId);
  }

  messageReady(legId: LegId, ready: MessageMoment): void {
    const contact = this.#contactOf(legId);
    if (contact === undefined) return;
    const fact = { type: 'message.ready', data: { legId, ...ready } } as const;
    this.#context.dispatcher.toContact(contact.id, { type: 'fact', fact });
  }

  #contactOf(legId: LegId): OpenContact | undefined {
    const { state } = this.#context;
    const leg = state.legs.get(legId);
    return leg && state.contacts.get(leg.contactId);
  }

  recordingTrouble(recordingId: RecordingId, detail: string): void {
    this.#context.log.warn({ recordingId, detail }, 'a recording has trouble; the call goes on');
  }

  recordingEnded(recordingId: RecordingId, summary: RecordingSummary, complete: boolean): void {
    for (const contact of this.#context.state.contacts.values()) {
      const row = contact.recordings.get(recordingId);
      if (row === undefined) continue;
      const ended = {
        ...row,
        durationSeconds: summary.durationSeconds,
        sizeBytes: summary.bytes,
        status: complete ? ('complete' as const) : ('failed' as const),
        endedAt: this.#context.now(),
      };
      contact.recordings.set(recordingId, ended);
      this.#context.ledger.recordingChanged(ended);
      const durationMs = Math.round(summary.durationSeconds * 1000);
      const message = this.#context.experience.messages.recorded(recordingId, durationMs, complete);
      this.#context.dispatcher.toContact(contact.id, {
        ...{ type: 'recording.ended', recordingId, durationMs },
        result: complete ? 'complete' : 'failed',
        reason: complete ? 'stopped' : 'media-failed',
        ...(message === undefined ? {} : { message }),
      });
      return;
    }
  }

  mediaLost(legIds: LegId[]): void {
    for (const legId of legIds) {
      if (this.#context.state.legs.has(legId)) this.#context.carrier.hangup(legId, 503, 'media-lost');
    }
  }

  /** The set of devices of an agent changed: a phone registered, expired or was found silent. */
  deviceChanged(agentId: AgentId): void {
    if (!this.#context.state.configuration.agents.has(agentId)) return;
    const { reachable, reason } = this.#context.deviceOf(agentId);
    this.#context.dispatcher.toDistributor({ type: 'device.changed', agentId, reachable, reason });
  }
}
