import type { AgentId, LegId } from '@crosspoint/contracts';
import { type Flow, SdpSession } from '@crosspoint/sip';
import type { LegMedia } from '../door.ts';
import { newLeg, type SipLeg, type SipLegs } from './leg.ts';
import type { CountedCall, SipLegSnapshot } from './leg-snapshot.ts';
import { LegSound } from './leg-sound.ts';
import type { SipShell } from './shell.ts';

interface LegTakeoverContext {
  shell: SipShell;
  media: LegMedia;
  legs: SipLegs;
  countAgain: (legId: LegId, counted: CountedCall) => () => void;
  changed: (leg: SipLeg) => void;
}

/** The name of no connection. */
const connectionGone = -1;

/** How legs outlive the process that has them: what is kept of each, and how the next process takes it up. */
export class LegTakeover {
  readonly #context: LegTakeoverContext;

  constructor(context: LegTakeoverContext) {
    this.#context = context;
  }

  /** What another process would need of this leg; undefined while there is nothing to go on with. */
  snapshotOf(leg: SipLeg): SipLegSnapshot | undefined {
    const { legId, contactId, role, agentId, callId, held, browser, counted, sound, outgoing } = leg;
    const { stack } = this.#context.shell;
    const toAgent = leg.toAgent ? true : undefined;
    const of = { legId, contactId, role, agentId, callId, held, toAgent, browser, counted };
    if (outgoing !== undefined) {
      // Nobody goes on with them (see `giveUp`).
      const without = { withDescription: false };
      return {
        ...of,
        calls: outgoing.sessionIds.flatMap((sessionId) => stack.exportCall(sessionId, without) ?? []),
      };
    }
    const session = stack.exportSession(leg.sessionId, { unacknowledged: true, known: sound?.described });
    return session === undefined ? undefined : { ...of, session, sound: sound?.export() };
  }

  /** Takes up an answered leg of a process that is gone, `leftBehind` by it. False when that cannot be. To be called before anything is received. */
  restore(snapshot: SipLegSnapshot): boolean {
    const { shell, media, legs, countAgain } = this.#context;
    const { session, sound, callId, held, toAgent, browser, counted } = snapshot;
    if (session === undefined || sound === undefined) return false;
    const description = SdpSession.import(sound.sdp).text;
    const taken = shell.run((stack, now) => stack.importSession({ description, ...session }, now));
    if (!taken.ok) return false;
    const leg = newLeg(snapshot, snapshot.role);
    Object.assign(leg, { callId, held, toAgent: toAgent === true, counted, state: 'up' });
    // No connection has survived; the page is known again when it registers over its next one.
    leg.browser = browser && { ...browser, connectionId: connectionGone };
    leg.sound = LegSound.import(media, leg.legId, sound);
    leg.release = counted && countAgain(leg.legId, counted);
    legs.add(leg);
    legs.nameSession(leg, session.sessionId);
    return true;
  }

  /**
   * Hangs up a leg of a process that is gone, which nobody goes on with: a call that rings is cancelled, and an answer that crosses
   * this is hung up.
   */
  giveUp({ calls = [], session }: SipLegSnapshot): void {
    const { shell } = this.#context;
    if (session !== undefined) {
      shell.run((stack, now) => {
        if (stack.importSession(session, now).ok) stack.bye({ sessionId: session.sessionId }, now);
      });
    }
    for (const call of calls) {
      shell.run((stack, now) => {
        if (stack.importCall(call, now).ok) stack.bye({ sessionId: call.sessionId }, now);
      });
    }
  }

  /** Asks the far end of a leg by a re-INVITE that changes nothing; the leg ends when the far end knows it no more. */
  ask(legId: LegId): void {
    const leg = this.#context.legs.byLeg(legId);
    if (leg?.state !== 'up' || leg.sound === undefined || leg.browser !== undefined) return;
    const { sessionId, sound } = leg;
    // Whom something is offered already will answer or not.
    if (sound.awaitsAnswer) return;
    const body = sound.offerAsIs();
    const sent = this.#context.shell.run((stack, now) => stack.reinvite({ sessionId, body }, now));
    if (!sent.ok) sound.withdrawOffer();
  }

  /** An agent's browsers are now registered over these connections. The legs of pages that are back. */
  browsersChanged(agentId: AgentId, flows: readonly Flow[]): SipLeg[] {
    return [...this.#context.legs.all()]
      .filter(({ browser }) => {
        return browser?.connectionId === connectionGone && browser.command.agentId === agentId;
      })
      .filter((leg) => this.#rejoin(leg, flows));
  }

  /** The page of a call of a former process is back. It may still have the call, as its sound goes on; else it is called anew. */
  #rejoin(leg: SipLeg, [flow]: readonly Flow[]): boolean {
    const { browser } = leg;
    if (browser === undefined || flow?.connectionId === undefined) return false;
    browser.connectionId = flow.connectionId;
    const { sessionId } = leg;
    this.#context.shell.run((stack, now) => stack.rejoin({ sessionId, flow }, now));
    this.#context.changed(leg);
    return true;
  }
}
