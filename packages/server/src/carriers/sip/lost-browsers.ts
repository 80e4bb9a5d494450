import type { AgentId, LegId } from '@crosspoint/contracts';
import type { Flow, SipEvent } from '@crosspoint/sip';
import type { DialCommand, LegMedia, SoundSocket } from '../door.ts';
import type { CallPlan } from './call-routes.ts';
import type { SipLeg, SipLegs } from './leg.ts';
import type { LegSound } from './leg-sound.ts';
import { OutgoingLeg, type OutgoingLegContext } from './outgoing-leg.ts';

export interface LostBrowsersContext {
  legs: SipLegs;
  media: LegMedia;
  /** The ways to the pages in which the agent is registered now. */
  toBrowser: (command: DialCommand) => CallPlan;
  /** The path on which a page with that Contact is registered now, when it may still have its call. */
  flowOfBrowser: (agentId: AgentId, contact: string) => Flow | undefined;
  /** Goes on with the session over that path; false when it is over. */
  rejoin: (sessionId: string, flow: Flow) => boolean;
  outgoing: (leg: SipLeg) => OutgoingLegContext;
  noteHold: (leg: SipLeg, held: boolean) => void;
  /** Another session is that of the leg now. */
  changed: (leg: SipLeg) => void;
  /** The page did not come back. */
  giveUp: (leg: SipLeg) => void;
  /** Ends the session of the page that is gone. */
  endSession: (sessionId: string) => void;
}

interface Lost {
  timer: NodeJS.Timeout;
  /** Ends the attempt that is under way, or begins the next one. */
  retryTimer: NodeJS.Timeout | undefined;
  calling: OutgoingLeg | undefined;
  attempts: number;
  wasHeld: boolean;
  /** Nothing but the connection was lost: the page may still have the call. */
  mayHaveCall: boolean;
}

/** A page that was reloaded or cut off may come back that long; meanwhile the customer hears music. */
const browserReturnMaxMs = 30_000;
/** An attempt that failed is repeated: the page may still be loading, the network still be away. */
const retryDelayMs = 1_500;
/** A page answers at once; one that only rings is called anew. */
const attemptMaxMs = 8_000;

/**
 * RFC 3326, as a page writes it whose ICE has failed (JsSIP: `SIP ;cause=408; text="RTP Timeout"`), or that could not agree on another
 * path (`SIP ;cause=500; text="Media Renegotiation Failed"`).
 */
const soundFailed = /^SIP\s*;\s*cause=(?:408|500)\b/i;

const attemptOver = { code: 408, reason: 'page-silent', by: 'local' } as const;

/**
 * Legs of agents whose page has gone in mid-call: by a reload, a cut network, or because another window has taken the
 * telephone over. The customer is held, and as soon as a page of the agent is registered again it is called, and takes the
 * place of the former one: the same leg, the same segment, the same recording.
 */
export class LostBrowsers {
  readonly #context: LostBrowsersContext;
  readonly #lost = new Map<LegId, Lost>();
  /** Pages that came back a moment ago. */
  readonly #returned = new Map<LegId, NodeJS.Timeout>();

  constructor(context: LostBrowsersContext) {
    this.#context = context;
  }

  /** Waits for the page of this leg; false when it is no browser, and so nothing is to be waited for. */
  suspend(leg: SipLeg, { mayHaveCall = false } = {}): boolean {
    if (leg.state !== 'up' || leg.browser === undefined) return false;
    if (this.#lost.has(leg.legId)) return true;
    const timer = setTimeout(() => this.#context.giveUp(leg), browserReturnMaxMs);
    this.#lost.set(leg.legId, {
      timer,
      retryTimer: undefined,
      calling: undefined,
      attempts: 0,
      wasHeld: leg.held,
      mayHaveCall,
    });
    this.#context.noteHold(leg, true);
    this.#resume(leg);
    return true;
  }

  /**
   * The page has ended the call for that reason: true when it did so because the network carried no sound, and not its agent.
   * It is called again, once: where sound is not carried again, the customer need not wait for a third time.
   */
  hangsUpForSound(leg: SipLeg, reasonHeader = ''): boolean {
    if (!soundFailed.test(reasonHeader) || leg.state !== 'up' || leg.browser === undefined) return false;
    if (this.#returned.has(leg.legId)) this.#context.giveUp(leg);
    else this.suspend(leg);
    return true;
  }

  /** A page of that agent has registered, or the last one has gone. */
  changed(agentId: string, connections: ReadonlySet<number>): void {
    for (const leg of this.#context.legs.all()) {
      if (leg.browser === undefined || leg.browser.command.agentId !== agentId) continue;
      if (this.#lost.has(leg.legId)) this.#resume(leg);
      else if (
        leg.state === 'up' &&
        leg.browser.connectionId >= 0 &&
        !connections.has(leg.browser.connectionId)
      )
        this.suspend(leg, { mayHaveCall: true });
    }
  }

  /** The leg is over. */
  forget(legId: LegId): void {
    clearTimeout(this.#returned.get(legId));
    this.#returned.delete(legId);
    const lost = this.#lost.get(legId);
    if (lost === undefined) return;
    this.#lost.delete(legId);
    clearTimeout(lost.timer);
    clearTimeout(lost.retryTimer);
    lost.calling?.hangup({ code: 487, reason: 'call-over', by: 'local' }, undefined);
  }

  isLost(legId: LegId): boolean {
    return this.#lost.has(legId);
  }

  /** The socket of this leg, or of the page that is being called for it, is another one; true when nobody need be told. */
  soundMoved({ legId }: SipLeg, mediaLegId: LegId, socket: SoundSocket): boolean {
    const lost = this.#lost.get(legId);
    if (mediaLegId !== legId) lost?.calling?.soundMoved(mediaLegId, socket);
    return lost !== undefined;
  }

  /** An event of the session that is to take the place of the lost one; true when it was one. */
  handle(leg: SipLeg, event: SipEvent & { sessionId: string }): boolean {
    const calling = this.#lost.get(leg.legId)?.calling;
    if (calling === undefined || event.sessionId === leg.sessionId) return false;
    calling.handle(event);
    return true;
  }

  #resume(leg: SipLeg): void {
    const lost = this.#lost.get(leg.legId);
    if (lost === undefined || lost.calling !== undefined || leg.browser === undefined) return;
    clearTimeout(lost.retryTimer);
    if (lost.mayHaveCall && this.#rejoined(leg, lost)) return;
    const { stages } = this.#context.toBrowser(leg.browser.command);
    if (stages.length === 0) return;
    // Behind the number of the session that is lost, which may itself have taken the place of another one.
    const number = numberOf(leg.sessionId) + ++lost.attempts;
    const mediaLegId = `${leg.legId}.${number}` as LegId;
    lost.calling = new OutgoingLeg(mediaLegId, stages, this.#context.outgoing(leg), {
      ringing: () => undefined,
      earlyMedia: () => undefined,
      answered: ({ sessionId, sound, way }) => {
        const connectionId = way.flow.connectionId ?? 0;
        this.#answered(leg, lost, { sessionId, sound, mediaLegId, connectionId, contact: way.uri });
      },
      failed: () => {
        lost.calling = undefined;
        clearTimeout(lost.retryTimer);
        if (this.#lost.get(leg.legId) !== lost) return;
        lost.retryTimer = setTimeout(() => this.#resume(leg), retryDelayMs);
      },
    });
    const { calling } = lost;
    lost.retryTimer = setTimeout(() => calling.hangup(attemptOver, undefined), attemptMaxMs);
    calling.start();
  }

  /**
   * A page that has opened another connection, and is the same one by its Contact, goes on with the call that it has. Should
   * it know the call no more, the session ends with 481, and the page is called anew. The console's own page is always
   * called anew: it answers by itself, and has its sound again at once where ICE would still be looking for a way.
   */
  #rejoined(leg: SipLeg, lost: Lost): boolean {
    const { flowOfBrowser, rejoin, changed, noteHold } = this.#context;
    const { browser } = leg;
    if (browser?.contact === undefined) return false;
    const flow = flowOfBrowser(browser.command.agentId, browser.contact);
    if (flow?.connectionId === undefined || !rejoin(leg.sessionId, flow)) return false;
    browser.connectionId = flow.connectionId;
    changed(leg);
    this.forget(leg.legId);
    if (!lost.wasHeld) noteHold(leg, false);
    return true;
  }

  #answered(
    leg: SipLeg,
    lost: Lost,
    by: { sessionId: string; sound: LegSound; mediaLegId: LegId; connectionId: number; contact: string },
  ): void {
    const { legs, media, endSession, noteHold } = this.#context;
    lost.calling = undefined;
    const former = leg.sessionId;
    legs.dropSession(former);
    endSession(former);
    media.rename(by.mediaLegId, leg.legId);
    by.sound.moveTo(leg.legId);
    Object.assign(leg, { sound: by.sound, callId: by.sessionId });
    legs.nameSession(leg, by.sessionId);
    const { connectionId, contact } = by;
    if (leg.browser !== undefined) Object.assign(leg.browser, { connectionId, contact });
    this.#context.changed(leg);
    this.forget(leg.legId);
    const returned = setTimeout(() => this.#returned.delete(leg.legId), browserReturnMaxMs);
    this.#returned.set(leg.legId, returned);
    if (!lost.wasHeld) noteHold(leg, false);
  }
}

/** Which call of its leg a session is: 0 for the first. */
function numberOf(sessionId: string): number {
  return Number(/\.(\d+)(?::\d+)?$/.exec(sessionId)?.[1] ?? 0);
}
