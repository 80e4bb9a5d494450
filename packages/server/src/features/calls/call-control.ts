import type {
  AgentId,
  CallChange,
  CallTarget,
  ConsultInput,
  ContactId,
  FlowTransferTarget,
  LegId,
  QueueId,
  RecordingId,
  RecordingPauseInput,
  SupervisionAsked,
  TransferInput,
  UserId,
} from '@crosspoint/contracts';
import {
  canonicalNumber,
  type ContactInput,
  type FarEnd,
  type Invitation,
  type LegView,
  type TransferTarget,
} from '@crosspoint/core';
import type { TransferRequest } from '../../carriers/door.ts';
import { agentNamed } from './configuration.ts';
import type { CallControl, CommandResult } from './door.ts';
import type { MediaPlane } from './media-plane.ts';
import type { PublishedFlow } from '../flows/index.ts';
import type { CentreState, OpenContact } from './state.ts';

export interface CallControlContext {
  state: CentreState;
  media: MediaPlane;
  newId: () => string;
  now: () => number;
  /** Offers a contact that waits to nobody but that agent for a while. */
  assign: (contactId: ContactId, agentId: AgentId, byUserId: UserId) => void;
  /** Nobody offers this agent anything for the sake of a call that is on its way to another contact. */
  engage: (contactId: ContactId, agentId: AgentId, engaged: boolean) => void;
  /** Hands an input to a contact and says whether its machine refused it. */
  command: (contactId: ContactId, input: ContactInput) => CommandResult;
  /** This flow will have that contact. */
  prepareFlow: (contact: OpenContact, flow: PublishedFlow) => void;
  /** Why no trunk takes calls to that number; undefined when one does. */
  routeRefusal: (number: string) => { code: number; reason: string } | undefined;
  deviceOf: (agentId: AgentId) => { reachable: boolean; reason: string };
}

/** Of the house. */
type Place = { number: string } | { queueId: QueueId };
type Refusal = Extract<CommandResult, { ok: false }>;
type Found<T> = { ok: true; value: T } | Refusal;
type Recorded = { ok: true; recordingId: RecordingId } | Refusal;
type Added = { ok: true; callId: LegId } | Refusal;

/** How long somebody who is called into a conversation is rung. */
const guestRingTimeoutMs = 30_000;

/** Transfers, consultations, conferences and supervision, as the API and devices ask for them. */
export class CentreCallControl implements CallControl {
  readonly #context: CallControlContext;

  constructor(context: CallControlContext) {
    this.#context = context;
  }

  transfer(legId: LegId, { kind, target }: TransferInput): Added {
    const resolved = this.#resolve(target);
    if (!resolved.ok) return resolved;
    const far = resolved.value;
    if (kind === 'blind') return this.#sendAway(legId, far);
    if (far.kind === 'queue')
      return refusal('target-unknown', 'A queue cannot be consulted. Transfer blind.');
    if (far.kind === 'flow') return refusal('target-unknown', 'A flow cannot be consulted. Transfer blind.');
    const invitation = this.#invite(far);
    return this.#added(legId, invitation, { type: 'consult.requested', invitation });
  }

  consult(legId: LegId, action: ConsultInput['action']): CommandResult {
    const types = {
      swap: 'consult.swapped',
      complete: 'consult.completed',
      cancel: 'consult.cancelled',
      join: 'consult.joined',
    } as const;
    return this.#command(legId, { type: types[action] });
  }

  invite(legId: LegId, target: CallTarget): Added {
    const resolved = this.#resolvePerson(target);
    if (!resolved.ok) return resolved;
    const invitation = this.#invite(resolved.value);
    return this.#added(legId, invitation, { type: 'party.invited', invitation });
  }

  change(legId: LegId, { muted, held }: CallChange): CommandResult {
    return this.#command(legId, { type: 'party.changed', legId, muted, held });
  }

  lock(legId: LegId, locked: boolean): CommandResult {
    return this.#command(legId, { type: 'conference.locked', locked });
  }

  leave(legId: LegId): CommandResult {
    return this.#command(legId, { type: 'conference.left' });
  }

  /** Keys pressed in the name of this leg reach whoever it talks with. */
  sendDigits(legId: LegId, digits: string): CommandResult {
    const leg = this.#context.state.legs.get(legId);
    if (leg === undefined) return unknownCall;
    const legs = this.#context.state.contacts.get(leg.contactId)?.machine.view().legs ?? [];
    const talking = legs.filter(({ state }) => state === 'talking');
    if (!talking.some((each) => each.legId === legId)) {
      return refusal('call-wrong-state', 'Keys can be sent while the call is connected and not on hold.');
    }
    for (const other of talking) {
      if (other.legId !== legId && other.role !== 'supervisor') {
        this.#context.media.sendDigit(other.legId, digits);
      }
    }
    return { ok: true };
  }

  pauseRecording(legId: LegId, input: RecordingPauseInput, byUserId: UserId | null): CommandResult {
    const reason = input.paused ? input.reason : '';
    return this.#command(legId, { type: 'recording.paused', paused: input.paused, reason, byUserId });
  }

  record(legId: LegId, how: { recording: boolean; byUserId: UserId | null; mayEndAny: boolean }): Recorded {
    const recordingId = this.#context.newId() as RecordingId;
    const result = this.#command(legId, { type: 'recording.commanded', recordingId, ...how });
    return result.ok ? { ok: true, recordingId } : result;
  }

  supervise(
    legId: LegId,
    { mode, userId, target }: { mode: SupervisionAsked; userId: UserId; target: CallTarget },
  ): Added {
    const resolved = this.#resolvePerson(target);
    if (!resolved.ok) {
      const isOwn = 'agentId' in target && (target.agentId as string) === userId;
      return isOwn && resolved.code === 'agent-unreachable'
        ? refusal(
            'caller-unreachable',
            'None of your devices can be reached. Register a telephone and try again.',
          )
        : resolved;
    }
    const invitation = this.#invite(resolved.value);
    return this.#added(legId, invitation, { type: 'supervision.requested', invitation, userId, mode });
  }

  changeSupervision(legId: LegId, mode: SupervisionAsked): CommandResult {
    return this.#command(legId, { type: 'supervision.changed', legId, mode });
  }

  /**
   * An agent's device asked for it (REFER): blind, or by bringing two of its calls together, which has succeeded at once. `take`
   * tells the device that it is done, before its leg is hung up.
   */
  transferByDevice(
    legId: LegId,
    { target, replaces }: TransferRequest,
    take: (isAtOnce: boolean) => void,
  ): CommandResult {
    if (replaces === undefined) return this.#sendTo(legId, { number: target }, take);
    const place = this.#unansweredAt(legId, replaces);
    if (place === undefined) return this.#bringTogether(legId, replaces, take);
    const sent = this.#sendTo(legId, place, take);
    // The customer has the place now in which the agent waited.
    if (sent.ok)
      this.#command(replaces, { type: 'hangup.requested', legId: replaces, reason: 'transferred' });
    return sent;
  }

  #sendTo(legId: LegId, to: Place, take: (isAtOnce: boolean) => void): CommandResult {
    const resolved = this.#resolve(to);
    if (!resolved.ok) return resolved;
    if (!this.#isConnected(legId, resolved.value)) {
      return refusal(
        'call-wrong-state',
        'The call is not connected, or that agent takes part in it already.',
      );
    }
    take(false);
    return this.#sendAway(legId, resolved.value);
  }

  /**
   * Where an agent's second call is, when it called the house and nobody has answered there yet: what waits in a queue or hears a
   * flow cannot be handed over, and the customer of the first call is sent there instead.
   */
  #unansweredAt(asked: LegId, other: LegId): Place | undefined {
    const { state } = this.#context;
    const [a, b] = [state.legs.get(asked), state.legs.get(other)];
    if (a === undefined || b === undefined || !this.#isOfCaller(other, a.agentId)) return undefined;
    const view = state.contacts.get(b.contactId)?.machine.view();
    if (view === undefined || view.state === 'connected') return undefined;
    const isWaiting = view.state === 'waiting' || view.state === 'offered';
    return isWaiting && view.queueId !== null ? { queueId: view.queueId } : { number: view.number };
  }

  /**
   * An agent's telephone takes the place of a colleague's in this call (RFC 3891): one that rings is answered for the colleague, one
   * that talks is taken over. What a queue offers is assigned to the agent, so that offers and figures stay right. The agent is dialled
   * by the machines as for any other call; the carrier has the telephone on the line already.
   */
  pickUp(legId: LegId, agentId: AgentId): CommandResult {
    const { state } = this.#context;
    const leg = state.legs.get(legId);
    const machine = leg && state.contacts.get(leg.contactId)?.machine;
    const view = machine?.view().legs.find((each) => each.legId === legId);
    if (leg === undefined || view === undefined) return unknownCall;
    const invitation = this.#invite(this.#agent(agentId));
    const userId = agentId as string as UserId;
    if (view.state !== 'ringing') {
      if (view.role !== 'agent')
        return refusal('call-wrong-state', 'Only the agent of a conversation can be replaced.');
      const mode = 'take-over' as const;
      return this.#command(legId, { type: 'supervision.requested', invitation, userId, mode });
    }
    if (view.offerId === null) return this.#command(legId, { type: 'leg.picked-up', legId, invitation });
    const { ready } = state.distributor.agent(agentId, this.#context.now())?.readiness ?? { ready: false };
    if (!ready) return refusal('agent-not-ready', 'Who picks up what a queue offers has to be ready for it.');
    this.#context.assign(leg.contactId, agentId, userId);
    return { ok: true };
  }

  /** A second call of an agent is placed beside the first, so that the two can be brought together. */
  placeBesideOtherCall(agentId: AgentId, contactId: ContactId): void {
    for (const leg of this.#context.state.legs.values()) {
      if (leg.agentId !== agentId || leg.contactId === contactId) continue;
      this.#context.media.placeBeside(contactId, leg.contactId);
      return;
    }
  }

  #sendAway(legId: LegId, target: TransferTarget): Added {
    const { state, prepareFlow } = this.#context;
    const leg = state.legs.get(legId);
    const contact = leg && state.contacts.get(leg.contactId);
    if (leg === undefined || contact === undefined) return unknownCall;
    if (target.kind === 'flow') {
      const flow = this.#flowBehind(target.number);
      const isUp = contact.machine
        .view()
        .legs.some(({ role, state: is }) => role === 'agent' && (is === 'talking' || is === 'hold'));
      if (flow === undefined || !isUp) return refusal('not-connected', 'The call is not connected.');
      prepareFlow(contact, flow);
    }
    const agentId = leg.agentId ?? this.#leading(leg.contactId);
    const invitation = { ...this.#invite(target as FarEnd), target };
    const back = agentId === null ? null : this.#invite(this.#agent(agentId));
    return this.#added(legId, invitation, { type: 'transfer.requested', invitation, back });
  }

  /** What answers a number of the house, where that is a flow. */
  #flowBehind(number: string): PublishedFlow | undefined {
    const { flows, numbers } = this.#context.state.configuration;
    const found = numbers.find(number);
    return found?.kind === 'flow' ? [...flows.values()].find(({ id }) => id === found.flowId) : undefined;
  }

  /** A flow sends its caller to an agent or a number. @returns why that cannot be tried. */
  transferByFlow(contactId: ContactId, to: FlowTransferTarget, ringTimeoutMs: number): string | undefined {
    const agentId = 'agent' in to ? agentNamed(this.#context.state.configuration, to.agent) : null;
    if (agentId === undefined) return 'agent-unknown';
    const found = this.#resolvePerson('number' in to ? to : { agentId: agentId as AgentId });
    if (!found.ok) return found.code;
    if (found.value.kind === 'agent' && this.#isTaken(found.value.agentId)) return 'agent-busy';
    const invitation = { ...this.#invite(found.value), ringTimeoutMs };
    const result = this.#context.command(contactId, { type: 'flow.transferred', invitation });
    return result.ok ? undefined : result.code;
  }

  #isTaken(agentId: AgentId): boolean {
    return [...this.#context.state.legs.values()].some((leg) => leg.agentId === agentId);
  }

  /** Whether this leg leads a conversation that can be sent there. */
  #isConnected(legId: LegId, target: TransferTarget): boolean {
    const contactId = this.#context.state.legs.get(legId)?.contactId;
    const legs = this.#context.state.contacts.get(contactId as ContactId)?.machine.view().legs ?? [];
    const own = legs.find((leg) => leg.legId === legId);
    const isHere = target.kind === 'agent' && legs.some(({ agentId }) => agentId === target.agentId);
    return own?.role === 'agent' && (own.state === 'talking' || own.state === 'hold') && !isHere;
  }

  #leading(contactId: ContactId): AgentId | null {
    const legs = this.#context.state.contacts.get(contactId)?.machine.view().legs ?? [];
    return legs.find(({ role, agentId }) => role === 'agent' && agentId !== null)?.agentId ?? null;
  }

  /** The customer's call stays; the far end of the other one comes into it, and the agent is out of both. */
  #bringTogether(asked: LegId, other: LegId, take: (isAtOnce: boolean) => void): CommandResult {
    const { state, media, newId } = this.#context;
    const [a, b] = [state.legs.get(asked), state.legs.get(other)];
    if (a === undefined || b === undefined || a.agentId === null) return unknownCall;
    const isCaller = this.#isOfCaller(other, a.agentId);
    if (a.agentId !== b.agentId && !isCaller) return unknownCall;
    const isQueued = state.contacts.get(a.contactId)?.queueId === null && this.#hasQueue(b.contactId);
    const swap = isQueued && !isCaller;
    const [kept, given] = swap ? [b, a] : [a, b];
    // Where the agent called as a caller, it is who answered there.
    const role = isCaller ? 'agent' : 'customer';
    const far = state.contacts
      .get(given.contactId)
      ?.machine.view()
      .legs.find((leg) => leg.role === role);
    const isUp = far !== undefined && (far.state === 'talking' || far.state === 'hold');
    const own = swap ? other : asked;
    if (!isUp || !media.areTogether(far.legId, own) || !this.#isConnected(own, this.#asFarEnd(far))) {
      return refusal('call-wrong-state', 'The two calls cannot be brought together now.');
    }
    take(true);
    // Between the two contacts nobody else may have the agent who comes along.
    const engage = (engaged: boolean) => {
      if (far.agentId !== null) this.#context.engage(kept.contactId, far.agentId, engaged);
    };
    engage(true);
    let result = this.#context.command(given.contactId, { type: 'leg.surrendered', legId: far.legId });
    if (result.ok) {
      const party = far.agentId === null ? 'external' : 'agent';
      state.legs.set(far.legId, { contactId: kept.contactId, party, agentId: far.agentId });
      const recordingId = newId() as RecordingId;
      result = this.#context.command(kept.contactId, {
        ...{ type: 'leg.adopted', legId: far.legId, target: this.#asFarEnd(far), recordingId },
      });
    }
    if (!result.ok) engage(false);
    return result;
  }

  #asFarEnd({ agentId, address }: LegView): FarEnd {
    return agentId === null ? { kind: 'number', number: address } : this.#agent(agentId);
  }

  /** Whether that leg is the one on which this agent calls the house, as a caller does. */
  #isOfCaller(legId: LegId, agentId: AgentId | null): boolean {
    const { state } = this.#context;
    const leg = state.legs.get(legId);
    if (agentId === null || leg?.party !== 'customer') return false;
    return state.contacts.get(leg.contactId)?.machine.view().callerAgentId === agentId;
  }

  #hasQueue(contactId: ContactId): boolean {
    return (this.#context.state.contacts.get(contactId)?.queueId ?? null) !== null;
  }

  #invite(target: FarEnd): Invitation {
    const { newId } = this.#context;
    return {
      target,
      legId: newId() as LegId,
      recordingId: newId() as RecordingId,
      ringTimeoutMs: guestRingTimeoutMs,
    };
  }

  #agent(agentId: AgentId): FarEnd {
    const username = this.#context.state.configuration.agents.get(agentId)?.username ?? agentId;
    return { kind: 'agent', agentId, address: `sip:${username}` };
  }

  #resolve(target: CallTarget | { queueId: QueueId; keepAge?: boolean | undefined }): Found<TransferTarget> {
    const { queues, numbers } = this.#context.state.configuration;
    if ('queueId' in target || 'number' in target) {
      const found = 'number' in target ? numbers.find(target.number) : target;
      const queue = found !== undefined && 'queueId' in found ? queues.get(found.queueId) : undefined;
      if (queue !== undefined) {
        // The customer would be taken from the agent, only to come back.
        const why = this.#context.state.distributor.transferRefusal(queue.id, this.#context.now());
        if (why === 'queue-full')
          return refusal('queue-full', 'The queue is full. Choose another queue or somebody else.');
        const record = queue.settings.recording === 'always';
        const keepAge = 'keepAge' in target && target.keepAge === true;
        return { ok: true, value: { kind: 'queue', queueId: queue.id, keepAge, record } };
      }
    }
    if ('queueId' in target) return refusal('target-unknown', 'There is no such queue.');
    // What the house answers itself does not go out through a trunk to come in again.
    if ('number' in target && this.#flowBehind(target.number) !== undefined)
      return { ok: true, value: { kind: 'flow', number: target.number } };
    return this.#resolvePerson(target);
  }

  /** An absent agent is refused before the customer is moved. */
  #resolvePerson(target: CallTarget): Found<FarEnd> {
    const { agents, extensions } = this.#context.state.configuration;
    const number = 'number' in target ? canonicalNumber(target.number) : '';
    const agentId = 'agentId' in target ? target.agentId : extensions.get(number);
    if (agentId === undefined) {
      const refused = this.#context.routeRefusal(number);
      if (refused === undefined) return { ok: true, value: { kind: 'number', number } };
      return refusal('no-route', `No trunk takes calls to ${number}. Look at the prefixes of the trunks.`);
    }
    if (!agents.has(agentId)) return refusal('agent-unknown', 'There is no such agent.');
    const { reachable } = this.#context.deviceOf(agentId);
    if (!reachable) {
      return refusal(
        'agent-unreachable',
        'No device of this agent can be reached now. Choose somebody else, or a queue.',
      );
    }
    return { ok: true, value: this.#agent(agentId) };
  }

  #added(legId: LegId, { legId: callId }: { legId: LegId }, input: ContactInput): Added {
    const result = this.#command(legId, input);
    return result.ok ? { ok: true, callId } : result;
  }

  #command(legId: LegId, input: ContactInput): CommandResult {
    const leg = this.#context.state.legs.get(legId);
    return leg === undefined ? unknownCall : this.#context.command(leg.contactId, input);
  }
}

const unknownCall: Refusal = { ok: false, code: 'call-unknown', detail: 'This call is not up (any more).' };

function refusal(code: string, detail: string): Refusal {
  return { ok: false, code, detail };
}
