import type { AgentId, LegId, SrtpUse, TrunkId } from '@crosspoint/contracts';
import type { InviteEvent } from '@crosspoint/sip';
import type { CarrierEvents, DialCommand, LegMedia } from '../door.ts';
import type { IncomingLegs } from './incoming-legs.ts';
import { newLeg, type SipLeg, type SipLegs } from './leg.ts';

/** An INVITE with Replaces, and who sent it. */
export interface ReplacingCall {
  event: InviteEvent & Required<Pick<InviteEvent, 'replaces'>>;
  /** Whose device it has proved to be; undefined: nobody's of the house. */
  agentId: AgentId | undefined;
  trunkId: TrunkId | undefined;
  srtp: SrtpUse;
}

export interface ReplacementsContext {
  legs: SipLegs;
  media: LegMedia;
  incoming: IncomingLegs;
  pickUp: CarrierEvents['pickUp'];
  /** The former far end of the leg is nobody's concern any more. */
  letGo: (leg: SipLeg) => void;
  /** Another session is that of the leg now. */
  changed: (leg: SipLeg) => void;
  log: (what: string, detail: string) => void;
}

/** Whoever may take a call has it at once, unless the distributor has reasons against it. */
const pickUpMaxMs = 2_000;

/**
 * Calls that take the place of others (RFC 3891). The same party may go on with another telephone: an agent from the desk to the
 * mobile, a caller whom somebody else's telephone system transfers. The leg stays, and with it the segment and the recording. An
 * agent takes a colleague's call where that is permitted: then the centre decides, as when the call is taken over in the console.
 */
export class Replacements {
  readonly #context: ReplacementsContext;
  /** Telephones that wait to be dialled into a call, by contact and agent. */
  readonly #waiting = new Map<string, ReplacingCall & { timer: NodeJS.Timeout | undefined }>();
  #sockets = 0;

  constructor(context: ReplacementsContext) {
    this.#context = context;
  }

  /** Takes the INVITE, or refuses it. */
  async take(call: ReplacingCall): Promise<void> {
    const { event, agentId } = call;
    const leg = this.#context.legs.bySession(event.replaces.sessionId);
    if (leg === undefined) return this.#refuse(call, 481, 'the call to be replaced is not here any more');
    if (isSameParty(leg, call)) return this.#succeed(leg, call);
    if (agentId === undefined || leg.agentId === undefined)
      return this.#refuse(call, 403, 'who wants to replace a call is neither its party nor an agent');
    await this.#askFor(leg, agentId, call);
  }

  /** The telephone that is on the line already for this command; undefined: it is to be called. */
  claim(command: DialCommand): { leg: SipLeg; join: () => Promise<void> } | undefined {
    const key = keyOf(command.contactId, command.agentId);
    const call = this.#waiting.get(key);
    if (call === undefined) return undefined;
    clearTimeout(call.timer);
    this.#waiting.delete(key);
    const leg = newLeg(command, 'caller');
    leg.toAgent = true;
    return { leg, join: () => this.#context.incoming.join(leg, call.event, call.srtp) };
  }

  /** The caller has given up before it was known what comes of it. */
  cancelled(sessionId: string): void {
    for (const [key, { event, timer }] of this.#waiting) {
      if (event.sessionId !== sessionId) continue;
      clearTimeout(timer);
      this.#waiting.delete(key);
    }
  }

  async #askFor({ legId, contactId }: SipLeg, agentId: AgentId, call: ReplacingCall): Promise<void> {
    const key = keyOf(contactId, agentId);
    if (this.#waiting.has(key)) return this.#refuse(call, 486, 'the agent tries this already');
    const waiting = { ...call, timer: undefined as NodeJS.Timeout | undefined };
    this.#waiting.set(key, waiting);
    const refused = await this.#context.pickUp(legId, agentId);
    if (this.#waiting.get(key) !== waiting) return;
    const giveUp = (code: number, reason: string) => {
      this.#waiting.delete(key);
      this.#refuse(call, code, `the agent cannot take the call of a colleague: ${reason}`);
    };
    if (refused !== undefined) return giveUp(refused.code, refused.reason);
    waiting.timer = setTimeout(() => giveUp(480, 'it is not given to this agent'), pickUpMaxMs);
  }

  /** The leg goes on with this session: the stack hangs the former one up with our answer. */
  async #succeed(leg: SipLeg, call: ReplacingCall): Promise<void> {
    const { legs, media, incoming, letGo, changed } = this.#context;
    const { event, srtp } = call;
    const mediaLegId = `${leg.legId}.r${++this.#sockets}` as LegId;
    const described = await incoming.describe(leg, mediaLegId, event, srtp);
    const isHere = legs.byLeg(leg.legId) === leg && isReplaceable(leg);
    if (!isHere || !described.ok) {
      media.release(mediaLegId);
      if (!described.ok) return incoming.refuse(event, described);
      return this.#refuse(call, 481, 'the call to be replaced has ended');
    }
    letGo(leg);
    media.rename(mediaLegId, leg.legId);
    described.sound.moveTo(leg.legId);
    Object.assign(leg, { sound: described.sound, callId: event.callId });
    legs.nameSession(leg, event.sessionId);
    incoming.accept(leg, event, described.description, false);
    changed(leg);
  }

  #refuse({ event }: ReplacingCall, status: number, why: string): void {
    const who = `${event.from.uriText} (${event.flow.remoteAddress})`;
    this.#context.log('Replaces refused', `${status} to ${who}: ${why}`.slice(0, 300));
    this.#context.incoming.refuse(event, { status });
  }
}

/** What has not come to an answer of its own yet has nothing that could be gone on with. */
function isReplaceable({ state, outgoing }: SipLeg): boolean {
  return state === 'up' || outgoing !== undefined;
}

/** Whether it is for the far end of this leg to say by which telephone it goes on. */
function isSameParty(leg: SipLeg, { agentId, trunkId, event }: ReplacingCall): boolean {
  if (!isReplaceable(leg) || leg.agentId !== agentId) return false;
  if (agentId !== undefined) return true;
  // Whoever is called outside and does not answer yet is for the trunk to find.
  if (leg.outgoing !== undefined) return false;
  if (leg.counted !== undefined) return leg.counted.trunkId === trunkId;
  return leg.sound?.signallingAddress === event.flow.remoteAddress;
}

function keyOf(contactId: SipLeg['contactId'], agentId: AgentId): string {
  return `${contactId} ${agentId}`;
}
