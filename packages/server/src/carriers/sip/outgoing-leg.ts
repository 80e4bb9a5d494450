import type { LegId } from '@crosspoint/contracts';
import type { LegEnd } from '@crosspoint/core';
import type { Flow, SipEvent } from '@crosspoint/sip';
import type { PlaySource } from '../../media/index.ts';
import type { LegMedia, SoundSocket } from '../door.ts';
import { digitOfInfo } from './audio.ts';
import {
  type CallBranch,
  type CallStage,
  type CallWay,
  isOutOfOrder,
  rankOfEnd,
  type SoundProfile,
} from './call-stages.ts';
import type { LegSound } from './leg-sound.ts';
import { refusalToLog } from './refusals.ts';
import type { SipShell } from './shell.ts';

export interface OutgoingLegContext {
  shell: SipShell;
  media: LegMedia;
  /** Opens a socket under that name, for the far end of that flow. */
  openSound: (mediaLegId: LegId, flow: Flow, profile: SoundProfile) => Promise<LegSound>;
  nameSession: (sessionId: string) => void;
  forgetSession: (sessionId: string) => void;
  /** An INVITE is about to be sent, or another one in its place. */
  invited: () => void;
  log: (what: string, detail: string) => void;
}

/** What becomes of the leg; exactly one of `answered` and `failed` is called, and nothing after it. */
export interface OutgoingLegEvents {
  ringing(): void;
  /** The far end sends sound before it answers. */
  earlyMedia(): void;
  answered(session: { sessionId: string; sound: LegSound; way: CallWay }): void;
  failed(end: LegEnd): void;
}

interface Branch extends CallBranch {
  /** Name of its socket in the media process. */
  mediaLegId: LegId;
  /** What its current description is like. */
  profile: SoundProfile;
  state: 'opening' | 'calling' | 'confirming' | 'over';
  way: CallWay | undefined;
  nextWay: number;
  sessionId: string;
  sound: LegSound | undefined;
  /** The description whose sound is heard before the answer. */
  early: Uint8Array | undefined;
  confirmTimer: NodeJS.Timeout | undefined;
}

const plainSound: SoundProfile = { transport: 'rtp', srtp: 'off' };
/** A person has that long to find the key after saying hello. */
const confirmTimeoutMs = 30_000;
/** A beep every second, until the key is pressed. */
const confirmTone: PlaySource = { kind: 'tone', frequenciesHz: [900], levelDbm0: -16, onMs: 400, offMs: 600 };

/**
 * The calling side of one leg until it is answered: its branches ring together or one stage after the other, each over the
 * ways that lead to it; the first answer wins and the others are cancelled. What it costs for the usual single device is one
 * object.
 */
export class OutgoingLeg {
  readonly #legId: LegId;
  readonly #stages: readonly CallStage[];
  readonly #context: OutgoingLegContext;
  readonly #events: OutgoingLegEvents;
  readonly #isSingle: boolean;
  #branches: Branch[] = [];
  #stage = -1;
  #stageTimer: NodeJS.Timeout | undefined;
  #sessions = 0;
  #sockets = 0;
  #hangup: LegEnd | undefined;
  #worst: LegEnd = { code: 480, reason: 'no-endpoint', by: 'local' };
  #isRinging = false;
  #isEarly = false;
  #isOver = false;
  #hasGivenWay = false;

  constructor(
    legId: LegId,
    stages: readonly CallStage[],
    context: OutgoingLegContext,
    events: OutgoingLegEvents,
  ) {
    this.#legId = legId;
    this.#stages = stages;
    this.#context = context;
    this.#events = events;
    this.#isSingle = stages.length === 1 && stages[0]?.branches.length === 1;
  }

  start(): void {
    this.#nextStage();
  }

  /** Cancels every branch; `failed` with this end follows when all have confirmed it. */
  hangup(end: LegEnd, reasonHeader: string | undefined): void {
    if (this.#isOver || this.#hangup !== undefined) return;
    this.#hangup = end;
    clearTimeout(this.#stageTimer);
    for (const branch of this.#branches) this.#cancel(branch, reasonHeader);
    this.#goOn();
  }

  /**
   * Whoever is called answers from elsewhere (RFC 3891): what rings is cancelled and nothing more is told. The socket that has the
   * leg's own name stays.
   */
  giveWay(): void {
    this.#isOver = true;
    this.#hasGivenWay = true;
    clearTimeout(this.#stageTimer);
    for (const branch of this.#branches) this.#dropOther(branch);
  }

  /** A key in the sound or signalling of a branch; true when that branch is waiting for one. */
  digit(mediaLegId: LegId, digit: string): boolean {
    const branch = this.#branches.find((each) => each.mediaLegId === mediaLegId);
    if (branch?.state !== 'confirming') return false;
    if (digit === branch.confirmKey) this.#win(branch);
    return true;
  }

  /** The socket of a branch is another one now: who has answered is told at once, the others when they are up. */
  soundMoved(mediaLegId: LegId, socket: SoundSocket): void {
    const branch = this.#branches.find((each) => each.mediaLegId === mediaLegId);
    if (branch?.sound === undefined) return;
    const { sound, sessionId } = branch;
    sound.useSocket(socket);
    if (branch.state !== 'confirming') return;
    this.#context.shell.run((stack, now) => stack.reinvite({ sessionId, body: sound.offerAsIs() }, now));
  }

  handle(event: SipEvent & { sessionId: string }): void {
    const branch = this.#branches.find(({ sessionId }) => sessionId === event.sessionId);
    if (branch === undefined || branch.state === 'over') return;
    switch (event.type) {
      case 'progress':
        return this.#progressed(branch, event);
      case 'accepted':
        return this.#accepted(branch, event.body);
      case 'rejected':
        return this.#rejected(branch, event);
      case 'cancelled':
      case 'ended':
        return this.#branchOver(branch, { code: 487, reason: 'cancelled', by: 'local' });
      case 'reinvite':
        return this.#answerReinvite(branch, event.body);
      case 'reinvite-result':
        if (event.body !== undefined) branch.sound?.acceptAnswer(event.body);
        return;
      case 'info': {
        const digit = digitOfInfo(event.contentType, event.body);
        if (digit !== undefined) this.digit(branch.mediaLegId, digit);
        return;
      }
      default:
        return;
    }
  }

  // ---------------------------------------------------------------- stages and branches

  #nextStage(): void {
    clearTimeout(this.#stageTimer);
    const stage = this.#stages[++this.#stage];
    if (stage === undefined) return this.#fail(this.#worst);
    this.#branches = stage.branches.map((branch) => ({
      ...branch,
      mediaLegId: this.#nameSocket(),
      profile: plainSound,
      state: 'opening',
      way: undefined,
      nextWay: 0,
      sessionId: '',
      sound: undefined,
      early: undefined,
      confirmTimer: undefined,
    }));
    if (this.#stage + 1 < this.#stages.length) {
      this.#stageTimer = setTimeout(() => this.#stageTimedOut(), stage.ringTimeoutMs);
    }
    if (this.#branches.length === 0) return this.#nextStage();
    for (const branch of this.#branches) this.#open(branch);
  }

  #stageTimedOut(): void {
    const isConfirming = this.#branches.some(({ state }) => state === 'confirming');
    // Somebody has answered and looks for the key: that takes precedence over the next device.
    if (isConfirming) return;
    this.#worst = { code: 408, reason: 'no-answer', by: 'timeout' };
    for (const branch of this.#branches) {
      if (branch.state === 'over') continue;
      if (branch.state !== 'opening') this.#hangUpSession(branch, undefined);
      this.#leave(branch);
    }
    this.#nextStage();
  }

  /** The first socket has the leg's own name, so that nothing need be renamed when there is one device. */
  #nameSocket(): LegId {
    const count = this.#sockets++;
    return count === 0 ? this.#legId : (`${this.#legId}.${count}` as LegId);
  }

  #open(branch: Branch): void {
    const way = branch.ways[0];
    if (way === undefined) return this.#branchOver(branch, { code: 480, reason: 'no-way', by: 'local' });
    this.#openSound(branch, way, way.sound, () => this.#callNextWay(branch, undefined));
  }

  #openSound(
    branch: Branch,
    { flow }: CallWay,
    profile: SoundProfile,
    then: (sound: LegSound) => void,
  ): void {
    const { mediaLegId } = branch;
    this.#context.openSound(mediaLegId, flow, profile).then(
      (sound) => {
        branch.sound = sound;
        if (branch.state !== 'opening') this.#context.media.release(mediaLegId);
        else then(sound);
      },
      (error: Error) =>
        this.#branchOver(branch, { code: 503, reason: `no-media: ${error.message}`, by: 'local' }),
    );
  }

  /** The far end wants no such description; it may want another one (RFC 3261 §21.4.26). */
  #callOtherwise(branch: Branch, way: CallWay, profile: SoundProfile): void {
    this.#context.forgetSession(branch.sessionId);
    const call = (sound: LegSound) => {
      const result = this.#invite(branch, way, sound, profile);
      if (!result.ok) this.#branchOver(branch, { code: 500, reason: result.detail, by: 'local' });
    };
    if (branch.sound?.transport === profile.transport) return call(branch.sound);
    this.#reopen(branch, way, profile, call);
  }

  /** Has another kind of socket for the branch, in place of the one it has. */
  #reopen(branch: Branch, way: CallWay, profile: SoundProfile, then: (sound: LegSound) => void): void {
    this.#context.media.release(branch.mediaLegId);
    Object.assign(branch, { state: 'opening', sessionId: '', mediaLegId: this.#nameSocket() });
    this.#openSound(branch, way, profile, then);
  }

  #callNextWay(branch: Branch, lastEnd: LegEnd | undefined): void {
    branch.way?.end?.();
    branch.way = undefined;
    if (branch.sessionId !== '') this.#context.forgetSession(branch.sessionId);
    let end = lastEnd ?? { code: 503, reason: 'all-busy', by: 'local' as const };
    while (this.#hangup === undefined && branch.sound !== undefined) {
      const way = branch.ways[branch.nextWay];
      if (way === undefined) break;
      if (branch.sound.transport !== way.sound.transport) {
        return this.#reopen(branch, way, way.sound, () => this.#callNextWay(branch, lastEnd));
      }
      branch.nextWay++;
      if (way.begin?.() === false) continue;
      const result = this.#invite(branch, way, branch.sound, way.sound);
      if (result.ok) return;
      way.end?.();
      branch.way = undefined;
      end = { code: 500, reason: result.detail, by: 'local' };
    }
    this.#branchOver(branch, end);
  }

  #invite(branch: Branch, way: CallWay, sound: LegSound, profile: SoundProfile) {
    const count = this.#sessions++;
    const sessionId = count === 0 ? `out:${this.#legId}` : `out:${this.#legId}:${count}`;
    Object.assign(branch, { sessionId, way, profile, state: 'calling', early: undefined });
    this.#context.nameSession(sessionId);
    const { uri, flow, from, to, route, headers, credentials, contactUser, silenceMaxMs } = way;
    // What has nobody behind it may take its time.
    const isLast = way.isPassedOver !== true && this.#isSingle && branch.nextWay >= branch.ways.length;
    sound.protect(profile.srtp);
    const body = sound.offer();
    return this.#context.shell.run((stack, now) => {
      const result = stack.invite(
        {
          ...{ sessionId, uri, flow, from, to, route, headers, body, credentials, contactUser },
          silenceMaxMs: isLast ? undefined : silenceMaxMs,
        },
        now,
      );
      if (result.ok) this.#context.invited();
      return result;
    });
  }

  /** The sessions that ring or may come to ring. */
  get sessionIds(): string[] {
    return this.#branches.filter(({ state }) => state === 'calling').map(({ sessionId }) => sessionId);
  }

  // ---------------------------------------------------------------- what a branch tells

  #progressed(branch: Branch, { status, body }: { status: number; body?: Uint8Array }): void {
    if (status === 100 || this.#hangup !== undefined) return;
    if (!this.#isRinging) {
      this.#isRinging = true;
      this.#events.ringing();
    }
    // Only a call with one far end has a sound of its own to hear before the answer.
    const hasSound = body !== undefined && body.length > 0 && branch.confirmKey === undefined;
    const { sound, early } = branch;
    if (!hasSound || !this.#isSingle || sound === undefined) return;
    // Who is tried after somebody else, by a proxy that forks, is what is to be heard then; a second handshake would cut off the first.
    if (early !== undefined && (sound.transport !== 'rtp' || Buffer.compare(early, body) === 0)) return;
    if (sound.acceptEarlyAnswer(body) !== undefined) return;
    branch.early = body;
    if (this.#isEarly) return;
    this.#isEarly = true;
    this.#events.earlyMedia();
  }

  #accepted(branch: Branch, body: Uint8Array | undefined): void {
    if (this.#hangup !== undefined) return; // The answer crossed our CANCEL; the stack hangs it up.
    const { sound } = branch;
    // Without an offer of ours it repeats an answer that was given before, over which an UPDATE has gone meanwhile.
    const saysNothing = body === undefined || body.length === 0 || sound?.awaitsAnswer === false;
    const wasAgreed = sound?.audio !== undefined && saysNothing;
    const problem = wasAgreed ? undefined : sound?.acceptAnswer(body ?? new Uint8Array());
    // The offer that was kept open for another answer is not waited for any more.
    if (wasAgreed) sound?.withdrawOffer();
    if (sound === undefined || problem !== undefined) {
      this.#context.log('488', problem?.detail ?? 'no socket');
      this.#hangUpSession(branch, undefined);
      return this.#branchOver(branch, { code: 488, reason: problem?.reason ?? 'no-codec', by: 'local' });
    }
    branch.way?.soundTaken?.(branch.profile);
    if (branch.confirmKey === undefined) return this.#win(branch);
    branch.state = 'confirming';
    this.#context.media.play(branch.mediaLegId, confirmTone, { loop: true });
    branch.confirmTimer = setTimeout(() => {
      this.#hangUpSession(branch, undefined);
      this.#branchOver(branch, { code: 408, reason: 'not-confirmed', by: 'timeout' });
    }, confirmTimeoutMs);
  }

  #rejected(branch: Branch, event: Extract<SipEvent, { type: 'rejected' }>): void {
    const by = event.cause === 'timeout' || event.cause === 'transport' ? event.cause : 'remote';
    const end: LegEnd = { code: event.status, reason: `sip-${event.status}`, by };
    if (isOutOfOrder(event) && branch.nextWay < branch.ways.length) {
      this.#context.log(
        'trunk',
        `${branch.way?.uri ?? ''} answered ${event.status} ${event.reason}: trying the next`,
      );
      return this.#callNextWay(branch, end);
    }
    const { way, profile } = branch;
    const other = this.#hangup === undefined ? nextSound(way, profile) : undefined;
    if (event.status === 488 && way !== undefined && other !== undefined) {
      this.#context.log('488', `${way.uri} refused the description: trying another kind`);
      return this.#callOtherwise(branch, way, other);
    }
    const line = way && refusalToLog(way.uri, event, way.counted !== undefined);
    if (line !== undefined) this.#context.log('call refused', line);
    // A global failure speaks for the person, wherever else it rings (RFC 3261 §21.6).
    if (event.status >= 600 && this.#branches.length > 1) {
      this.#worst = end;
      for (const other of this.#branches) if (other !== branch) this.#cancel(other, undefined);
    }
    this.#branchOver(branch, end);
  }

  #answerReinvite({ sessionId, sound }: Branch, body: Uint8Array | undefined): void {
    if (sound === undefined) return;
    const result = body === undefined || body.length === 0 ? undefined : sound.answer(body);
    const answer = result === undefined ? sound.offer() : result.ok ? result.answer : undefined;
    this.#context.shell.run((stack, now) =>
      stack.answerReinvite({ sessionId, status: answer === undefined ? 488 : 200, body: answer }, now),
    );
  }

  // ---------------------------------------------------------------- endings

  #win(winner: Branch): void {
    const { sound, way, sessionId, mediaLegId } = winner;
    if (sound === undefined || way === undefined) return;
    if (winner.state === 'confirming') this.#context.media.stopPlaying(mediaLegId);
    winner.state = 'over';
    this.#isOver = true;
    clearTimeout(this.#stageTimer);
    clearTimeout(winner.confirmTimer);
    for (const other of this.#branches) {
      if (other !== winner) this.#dropOther(other);
    }
    if (mediaLegId !== this.#legId) {
      this.#context.media.rename(mediaLegId, this.#legId);
      sound.moveTo(this.#legId);
    }
    this.#events.answered({ sessionId, sound, way });
  }

  /** Somebody else has answered. */
  #dropOther(branch: Branch): void {
    if (branch.state === 'over') return;
    // RFC 3326: keeps a device from showing a missed call.
    this.#cancel(branch, 'SIP;cause=200;text="Call completed elsewhere"');
    this.#leave(branch);
  }

  #cancel(branch: Branch, reasonHeader: string | undefined): void {
    if (branch.state === 'opening') this.#branchOver(branch, { code: 487, reason: 'cancelled', by: 'local' });
    else if (branch.state !== 'over') this.#hangUpSession(branch, reasonHeader);
  }

  #hangUpSession({ sessionId }: Branch, reasonHeader: string | undefined): void {
    this.#context.shell.run((stack, now) => stack.bye({ sessionId, reasonHeader }, now));
  }

  #branchOver(branch: Branch, end: LegEnd): void {
    if (branch.state === 'over' || this.#isOver) return;
    this.#leave(branch);
    if (rankOfEnd(end) > rankOfEnd(this.#worst)) this.#worst = end;
    this.#goOn();
  }

  /** Nothing of the branch is left here; what its session still does concerns nobody. */
  #leave(branch: Branch): void {
    branch.state = 'over';
    clearTimeout(branch.confirmTimer);
    branch.way?.end?.();
    branch.way = undefined;
    if (branch.sessionId !== '') this.#context.forgetSession(branch.sessionId);
    // The place of one who gives way is taken under the leg's own name.
    if (!this.#hasGivenWay || branch.mediaLegId !== this.#legId) {
      this.#context.media.release(branch.mediaLegId);
    }
  }

  #goOn(): void {
    if (this.#isOver || this.#branches.some(({ state }) => state !== 'over')) return;
    if (this.#hangup !== undefined) this.#fail(this.#hangup);
    else if (this.#worst.code >= 600) this.#fail(this.#worst);
    else this.#nextStage();
  }

  #fail(end: LegEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#stageTimer);
    this.#events.failed(end);
  }
}

/** What is left to offer after that profile was refused. */
function nextSound(way: CallWay | undefined, refused: SoundProfile): SoundProfile | undefined {
  if (way === undefined) return undefined;
  const all = [way.sound, ...(way.otherSounds ?? [])];
  return all[all.indexOf(refused) + 1];
}
