import type { AgentId, LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import { type DialogId, type Flow, numberOrUserOf, type SipEvent } from '@crosspoint/sip';
import type {
  CallCommand,
  Carrier,
  CarrierEvents,
  DialCommand,
  LegMedia,
  LegReport,
  SoundSocket,
} from '../door.ts';
import { transportOffered } from './device-sounds.ts';
import { AskedTransfers } from './asked-transfers.ts';
import { digitOfInfo } from './audio.ts';
import type { CallPlan } from './call-routes.ts';
import type { SoundProfile } from './call-stages.ts';
import { type SipLeg, SipLegs } from './leg.ts';
import { IncomingLegs } from './incoming-legs.ts';
import { LegChanges } from './leg-changes.ts';
import type { CountedCall, SipLegSnapshot } from './leg-snapshot.ts';
import { LegSound } from './leg-sound.ts';
import { codeForCaller } from './refusals.ts';
import { LegTakeover } from './leg-takeover.ts';
import { LostBrowsers } from './lost-browsers.ts';
import { OutgoingLegs } from './outgoing-legs.ts';
import type { SipShell } from './shell.ts';
import { type ReplacingCall, Replacements } from './replacements.ts';
import { SoundMoves } from './sound-moves.ts';

export interface SipCarrierContext {
  shell: SipShell;
  media: LegMedia;
  events: CarrierEvents;
  /** Where the agent can be called now, in stages; none when no endpoint can be reached. */
  toAgent: (command: DialCommand) => CallPlan | Promise<CallPlan>;
  /** Nothing was heard from the agent's devices when they were called. */
  devicesSilent: (agentId: AgentId) => void;
  /** Where a call goes on whose page of the console is gone. */
  toBrowser: (command: DialCommand) => CallPlan;
  /** The path to a browser of the agent with that Contact, unless it is the console. */
  flowOfBrowser: (agentId: AgentId, contact: string) => Flow | undefined;
  /** The ways to a number outside; a refusal when there is none. */
  toNumber: (command: CallCommand) => Promise<CallPlan | { refusal: LegEnd }>;
  /** Address that SIP listens on; sound goes through addresses of the same interfaces. */
  bindAddress: string;
  publicAddress: string | undefined;
  /** What another process would need to go on with this leg has changed; it is kept before anything more is sent. */
  changed: (snapshot: SipLegSnapshot) => void;
  /** Counts a call of a former process where it was counted; returns what is to be called at its end. */
  countAgain: (legId: LegId, counted: CountedCall) => () => void;
  /** Writes a refusal to the log. */
  log: (what: string, detail: string) => void;
}

/** The legs of native SIP: commands from the centre become SIP, SIP events become reports. */
export class SipCarrier implements Carrier {
  readonly name = 'sip';
  readonly legs = new SipLegs();
  /** Legs of a former process, and what the next one needs of ours. */
  readonly takeover: LegTakeover;
  readonly #context: SipCarrierContext;
  readonly #changes: LegChanges;
  readonly #lostBrowsers: LostBrowsers;
  readonly moves: SoundMoves;
  readonly #transfers: AskedTransfers;
  readonly #incoming: IncomingLegs;
  readonly #outgoing: OutgoingLegs;
  readonly #replacements: Replacements;

  constructor(context: SipCarrierContext) {
    this.#context = context;
    this.#transfers = new AskedTransfers(context.shell);
    const { shell, media, countAgain, log } = context;
    const changed = (leg: SipLeg): void => this.#changed(leg);
    const noteHold = (leg: SipLeg, held: boolean): void => this.#noteHold(leg, held);
    this.takeover = new LegTakeover({ shell, media, legs: this.legs, countAgain, changed });
    this.#changes = new LegChanges({ shell, noteHold, changed, log });
    this.#lostBrowsers = new LostBrowsers({
      legs: this.legs,
      media: context.media,
      toBrowser: context.toBrowser,
      flowOfBrowser: context.flowOfBrowser,
      rejoin: (sessionId, flow) =>
        context.shell.run((stack, now) => stack.rejoin({ sessionId, flow }, now)).ok,
      outgoing: (leg) => this.#outgoing.contextOf(leg),
      noteHold: (leg, held) => this.#noteHold(leg, held),
      changed: (leg) => this.#changed(leg),
      giveUp: (leg) => this.#pageLost(leg),
      endSession: (sessionId) => context.shell.run((stack, now) => stack.bye({ sessionId }, now)),
    });
    this.moves = new SoundMoves({
      shell: context.shell,
      // A page can be called again; with a telephone there is no other way to its sound.
      failed: (leg) => {
        if (!this.#lostBrowsers.suspend(leg)) this.hangup(leg.legId, 503, 'media-lost');
      },
      log: context.log,
    });
    const { toAgent, toNumber, devicesSilent } = context;
    this.#outgoing = new OutgoingLegs({
      ...{ shell, media, legs: this.legs, toAgent, toNumber, devicesSilent, changed, log },
      openSound: (leg, mediaLegId, flow, profile) => this.#openSocket(leg, mediaLegId, flow, profile),
      tellMoved: (leg) => this.moves.tell(leg),
      report: (leg, report) => this.#report(leg, report),
      fail: (leg, end) => this.#fail(leg, end),
    });
    this.#incoming = new IncomingLegs({
      ...{ shell, media, legs: this.legs, changes: this.#changes },
      openSound: (leg, mediaLegId, { flow, body }, srtp) =>
        this.#openSocket(leg, mediaLegId, flow, { transport: transportOffered(flow, srtp), srtp }, body),
      forget: (leg) => this.#forget(leg),
      fail: (leg, end) => this.#fail(leg, end),
    });
    this.#replacements = new Replacements({
      ...{ legs: this.legs, media, incoming: this.#incoming, changed, log },
      pickUp: (legId, agentId) => context.events.pickUp(legId, agentId),
      letGo: (leg) => this.#letGo(leg),
    });
  }

  /** Another far end takes the place of that of the leg: what was between us and the former one is over. */
  #letGo(leg: SipLeg): void {
    leg.outgoing?.giveWay();
    this.legs.dropSession(leg.sessionId);
    this.#lostBrowsers.forget(leg.legId);
    this.moves.forget(leg.legId);
    Object.assign(leg, { outgoing: undefined, browser: undefined });
  }

  // ---------------------------------------------------------------- commands of the centre

  answer(legId: LegId): void {
    const leg = this.legs.byLeg(legId);
    if (leg?.state !== 'ringing' || leg.role !== 'caller' || leg.localDescription === undefined) return;
    leg.state = 'answering';
    const { sessionId, localDescription: body } = leg;
    this.#context.shell.run((stack, now) => {
      stack.accept({ sessionId, body }, now);
      this.#changed(leg);
    });
  }

  reject(legId: LegId, code: number, reason: string): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined) return;
    this.#forget(leg);
    const { sessionId } = leg;
    const status = codeForCaller(code);
    const headers = code === 503 || code === 486 ? [['Retry-After', '30'] as const] : [];
    // "sip-404" and its like are words of ours for what the code says already.
    const phrase = reason.startsWith('sip-') ? undefined : reason;
    this.#context.shell.run((stack, now) =>
      stack.reject({ sessionId, status, reason: phrase, headers }, now),
    );
  }

  dial(command: DialCommand): void {
    const replacing = this.#replacements.claim(command);
    if (replacing !== undefined) {
      this.legs.add(replacing.leg);
      void replacing.join();
      return;
    }
    this.#outgoing.dial(command);
  }

  call(command: CallCommand): void {
    this.#outgoing.call(command);
  }

  progress(legId: LegId, withSound: boolean): void {
    const leg = this.legs.byLeg(legId);
    if (leg?.state !== 'ringing' || leg.role !== 'caller') return;
    const { sessionId, localDescription } = leg;
    // Without an offer from the caller there is no answer to let sound through with.
    const body = withSound && leg.sound?.audio !== undefined ? localDescription : undefined;
    const status = body === undefined ? 180 : 183;
    this.#context.shell.run((stack, now) => stack.progress({ sessionId, status, body }, now));
  }

  hangup(legId: LegId, code: number, reason: string): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined || leg.hangup !== undefined) return;
    leg.hangup = { code, reason, by: 'local' };
    const { sessionId, outgoing } = leg;
    // RFC 3326: keeps a phone that lost a ring-all race from showing a missed call.
    const elsewhere = reason === 'rescinded' && leg.state !== 'up';
    const reasonHeader = elsewhere ? 'SIP;cause=200;text="Call completed elsewhere"' : undefined;
    if (outgoing !== undefined) return outgoing.hangup(leg.hangup, reasonHeader);
    if (sessionId === '') return; // The socket is still being opened, or the way looked up; nothing will be sent.
    if (leg.role === 'caller' && leg.state === 'ringing') {
      this.#context.shell.run((stack, now) => stack.reject({ sessionId, status: code }, now));
      this.#fail(leg, leg.hangup);
      return;
    }
    if (leg.state === 'up' && this.#transfers.linger(leg)) return this.#fail(leg, leg.hangup);
    const said = this.#context.shell.run((stack, now) => stack.bye({ sessionId, reasonHeader }, now));
    // The session of a page that is gone may be over already.
    if (!said.ok) this.#fail(leg, leg.hangup);
  }

  /** The device of this leg does not answer any more: the leg is over now, whatever becomes of our BYE. */
  vanish(legId: LegId): void {
    const leg = this.legs.byLeg(legId);
    if (leg === undefined || this.#lostBrowsers.suspend(leg)) return;
    const { sessionId } = leg;
    this.#fail(leg, { code: 408, reason: 'vanished', by: 'timeout' });
    this.#context.shell.run((stack, now) => stack.bye({ sessionId }, now));
  }

  /** The sound of this leg is gone for good: it ends, unless it is a page that may come back. */
  soundLost(legId: LegId, reason: string): void {
    const leg = this.legs.byLeg(legId);
    // A leg that is not answered yet owes no sound.
    if (leg?.state !== 'up' || this.#lostBrowsers.suspend(leg)) return;
    this.hangup(legId, 408, reason);
  }

  /** The sound of a leg goes through another socket since its media process died: the far end is told. */
  soundMoved(mediaLegId: LegId, socket: SoundSocket): void {
    const legId = mediaLegId.split('.', 1)[0] as LegId;
    const leg = this.legs.byLeg(legId);
    if (leg === undefined) return;
    if (leg.outgoing !== undefined) return leg.outgoing.soundMoved(mediaLegId, socket);
    if (this.#lostBrowsers.soundMoved(leg, mediaLegId, socket)) return;
    this.moves.moved(leg, socket);
    // Whoever goes on with it answers with this socket, and tells of it again.
    this.#changed(leg);
  }

  /** An agent's browsers are now registered over these connections; a call whose page is gone waits for a new one. */
  browsersChanged(agentId: AgentId, flows: readonly Flow[]): void {
    for (const leg of this.takeover.browsersChanged(agentId, flows)) this.moves.tell(leg);
    this.#lostBrowsers.changed(agentId, new Set(flows.map(({ connectionId }) => connectionId ?? 0)));
  }

  /** Whether the leg waits for its page to come back. */
  isLost(legId: LegId): boolean {
    return this.#lostBrowsers.isLost(legId);
  }

  /** A key that a media process heard; true when an endpoint was waiting for it, and nobody else need know. */
  takesDigit(mediaLegId: LegId, digit: string): boolean {
    // A leg with several endpoints names the sockets of the others after its own.
    const legId = mediaLegId.split('.', 1)[0] as LegId;
    return this.legs.byLeg(legId)?.outgoing?.digit(mediaLegId, digit) === true;
  }

  takeTransfer(referId: string, legId: LegId): void {
    const leg = this.legs.byLeg(legId);
    if (leg !== undefined) this.#transfers.take(referId, leg);
  }

  endTransfer(referId: string, code: number): void {
    this.#transfers.end(referId, code);
  }

  refuseTransfer(referId: string, code: number, reason: string): void {
    this.#context.shell.run((stack, now) => stack.transfers.refuse({ referId, status: code, reason }, now));
  }

  carrierIdOf(legId: LegId): string | undefined {
    return this.legs.byLeg(legId)?.callId;
  }

  /** The dialog of a leg that rings or is up; the first one where several telephones ring. */
  dialogOf(legId: LegId): DialogId | undefined {
    const leg = this.legs.byLeg(legId);
    const { stack } = this.#context.shell;
    const [ringing] = leg?.outgoing?.sessionIds.flatMap((id) => stack.earlyDialogsOf(id)) ?? [];
    return ringing ?? stack.dialogOf(leg?.sessionId ?? '');
  }

  // ---------------------------------------------------------------- what the network did

  /** Lets a new call in. */
  present(...call: Parameters<IncomingLegs['present']>): Promise<void> {
    return this.#incoming.present(...call);
  }

  /** A call that wants to take the place of another one (RFC 3891). */
  replace(call: ReplacingCall): Promise<void> {
    return this.#replacements.take(call);
  }

  handle(event: SipEvent): void {
    const leg = 'sessionId' in event ? this.legs.bySession(event.sessionId) : undefined;
    if (event.type === 'cancelled') this.#replacements.cancelled(event.sessionId);
    if (leg === undefined || !('sessionId' in event)) return this.#transfers.handle(event);
    if (event.type === 'refer') return this.#transferRequested(leg, event);
    if (leg.outgoing !== undefined) return leg.outgoing.handle(event);
    if (this.#lostBrowsers.handle(leg, event)) return;
    switch (event.type) {
      case 'confirmed':
        return this.#callerConfirmed(leg, event.body);
      case 'cancelled':
        return this.#fail(leg, leg.hangup ?? { code: 487, reason: 'caller-cancelled', by: event.by });
      case 'ended':
        return this.#ended(leg, event);
      case 'reinvite':
        return this.#changes.remote(leg, event.body);
      case 'reinvite-confirmed':
        return this.#changes.confirmed(leg, event.body);
      case 'reinvite-result':
        return this.#offerAnswered(leg, event);
      case 'info':
        return this.#info(leg, event.contentType, event.body);
      default:
        return;
    }
  }

  // ---------------------------------------------------------------- steps

  #openSocket(
    { contactId }: SipLeg,
    legId: LegId,
    { remoteAddress }: Flow,
    profile: SoundProfile,
    offer?: Uint8Array,
  ): Promise<LegSound> {
    const { media, bindAddress, publicAddress } = this.#context;
    return LegSound.open({
      ...{ media, contactId, legId, remoteAddress, bindAddress, publicAddress, offer },
      ...profile,
    });
  }

  #changed(leg: SipLeg): void {
    const snapshot = leg.state === 'over' ? undefined : this.takeover.snapshotOf(leg);
    if (snapshot === undefined) return;
    // That a call rings by now is nothing another process could use.
    const invites = snapshot.calls?.map(({ request }) => request).join('\n');
    if (invites !== undefined && invites === leg.notedInvites) return;
    leg.notedInvites = invites;
    this.#context.changed(snapshot);
  }

  #callerConfirmed(leg: SipLeg, body: Uint8Array | undefined): void {
    if (leg.state !== 'answering') return;
    leg.state = 'up';
    if (body !== undefined && leg.sound?.audio === undefined) {
      const problem = this.#changes.takeAnswer(leg, body);
      if (problem !== undefined) {
        leg.state = 'answering';
        return this.hangup(leg.legId, 488, problem.reason);
      }
      this.#changed(leg);
    }
    // RFC 3264 §4: our offer wants an answer. A new offer of the far end in place of a lost ACK comes with this event.
    if (leg.sound?.audio === undefined) setImmediate(() => this.#checkAnswered(leg));
    this.#report(leg, { type: 'answered' });
    this.#noteHold(leg, leg.sound?.audio?.heldByRemote === true);
    this.moves.tell(leg);
  }

  #checkAnswered(leg: SipLeg): void {
    if (leg.state !== 'up' || leg.sound?.audio !== undefined) return;
    this.#context.log('488', 'the ACK had no answer to our offer');
    this.hangup(leg.legId, 488, 'no-codec');
  }

  #offerAnswered(leg: SipLeg, event: Extract<SipEvent, { type: 'reinvite-result' }>): void {
    if (this.moves.isTelling(leg.legId)) this.moves.answered(leg, event);
    else if (event.body === undefined || event.status >= 300) leg.sound?.withdrawOffer();
    else this.#changes.takeAnswer(leg, event.body);
    this.#changed(leg);
  }

  #noteHold(leg: SipLeg, held: boolean): void {
    if (leg.held === held) return;
    leg.held = held;
    this.#report(leg, { type: held ? 'held' : 'resumed' });
  }

  #info(leg: SipLeg, contentType: string, body: Uint8Array): void {
    const digit = digitOfInfo(contentType, body);
    if (digit !== undefined) this.#report(leg, { type: 'digit', digit });
  }

  /** The target is called by its number alone: what host the device names is nothing to us. */
  #transferRequested(leg: SipLeg, event: Extract<SipEvent, { type: 'refer' }>): void {
    const { referId, target, replacesSessionId } = event;
    const replaces = this.legs.bySession(replacesSessionId ?? '')?.legId;
    const number = numberOrUserOf(target.uri);
    // A call that is not here cannot be replaced by one from here.
    if (number === '' || (target.replaces !== undefined && replaces === undefined))
      return this.refuseTransfer(referId, 404, 'No Such Target');
    this.#report(leg, { type: 'transfer-requested', transferId: referId, target: number, replaces });
  }

  #ended(leg: SipLeg, event: Extract<SipEvent, { type: 'ended' }>): void {
    // The page that came back does not know the call any more: it was loaded anew meanwhile.
    if (event.status === 481 && this.#lostBrowsers.suspend(leg)) return;
    if (event.by === 'remote' && this.#lostBrowsers.hangsUpForSound(leg, event.reasonHeader)) return;
    const up = leg.state === 'up';
    const end: LegEnd = leg.hangup ?? {
      code: event.status ?? (event.by === 'remote' ? 200 : 408),
      reason: event.by === 'remote' ? 'hung-up' : event.by,
      by: event.by,
    };
    this.#forget(leg);
    this.#context.events.report(leg.legId, up ? { type: 'ended', end } : { type: 'failed', end });
  }

  #fail(leg: SipLeg, end: LegEnd): void {
    if (leg.state === 'over') return;
    const up = leg.state === 'up';
    this.#forget(leg);
    this.#context.events.report(leg.legId, up ? { type: 'ended', end } : { type: 'failed', end });
  }

  #forget(leg: SipLeg): void {
    this.legs.remove(leg);
    this.#lostBrowsers.forget(leg.legId);
    this.moves.forget(leg.legId);
    leg.release?.();
    leg.release = undefined;
    this.#context.media.release(leg.legId);
  }

  /** The centre may keep the customer, and then hangs this leg up itself; otherwise both are over. */
  #pageLost(leg: SipLeg): void {
    this.#report(leg, { type: 'page-lost' });
    this.hangup(leg.legId, 408, 'page-lost');
  }

  #report(leg: SipLeg, report: LegReport): void {
    if (leg.state !== 'over') this.#context.events.report(leg.legId, report);
  }
}
