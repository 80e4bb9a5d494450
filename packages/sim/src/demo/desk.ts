import type { Phone, PhoneCall } from '../phones/index.ts';
import type { Callers } from './callers.ts';
import type { CompanyAgent } from './company.ts';
import { type Cue, scriptConversation } from './conversation.ts';
import { randomOf } from './chance.ts';
import { describe, type Report } from './report.ts';
import { playConversation } from './talk.ts';
import { Timers } from './timers.ts';
import { decideOffer, type Round, rounds, wrapUpEndsMs } from './workday.ts';

export type DeskOptions = {
  agent: CompanyAgent;
  phone: Phone;
  seed: number;
  voice: Int16Array;
  callers: Callers;
  /** The `*2n` code of a reason, or plain `*2` for one that the server does not have. */
  breakCode: (reasonCode: string) => string;
  report: Report;
};

const registrationSeconds = 120;
const registrationRetryMs = 10_000;
const dialTimeoutMs = 10_000;
const callLifeMaxMs = 900_000;
/** How long an agent talks to a person who called the company with a phone of one's own. */
const strangerTalkMs = 120_000;

/** One agent at a desk: registers the phone, answers it (mostly), talks, wraps up, takes breaks. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #timers = new Timers();
  readonly #rounds: Generator<Round, never>;
  #offers = 0;
  #conversations = 0;
  #onBreak = false;
  #closed = false;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#rounds = rounds(options.seed, options.agent);
    options.phone.onCall = (call) => this.#ringing(call);
    options.phone.onRegistrationLost = (error) => this.#registerAgain(error);
  }

  /** Comes to work: registers and says so. Throws a RegistrationError when the phone is refused. */
  async open(): Promise<void> {
    await this.#options.phone.register(registrationSeconds);
    this.#dial('*1');
    this.#planBreak();
  }

  /** Says good-bye to the queues, for the end of the working day. */
  goHome(): void {
    this.stop();
    this.#dial('*0');
  }

  /** Plans nothing any more; a call that is up goes on. */
  stop(): void {
    this.#closed = true;
    this.#timers.clear();
  }

  /** Takes the registration back. Takes half a minute when the server does not answer any more. */
  async close(): Promise<void> {
    this.stop();
    await this.#options.phone.unregister();
  }

  #registerAgain(error: unknown): void {
    this.#options.report('debug', describe(error));
    if (this.#closed) return;
    this.#timers.after(registrationRetryMs, () => {
      this.#options.phone
        .register(registrationSeconds)
        .catch((failure: unknown) => this.#registerAgain(failure));
    });
  }

  // ---------------------------------------------------------------- status

  #planBreak(): void {
    const { workMs, reasonCode, breakMs } = this.#rounds.next().value;
    this.#timers.after(workMs, () => {
      this.#onBreak = true;
      this.#dial(this.#options.breakCode(reasonCode));
      this.#timers.after(breakMs, () => {
        this.#onBreak = false;
        this.#dial('*1');
        this.#planBreak();
      });
    });
  }

  /** Dials a code of the server, as on the keypad. It is carried out and refused with the word "Done". */
  #dial(code: string): void {
    const { agent, phone, report } = this.#options;
    phone
      .call(code)
      .then((call) => call.ended(dialTimeoutMs))
      .then(
        ({ status, reason }) => {
          if (reason !== 'Done') report('debug', `${agent.name} dialled ${code}: ${status} ${reason}`);
        },
        (error: unknown) => report('debug', `${agent.name} dialled ${code}: ${describe(error)}`),
      );
  }

  // ---------------------------------------------------------------- calls

  #ringing(call: PhoneCall): void {
    const { seed, agent, report } = this.#options;
    const decision = decideOffer(seed, agent, this.#offers);
    this.#offers += 1;
    const timers = new Timers();
    call.ended(callLifeMaxMs).then(
      () => timers.clear(),
      (error: unknown) => {
        report('warn', `${agent.name}: ${describe(error)}`);
        timers.clear();
        call.hangUp();
      },
    );
    switch (decision.do) {
      case 'answer':
        return timers.after(decision.afterMs, () => this.#talk(call, timers));
      case 'reject':
        return timers.after(decision.afterMs, () => call.reject(603));
      case 'miss':
        return this.#timers.after(decision.backAfterMs, () => {
          if (!this.#onBreak) this.#dial('*1');
        });
    }
  }

  #talk(call: PhoneCall, timers: Timers): void {
    const { seed, agent, voice, callers, report } = this.#options;
    const index = this.#conversations;
    this.#conversations += 1;
    try {
      call.answer();
    } catch (error) {
      // The caller has given up in this very moment.
      return report('debug', `${agent.name}: ${describe(error)}`);
    }
    const caller = callers.byPhone(callerPhone(call));
    if (caller !== undefined) caller.isTalking = true;
    const cues = caller?.plan.cues ?? scriptForStranger(seed, agent, index);
    playConversation(cues, { call, voice }, caller?.speaker, timers, (error) =>
      report('debug', describe(error)),
    );
    call.ended(callLifeMaxMs).then(
      () => this.#wrapUp(index),
      () => undefined, // The call outlived its limit, which #ringing reports and ends.
    );
  }

  #wrapUp(index: number): void {
    if (this.#closed) return;
    const afterMs = wrapUpEndsMs(this.#options.seed, this.#options.agent, index);
    if (afterMs !== undefined) this.#timers.after(afterMs, () => this.#dial('*3'));
  }
}

function scriptForStranger(seed: number, agent: CompanyAgent, index: number): Cue[] {
  return scriptConversation(randomOf(seed, 'stranger', agent.username, index), strangerTalkMs);
}

/** The number in the From header, as the agent's display shows it. */
function callerPhone(call: PhoneCall): string {
  const user = /sips?:([^@>;]+)@/i.exec(call.inviteHeader('From') ?? '')?.[1] ?? '';
  return decodeURIComponent(user);
}
