import type { FlowKey, FlowPrompt } from '@crosspoint/contracts';

export interface QuestionSettings {
  readonly prompt: FlowPrompt;
  readonly invalidPrompt: FlowPrompt;
  readonly timeoutPrompt: FlowPrompt;
  readonly bargeIn: boolean;
  readonly timeoutSeconds: number;
  readonly interDigitSeconds: number;
  /** How often it is asked again. */
  readonly retries: number;
  readonly digitsMin: number;
  readonly digitsMax: number;
  readonly terminator: FlowKey | null;
}

/** `more`: it goes on; `again`: the caller has to be asked once more; `answered`; `given-up`: that was the last time. */
export type QuestionVerdict = 'more' | 'again' | 'answered' | 'given-up';

/** What a caller keys in answer to one question, with its attempts. */
export class Question {
  readonly settings: QuestionSettings;
  readonly #fits: (digits: string) => boolean;
  digits = '';
  verdict: QuestionVerdict = 'more';
  #failures = 0;
  #failure: 'invalid' | 'timeout' = 'timeout';

  constructor(settings: QuestionSettings, fits: (digits: string) => boolean) {
    this.settings = settings;
    this.#fits = fits;
  }

  digit(digit: string): QuestionVerdict {
    this.verdict = 'more';
    const { terminator, digitsMax } = this.settings;
    if (digit === terminator) return this.#judge();
    this.digits += digit;
    return this.digits.length >= digitsMax ? this.#judge() : this.verdict;
  }

  /** All of it at once, as spoken. */
  spoken(digits: string): QuestionVerdict {
    this.digits = digits;
    return digits.length > this.settings.digitsMax ? this.#fail('invalid') : this.#judge();
  }

  /** Something was said, and nobody knows what. */
  misheard(): QuestionVerdict {
    return this.#fail('invalid');
  }

  /** Nothing came for so long as the settings allow, before the first key or after another. */
  timedOut(): QuestionVerdict {
    return this.digits === '' ? this.#fail('timeout') : this.#judge();
  }

  /** What is said before it is asked again. */
  complaint(): FlowPrompt {
    return this.#failure === 'invalid' ? this.settings.invalidPrompt : this.settings.timeoutPrompt;
  }

  #judge(): QuestionVerdict {
    if (this.digits.length >= this.settings.digitsMin && this.#fits(this.digits)) {
      this.verdict = 'answered';
      return this.verdict;
    }
    return this.#fail('invalid');
  }

  #fail(failure: 'invalid' | 'timeout'): QuestionVerdict {
    this.#failure = failure;
    this.#failures += 1;
    this.verdict = this.#failures > this.settings.retries ? 'given-up' : 'again';
    // What was keyed before the caller is asked again does not count.
    if (this.verdict === 'again') this.digits = '';
    return this.verdict;
  }
}
