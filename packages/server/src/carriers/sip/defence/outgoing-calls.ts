import type { AgentId, TollFraudSettings } from '@crosspoint/contracts';
import {
  type DialledNumber,
  TollFraudGuard,
  type TollAccountView,
  type TollFraudEffect,
  type TollFraudInput,
  type TollRefusal,
  type TollSnapshot,
} from '@crosspoint/core';
import { phoneNumbers } from '../../../platform/index.ts';

/** Somebody wants to call out. */
export interface OutgoingCall {
  /** Names the call until `ended`: the id of its leg. */
  callId: string;
  agentId: AgentId | undefined;
  trunkId: string | undefined;
  /** In international form with `+` where it has one. */
  number: string;
}

export type DialVerdict = { allowed: true } | { allowed: false; refusal: TollRefusal };

export interface OutgoingCallsOptions {
  settings: TollFraudSettings;
  now: () => number;
  /** The minutes are used up: the call is to be hung up. */
  onCut(callId: string, refusal: TollRefusal): void;
  onAlert(refusal: TollRefusal): void;
  /** Something counted has changed. */
  onUse(): void;
}

/** A timer of Node waits at most so long; a longer wait is taken up again. */
const timerMaxMs = 2 ** 31 - 1;

/** The limits of outgoing calls on a real clock: asks the guard and carries out what it decides. */
export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions;
  readonly #guard: TollFraudGuard;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: OutgoingCallsOptions) {
    this.#options = options;
    this.#guard = new TollFraudGuard(options.settings);
  }

  /** Whether that call may be made. What is allowed counts until `ended`. */
  mayDial({ callId, agentId, trunkId, number }: OutgoingCall): DialVerdict {
    const dialled = classifyNumber(number);
    const effects = this.#handle({ type: 'call.wanted', callId, agentId, trunkId, number: dialled });
    const refused = effects.find((effect) => effect.type === 'call.refused');
    return refused === undefined ? { allowed: true } : { allowed: false, refusal: refused.refusal };
  }

  /** An answered call of a former process goes on. */
  resumed({ number, ...call }: OutgoingCall): void {
    this.#handle({ type: 'call.resumed', ...call, number: classifyNumber(number) });
  }

  answered(callId: string): void {
    this.#handle({ type: 'call.answered', callId });
  }

  /** Safe for a call that is unknown, or over already. */
  ended(callId: string): void {
    this.#handle({ type: 'call.ended', callId });
  }

  running(): string[] {
    return this.#guard.running();
  }

  configure(settings: TollFraudSettings): void {
    this.#carryOut(this.#guard.configure(settings, this.#options.now()));
  }

  usage(): TollAccountView[] {
    return this.#guard.usage(this.#options.now());
  }

  /** Counters to be stored; with `isPeriodic` also those that grow while calls talk. */
  changes(isPeriodic: boolean): TollSnapshot[] {
    return this.#guard.changes(this.#options.now(), isPeriodic);
  }

  import(snapshots: readonly TollSnapshot[]): void {
    this.#guard.import(snapshots);
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #handle(input: TollFraudInput): TollFraudEffect[] {
    const effects = this.#guard.handle(input, this.#options.now());
    this.#carryOut(effects);
    return effects;
  }

  #carryOut(effects: readonly TollFraudEffect[]): void {
    if (effects.some(({ type }) => type !== 'alert' && type !== 'call.refused')) this.#options.onUse();
    for (const effect of effects) {
      if (effect.type === 'timer.set') this.#arm(effect.name, effect.at);
      else if (effect.type === 'timer.cancelled') this.#disarm(effect.name);
      else if (effect.type === 'call.cut') this.#options.onCut(effect.callId, effect.refusal);
      else if (effect.type === 'alert') this.#options.onAlert(effect.refusal);
    }
  }

  #arm(name: string, at: number): void {
    this.#disarm(name);
    const delayMs = Math.min(timerMaxMs, Math.max(0, at - this.#options.now()));
    const fire = () => {
      this.#timers.delete(name);
      this.#handle({ type: 'timer.fired', name });
    };
    this.#timers.set(name, setTimeout(fire, delayMs));
  }

  #disarm(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}

const networkCode = /^[*#]+\d{0,3}[*#]*(?=0*\+|00)/;

/**
 * What kind of number it is, by the numbering plans of all countries. The international prefix `00` counts as `+`, as do more
 * zeros and pluses than one, and a code of the network before it (`*31#`), so that no list of prefixes is got around by them.
 */
export function classifyNumber(number: string): DialledNumber {
  const compact = number.replace(/[\s().-]/g, '').replace(networkCode, '');
  const digits = /^(?:0*\+|00)/.test(compact) ? `+${compact.replace(/^[+0]+/, '')}` : compact;
  const parsed = digits.startsWith('+') ? phoneNumbers().parsePhoneNumberFromString(digits) : undefined;
  return { digits, country: parsed?.country, isPremium: parsed?.getType() === 'PREMIUM_RATE' };
}
