import type { SrtpUse } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { InviteEvent } from '@crosspoint/sip';
import type { LegMedia } from '../door.ts';
import { newLeg, type SipLeg, type SipLegs } from './leg.ts';
import type { LegChanges } from './leg-changes.ts';
import type { CountedCall } from './leg-snapshot.ts';
import type { LegSound } from './leg-sound.ts';
import type { SipShell } from './shell.ts';

export interface IncomingLegsContext {
  shell: SipShell;
  media: LegMedia;
  legs: SipLegs;
  changes: LegChanges;
  /** Opens a socket under that name for the far end of a call to us. */
  openSound: (
    leg: SipLeg,
    mediaLegId: SipLeg['legId'],
    event: InviteEvent,
    srtp: SrtpUse,
  ) => Promise<LegSound>;
  forget: (leg: SipLeg) => void;
  fail: (leg: SipLeg, end: LegEnd) => void;
}

/** Why a call to us cannot have sound, as the caller hears it. */
interface SoundRefusal {
  status: number;
  reason?: string;
  headers?: [string, string][];
}

type Described = { ok: true; sound: LegSound; description: string } | ({ ok: false } & SoundRefusal);

/** Calls to us until they are answered: their socket, and what is said about it. */
export class IncomingLegs {
  readonly #context: IncomingLegsContext;

  constructor(context: IncomingLegsContext) {
    this.#context = context;
  }

  /** A new call was let in by the shell: opens its socket, checks its offer, and lets the centre take it. */
  async present(
    event: InviteEvent,
    of: Pick<SipLeg, 'legId' | 'contactId'> & { agentId?: SipLeg['agentId'] },
    how: {
      take: () => void;
      ended?: (() => void) | undefined;
      counted?: CountedCall | undefined;
      srtp: SrtpUse;
    },
  ): Promise<void> {
    const { legs, forget } = this.#context;
    const leg = newLeg(of, 'caller');
    leg.callId = event.callId;
    leg.release = how.ended;
    leg.counted = how.counted;
    legs.add(leg);
    legs.nameSession(leg, event.sessionId);
    const described = await this.describe(leg, leg.legId, event, how.srtp);
    // The caller may have given up meanwhile.
    if (legs.byLeg(leg.legId) !== leg) return this.#context.media.release(leg.legId);
    if (!described.ok) {
      forget(leg);
      return this.refuse(event, described);
    }
    leg.sound = described.sound;
    leg.localDescription = described.description;
    leg.state = 'ringing';
    how.take();
  }

  /** Somebody who is called has called us for that (RFC 3891): the leg is answered at once. */
  async join(leg: SipLeg, event: InviteEvent, srtp: SrtpUse): Promise<void> {
    const { legs, fail, media } = this.#context;
    leg.callId = event.callId;
    legs.nameSession(leg, event.sessionId);
    const described = await this.describe(leg, leg.legId, event, srtp);
    if (legs.byLeg(leg.legId) !== leg) return media.release(leg.legId);
    if (!described.ok) {
      this.refuse(event, described);
      return fail(leg, { code: described.status, reason: 'no-sound', by: 'local' });
    }
    leg.sound = described.sound;
    // Whom it replaces is hung up by the centre, which has another agent for the customer by then.
    this.accept(leg, event, described.description, true);
  }

  /** Answers the call of that leg. */
  accept(leg: SipLeg, { sessionId }: InviteEvent, body: string, keepsReplaced: boolean): void {
    leg.state = 'answering';
    const said = this.#context.shell.run((stack, now) =>
      stack.accept({ sessionId, body, keepsReplaced }, now),
    );
    if (!said.ok) this.#context.fail(leg, { code: 487, reason: 'caller-cancelled', by: 'remote' });
  }

  /** Opens a socket and describes it: our answer, or our offer when the caller made none. */
  async describe(
    leg: SipLeg,
    mediaLegId: SipLeg['legId'],
    event: InviteEvent,
    srtp: SrtpUse,
  ): Promise<Described> {
    let sound: LegSound;
    try {
      sound = await this.#context.openSound(leg, mediaLegId, event, srtp);
    } catch {
      return { ok: false, status: 503, reason: 'No media port free' };
    }
    if (event.body === undefined || event.body.length === 0) {
      return { ok: true, sound, description: sound.offer() };
    }
    const result = sound.answer(event.body);
    if (result.ok) return { ok: true, sound, description: result.answer };
    const who = `${event.from.uriText} (${event.flow.remoteAddress}) to ${event.request.uriText}`;
    return { ok: false, status: 488, headers: this.#context.changes.warningOf(result, `call of ${who}`) };
  }

  refuse({ sessionId }: Pick<InviteEvent, 'sessionId'>, { status, reason, headers }: SoundRefusal): void {
    this.#context.shell.run((stack, now) => stack.reject({ sessionId, status, reason, headers }, now));
  }
}
