import { Phone, type PhoneCall, type PhoneHost, type ServerAddress } from '../phones/index.ts';
import { scriptConversation } from './conversation.ts';
import type { CallPlan } from './customers.ts';
import { randomOf } from './chance.ts';
import { describe, type Report } from './report.ts';
import { playConversation, type Speaker } from './talk.ts';
import { Timers } from './timers.ts';

/** Calls at once; more are left out, so that a mistake in a plan can never flood the server. */
const callsMax = 40;
/** Longer than any plan lasts; a person who took the call may talk that long. */
const callLifeMaxMs = 900_000;

/** From the answer of the reception to the key: some know it, most listen. */
const keyAfterMs = { min: 1_500, max: 7_000 };

/** How long a caller talks to an agent who is not the demo's. */
const guestTalkMs = 60_000;

/** One caller on the line. `timers` end with the call. */
export type LiveCaller = { plan: CallPlan; speaker: Speaker; isTalking: boolean; timers: Timers };

/** The customers with their phones: they dial, wait as long as their patience lasts, and talk when somebody answers. */
export class Callers {
  readonly #host: PhoneHost;
  readonly #server: ServerAddress;
  readonly #voice: (pitchHz: number) => Int16Array;
  readonly #report: Report;
  /** One for everybody who has ever called: the same people call again. */
  readonly #phones = new Map<string, Phone>();
  readonly #live = new Map<string, LiveCaller>();

  constructor(
    host: PhoneHost,
    server: ServerAddress,
    voice: (pitchHz: number) => Int16Array,
    report: Report,
  ) {
    this.#host = host;
    this.#server = server;
    this.#voice = voice;
    this.#report = report;
  }

  /** Who is on the line with this number now. */
  byPhone(phone: string): LiveCaller | undefined {
    return this.#live.get(phone);
  }

  /**
   * Carries a plan out, from dialling to the end of the call.
   * @param key pressed once a flow has answered
   */
  async call(plan: CallPlan, number = plan.queue.number, key?: string): Promise<void> {
    const { phone } = plan.customer;
    // Somebody who is on the phone already does not call.
    if (this.#live.has(phone) || this.#live.size >= callsMax) return;
    try {
      const call = await this.#phoneOf(plan).call(number);
      const caller: LiveCaller = {
        plan,
        speaker: { call, voice: this.#voice(plan.customer.pitchHz) },
        isTalking: false,
        timers: new Timers(),
      };
      this.#live.set(phone, caller);
      if (key !== undefined) this.#pressOnceAnswered(caller, key);
      await this.#waitForEnd(caller, call);
    } catch (error) {
      this.#report('debug', `a caller gave up: ${describe(error)}`);
    } finally {
      this.#live.delete(phone);
    }
  }

  /** Somebody has taken the call of this caller; when it is none of the demo's agents, the caller talks alone. */
  answered(phone: string): void {
    const caller = this.#live.get(phone);
    if (caller === undefined || caller.isTalking) return;
    caller.isTalking = true;
    const cues = scriptConversation(randomOf(caller.plan.index, 'guest'), guestTalkMs);
    playConversation(cues, undefined, caller.speaker, caller.timers, (error) =>
      this.#report('debug', describe(error)),
    );
  }

  hangUpAll(): void {
    for (const { speaker } of this.#live.values()) speaker.call.hangUp();
  }

  async #waitForEnd(caller: LiveCaller, call: PhoneCall): Promise<void> {
    caller.timers.after(caller.plan.patienceMs, () => {
      if (!caller.isTalking) call.hangUp();
    });
    try {
      await call.ended(callLifeMaxMs);
    } catch (error) {
      call.hangUp();
      throw error;
    } finally {
      caller.timers.clear();
    }
  }

  #pressOnceAnswered({ plan, speaker: { call }, timers }: LiveCaller, key: string): void {
    const afterMs = randomOf(plan.index, 'key').uniform(keyAfterMs.min, keyAfterMs.max);
    call.answered().then(
      () => timers.after(afterMs, () => call.sound.sendDigits(key)),
      (error: unknown) => this.#report('debug', `the reception did not answer: ${describe(error)}`),
    );
  }

  #phoneOf({ customer }: CallPlan): Phone {
    const { phone: username, name } = customer;
    const known = this.#phones.get(username);
    if (known !== undefined) return known;
    const phone = new Phone({
      host: this.#host,
      server: this.#server,
      username,
      ...(name === undefined ? {} : { displayName: name }),
    });
    this.#phones.set(username, phone);
    return phone;
  }
}
