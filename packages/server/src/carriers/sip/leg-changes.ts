import type { SipLeg } from './leg.ts';
import type { LegSound, SoundAnswer, SoundProblem } from './leg-sound.ts';
import type { SipShell } from './shell.ts';

/** Whoever calls chooses how long his name is. */
const whoMaxLength = 200;

interface LegChangesContext {
  shell: SipShell;
  noteHold: (leg: SipLeg, held: boolean) => void;
  changed: (leg: SipLeg) => void;
  log: (what: string, detail: string) => void;
}

/** Offers and answers of the far ends of legs (RFC 3264). */
export class LegChanges {
  readonly #context: LegChangesContext;

  constructor(context: LegChangesContext) {
    this.#context = context;
  }

  /** The far end's answer to our offer; what is wrong with it, else undefined. */
  takeAnswer(leg: SipLeg, body: Uint8Array): SoundProblem | undefined {
    const problem = leg.sound?.acceptAnswer(body);
    if (problem !== undefined) this.#context.log('488', problem.detail);
    return problem;
  }

  /** Why the sound of that description cannot be sent, which the log then says too. */
  warningOf({ detail, warning }: Extract<SoundAnswer, { ok: false }>, who: string): [string, string][] {
    this.#context.log(
      '488',
      [who.slice(0, whoMaxLength), detail, ...(warning === undefined ? [] : [warning])].join(': '),
    );
    return warning === undefined ? [] : [['Warning', warning]];
  }

  /** Hold, resume, or a new address of the far end (RFC 3264 §8). */
  remote(leg: SipLeg, body: Uint8Array | undefined): void {
    const { sessionId, sound } = leg;
    if (sound === undefined) return;
    if (body === undefined || body.length === 0) {
      const offer = sound.offer();
      this.#context.shell.run((stack, now) =>
        stack.answerReinvite({ sessionId, status: 200, body: offer }, now),
      );
      return;
    }
    if (!sound.restartsIce(body)) return this.#answer(leg, sound, body);
    // Without another path the call goes on by the one that it has, which may still carry.
    void sound
      .restartIce()
      .catch((error: unknown) =>
        this.#context.log(
          'media',
          `no other path: ${error instanceof Error ? error.message : String(error)}`,
        ),
      )
      .then(() => (leg.state === 'over' ? undefined : this.#answer(leg, sound, body)));
  }

  /**
   * The far end has acknowledged our answer. When that was an offer, because its re-INVITE had none, its answer comes with it:
   * many telephone systems hold and resume so (RFC 3264 §4). One that is missing or cannot be used changes nothing.
   */
  confirmed(leg: SipLeg, body: Uint8Array | undefined): void {
    const { sound } = leg;
    if (sound?.awaitsAnswer !== true) return;
    if (body === undefined || this.takeAnswer(leg, body) !== undefined) return sound.withdrawOffer();
    this.#context.noteHold(leg, sound.audio?.heldByRemote === true);
    this.#context.changed(leg);
  }

  #answer(leg: SipLeg, sound: LegSound, body: Uint8Array): void {
    const { sessionId } = leg;
    const result = sound.answer(body);
    if (!result.ok) {
      const headers = this.warningOf(result, `call ${leg.callId}`);
      this.#context.shell.run((stack, now) => stack.answerReinvite({ sessionId, status: 488, headers }, now));
      return;
    }
    this.#context.shell.run((stack, now) =>
      stack.answerReinvite({ sessionId, status: 200, body: result.answer }, now),
    );
    this.#context.noteHold(leg, result.audio.heldByRemote);
    this.#context.changed(leg);
  }
}
