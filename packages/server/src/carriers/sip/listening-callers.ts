import type { LegId } from '@crosspoint/contracts';
import { type Flow, flowKey, isReliable } from '@crosspoint/sip';
import { isBrowserFlow } from './addressing.ts';
import type { SipLegs } from './leg.ts';

export interface ListeningCallersContext {
  legs: Pick<SipLegs, 'byLeg'>;
  /** Where the far end of a session is. */
  flowOf: (sessionId: string) => Flow | undefined;
  now: () => number;
}

/** Longer than anybody waits in silence; then the leg is judged like others. */
const listeningMsMax = 600_000;
/** Of one source: more are a flood. */
const listenersMax = 2_000;
/** So long a source is remembered that is not trusted. */
const distrustMs = 600_000;
const distrustedMax = 10_000;
/** From so many sources on, those are forgotten from which nobody listens any more. */
const sourcesMin = 1_000;

/**
 * Callers who only listen. A telephone with silence suppression, or one whose sound does not find its way here, never sends a packet,
 * and many a caller's side answers no OPTIONS that comes from outside of its dialog (RFC 3261 asks nobody to); without a session timer a
 * dialog owes no sign of life at all. So who was never heard, but has asked and confirmed the call as RFC 3261 wants it, may listen for ten
 * minutes, as long as its source (address and port, or connection) is there, sends nothing but SIP and does not hold too many such calls.
 */
export class ListeningCallers {
  readonly #context: ListeningCallersContext;
  /** Sources by the latest malformed message, the longest known first. */
  readonly #distrusted = new Map<string, number>();
  /** Who listens from where; legs that have ended are taken out when there is no room for another. */
  readonly #listeners = new Map<string, Set<LegId>>();
  #sourcesMax = sourcesMin;

  constructor(context: ListeningCallersContext) {
    this.#context = context;
  }

  /** It has sent what is no SIP message, or its connection has ended. */
  distrust(flow: Flow): void {
    const source = flowKey(flow);
    this.#distrusted.delete(source);
    this.#distrusted.set(source, this.#context.now());
    if (this.#distrusted.size <= distrustedMax) return;
    for (const oldest of this.#distrusted.keys()) {
      this.#distrusted.delete(oldest);
      return;
    }
  }

  /** Whether it says nothing that this leg, which was never heard, has been silent for so long. */
  mayListen(legId: LegId, silentForMs: number): boolean {
    const { legs, flowOf, now } = this.#context;
    const leg = legs.byLeg(legId);
    if (leg?.role !== 'caller' || leg.state !== 'up' || silentForMs >= listeningMsMax) return false;
    const flow = flowOf(leg.sessionId);
    if (flow === undefined || isBrowserFlow(flow)) return false;
    if (isReliable(flow.protocol) && flow.connectionId === undefined) return false;
    const source = flowKey(flow);
    const distrustedAt = this.#distrusted.get(source);
    if (distrustedAt !== undefined && now() - distrustedAt < distrustMs) return false;
    if (leg.listensFrom !== source) {
      const listeners = this.#listenersFrom(source);
      if (listeners.size >= listenersMax) this.#forgetEnded(source, listeners);
      if (listeners.size >= listenersMax) return false;
      leg.listensFrom = source;
      listeners.add(legId);
    }
    return true;
  }

  #listenersFrom(source: string): Set<LegId> {
    const known = this.#listeners.get(source);
    if (known !== undefined) return known;
    if (this.#listeners.size >= this.#sourcesMax) {
      for (const [other, listeners] of this.#listeners) {
        this.#forgetEnded(other, listeners);
        if (listeners.size === 0) this.#listeners.delete(other);
      }
      this.#sourcesMax = Math.max(sourcesMin, this.#listeners.size * 2);
    }
    const listeners = new Set<LegId>();
    this.#listeners.set(source, listeners);
    return listeners;
  }

  #forgetEnded(source: string, listeners: Set<LegId>): void {
    const { legs } = this.#context;
    for (const legId of listeners) if (legs.byLeg(legId)?.listensFrom !== source) listeners.delete(legId);
  }
}
