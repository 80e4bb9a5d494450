import type { AgentId, ContactId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { BrowserPage, CountedCall } from './leg-snapshot.ts';
import type { LegSound } from './leg-sound.ts';
import type { OutgoingLeg } from './outgoing-leg.ts';

/** One leg as this carrier keeps it: the SIP session, its description, and how far it is. */
export interface SipLeg {
  legId: LegId;
  contactId: ContactId;
  role: 'caller' | 'callee';
  /** Whose device is at the other end; undefined: nobody of the house. */
  agentId: AgentId | undefined;
  /** The stack's name of the session; empty until the INVITE was sent or received. */
  sessionId: string;
  callId: string;
  state: LegState;
  /** Undefined until its socket is open. */
  sound: LegSound | undefined;
  /** Our SDP for the 2xx: the answer, or an offer when the caller made none. */
  localDescription: string | undefined;
  held: boolean;
  /** Set when we hang up: what the leg's end will be called. */
  hangup: LegEnd | undefined;
  /** Rings devices or a number, until one has answered. */
  outgoing: OutgoingLeg | undefined;
  /** The INVITEs of it that are noted for another process. */
  notedInvites: string | undefined;
  /** Whether it rings, or has rung, the devices of an agent. */
  toAgent: boolean;
  browser: BrowserPage | undefined;
  /** The trunk that counts it. */
  counted: CountedCall | undefined;
  /** The source of a caller who was never heard and is let listen. */
  listensFrom: string | undefined;
  /** To be called once when the leg is over: its trunk counts calls. */
  release: (() => void) | undefined;
}

/**
 * `allocating` the socket is being opened · `ringing` not answered yet · `answering` our 2xx waits for its ACK ·
 * `up` · `over` the end was reported.
 */
export type LegState = 'allocating' | 'ringing' | 'answering' | 'up' | 'over';

/** A leg of which nothing is known yet but whose it is. */
export function newLeg(
  of: Pick<SipLeg, 'legId' | 'contactId'> & { agentId?: AgentId | undefined },
  role: SipLeg['role'],
): SipLeg {
  return {
    legId: of.legId,
    contactId: of.contactId,
    role,
    agentId: of.agentId,
    sessionId: '',
    callId: '',
    state: 'allocating',
    sound: undefined,
    localDescription: undefined,
    held: false,
    hangup: undefined,
    outgoing: undefined,
    notedInvites: undefined,
    toAgent: false,
    browser: undefined,
    counted: undefined,
    listensFrom: undefined,
    release: undefined,
  };
}

/** The legs of this carrier, found by leg and by session. */
export class SipLegs {
  readonly #byLeg = new Map<LegId, SipLeg>();
  readonly #bySession = new Map<string, SipLeg>();

  add(leg: SipLeg): void {
    this.#byLeg.set(leg.legId, leg);
    if (leg.sessionId !== '') this.#bySession.set(leg.sessionId, leg);
  }
  byLeg(legId: LegId): SipLeg | undefined {
    return this.#byLeg.get(legId);
  }
  bySession(sessionId: string): SipLeg | undefined {
    return this.#bySession.get(sessionId);
  }
  nameSession(leg: SipLeg, sessionId: string): void {
    leg.sessionId = sessionId;
    this.#bySession.set(sessionId, leg);
  }
  /** A session that may become that of the leg. */
  addSession(leg: SipLeg, sessionId: string): void {
    this.#bySession.set(sessionId, leg);
  }
  dropSession(sessionId: string): void {
    this.#bySession.delete(sessionId);
  }
  remove(leg: SipLeg): void {
    leg.state = 'over';
    this.#byLeg.delete(leg.legId);
    if (leg.sessionId !== '') this.#bySession.delete(leg.sessionId);
  }
  all(): IterableIterator<SipLeg> {
    return this.#byLeg.values();
  }
  get size(): number {
    return this.#byLeg.size;
  }
}
