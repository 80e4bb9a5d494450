import { requireRange, SpeechDetector } from './speech.ts';
import { beepTone, faxAnswerTone, faxCallingTone, ToneDetector } from './tone.ts';

/**
 * Who has answered an outbound call: people say a word or two and wait, machines make a speech and beep. The sound
 * from the answer on decides; every verdict says why, with the figures it rests on (SPEC.md, AMD-…).
 */

export interface AnsweringMachineOptions {
  /** Nobody speaks for this long: unknown. 500–10,000 ms; 2,500 when absent. */
  initialSilenceMaxMs?: number;
  /** A greeting that lasts longer is a machine's. 300–10,000 ms; 2,400 when absent. */
  greetingMaxMs?: number;
  /** Silence after a greeting in which a person waits for an answer. 200–5,000 ms; 800 when absent. */
  afterGreetingSilenceMs?: number;
  /** More words are a machine's. 1–20; 6 when absent. */
  wordsMax?: number;
  /** Shorter sounds are no words. 20–500 ms; 100 when absent. */
  wordMinMs?: number;
  /** Silence that parts words. 20–500 ms; 50 when absent. */
  betweenWordsMs?: number;
  /** The verdict falls at the latest then. 1,000–30,000 ms; 5,000 when absent. */
  analysisMaxMs?: number;
  /** After a machine's greeting without a beep: silence after which a message may be left. 1,000–10,000 ms; 2,500 when absent. */
  messageSilenceMs?: number;
  /** How long its greeting is listened to. 5,000–120,000 ms since the answer; 45,000 when absent. */
  messageWaitMaxMs?: number;
}

export type AnsweringMachineReason =
  /** A short greeting, then silence: human. */
  | 'greeting-short'
  /** Machine. */
  | 'greeting-long'
  | 'many-words'
  | 'beep'
  | 'fax-tone'
  /** Unknown. */
  | 'initial-silence'
  | 'time-out';

export interface AnsweringMachineVerdict {
  type: 'verdict';
  verdict: 'human' | 'machine' | 'unknown';
  reason: AnsweringMachineReason;
  /** Since the answer. */
  atMs: number;
  initialSilenceMs: number;
  /** From the first word to the end of the last; 0 without words. */
  greetingMs: number;
  words: number;
}

/** After the verdict `machine` (no fax): now a message is recorded. */
export interface MessageReady {
  type: 'message-ready';
  reason: 'beep' | 'silence' | 'time-out';
  atMs: number;
}

export type AnsweringMachineEvent = AnsweringMachineVerdict | MessageReady;

/** `waiting`: a machine's greeting goes on; `beeped`: it was the beep that told, and the message may follow. */
type State = 'analysing' | 'waiting' | 'beeped' | 'done';

const nothing: readonly AnsweringMachineEvent[] = [];
/** Analysed in pieces of this length, so that a time-out does not depend on the size of packets. */
const pieceSamples = 80;
const samplesPerMs = 8;

const limits = {
  initialSilenceMaxMs: [500, 10_000, 2_500],
  greetingMaxMs: [300, 10_000, 2_400],
  afterGreetingSilenceMs: [200, 5_000, 800],
  wordsMax: [1, 20, 6],
  wordMinMs: [20, 500, 100],
  betweenWordsMs: [20, 500, 50],
  analysisMaxMs: [1_000, 30_000, 5_000],
  messageSilenceMs: [1_000, 10_000, 2_500],
  messageWaitMaxMs: [5_000, 120_000, 45_000],
} as const satisfies Record<keyof AnsweringMachineOptions, readonly [number, number, number]>;

/** The options with their defaults; throws RangeError naming field and value. */
function complete(options: AnsweringMachineOptions): Required<AnsweringMachineOptions> {
  const names = Object.keys(limits) as (keyof AnsweringMachineOptions)[];
  const entries = names.map((name) => {
    const [min, max, preset] = limits[name];
    const value = options[name] ?? preset;
    requireRange(name, value, min, max);
    return [name, value];
  });
  return Object.fromEntries(entries) as Required<AnsweringMachineOptions>;
}

/** One for each outbound call, from its answer on; sound of 8,000 Hz. */
export class AnsweringMachineDetector {
  readonly #options: Required<AnsweringMachineOptions>;
  readonly #speech: SpeechDetector;
  readonly #tones = new ToneDetector([faxCallingTone, faxAnswerTone, beepTone]);
  #state: State = 'analysing';
  #elapsedSamples = 0;
  /** Beginning of the word that sounds; −1 in silence. */
  #wordAtMs = -1;
  #firstWordAtMs = -1;
  #lastWordEndMs = -1;
  #words = 0;

  constructor(options: AnsweringMachineOptions = {}) {
    this.#options = complete(options);
    this.#speech = new SpeechDetector({
      onsetMs: Math.min(40, this.#options.wordMinMs),
      hangoverMs: this.#options.betweenWordsMs,
    });
  }

  /** True when nothing more will come: the caller need not pass sound any longer. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Takes the samples `[start, end)`; returns at most one verdict and, for machines, at most one `message-ready`. */
  process(samples: Int16Array, start = 0, end = samples.length): readonly AnsweringMachineEvent[] {
    let events = nothing as AnsweringMachineEvent[];
    for (let at = start; at < end && !this.isDone; at += pieceSamples) {
      const event = this.#step(samples, at, Math.min(end, at + pieceSamples));
      if (event === undefined) continue;
      if (events.length === 0) events = [];
      events.push(event);
    }
    return events;
  }

  #step(samples: Int16Array, start: number, end: number): AnsweringMachineEvent | undefined {
    this.#elapsedSamples += end - start;
    for (const { name } of this.#tones.process(samples, start, end)) {
      const event = this.#heard(name);
      if (event !== undefined) return event;
    }
    for (const event of this.#speech.process(samples, start, end)) {
      if (event.type === 'speech') this.#wordAtMs = event.atMs;
      else this.#endWord(event.atMs);
    }
    return this.#state === 'analysing' ? this.#judge() : this.#awaitMessage();
  }

  get #nowMs(): number {
    return this.#elapsedSamples / samplesPerMs;
  }

  #heard(tone: string): AnsweringMachineEvent | undefined {
    const isAnalysing = this.#state === 'analysing';
    if (tone !== beepTone.name) {
      const verdict = isAnalysing ? this.#decide('machine', 'fax-tone') : undefined;
      this.#state = 'done';
      return verdict;
    }
    if (!isAnalysing) return this.#ready('beep');
    const verdict = this.#decide('machine', 'beep');
    this.#state = 'beeped';
    return verdict;
  }

  #endWord(atMs: number): void {
    const beganMs = this.#wordAtMs;
    this.#wordAtMs = -1;
    if (atMs - beganMs < this.#options.wordMinMs) return;
    this.#words++;
    if (this.#firstWordAtMs < 0) this.#firstWordAtMs = beganMs;
    this.#lastWordEndMs = atMs;
  }

  #judge(): AnsweringMachineEvent | undefined {
    const { initialSilenceMaxMs, greetingMaxMs, afterGreetingSilenceMs, wordsMax, analysisMaxMs } =
      this.#options;
    const now = this.#nowMs;
    // A tone may become a beep; whether it counts as a word is seen when it has ended.
    if (this.#tones.isTone && now < analysisMaxMs) return undefined;
    if (this.#words > wordsMax) return this.#decide('machine', 'many-words');
    if (this.#greetingMs(now) > greetingMaxMs) return this.#decide('machine', 'greeting-long');
    const isSilent = this.#wordAtMs < 0;
    if (this.#words === 0 && isSilent && now >= initialSilenceMaxMs) {
      return this.#decide('unknown', 'initial-silence');
    }
    if (this.#words > 0 && isSilent && now - this.#lastWordEndMs >= afterGreetingSilenceMs) {
      return this.#decide('human', 'greeting-short');
    }
    return now >= analysisMaxMs ? this.#decide('unknown', 'time-out') : undefined;
  }

  /** With the word that sounds, once it is long enough to be one. */
  #greetingMs(now: number): number {
    const sounds = this.#wordAtMs >= 0 && now - this.#wordAtMs >= this.#options.wordMinMs;
    if (this.#firstWordAtMs < 0) return sounds ? now - this.#wordAtMs : 0;
    return (sounds ? now : this.#lastWordEndMs) - this.#firstWordAtMs;
  }

  #decide(
    verdict: AnsweringMachineVerdict['verdict'],
    reason: AnsweringMachineReason,
  ): AnsweringMachineVerdict {
    const now = this.#nowMs;
    const firstMs = this.#firstWordAtMs >= 0 ? this.#firstWordAtMs : this.#wordAtMs;
    this.#state = verdict === 'machine' ? 'waiting' : 'done';
    return {
      type: 'verdict',
      verdict,
      reason,
      atMs: now,
      initialSilenceMs: firstMs < 0 ? now : firstMs,
      greetingMs: this.#greetingMs(now),
      words: this.#words + (this.#wordAtMs >= 0 ? 1 : 0),
    };
  }

  #awaitMessage(): AnsweringMachineEvent | undefined {
    if (this.#state === 'beeped') return this.#ready('beep');
    const now = this.#nowMs;
    const { messageSilenceMs, messageWaitMaxMs } = this.#options;
    const isQuiet = this.#wordAtMs < 0 && now - Math.max(0, this.#lastWordEndMs) >= messageSilenceMs;
    if (isQuiet) return this.#ready('silence');
    return now >= messageWaitMaxMs ? this.#ready('time-out') : undefined;
  }

  #ready(reason: MessageReady['reason']): MessageReady {
    this.#state = 'done';
    return { type: 'message-ready', reason, atMs: this.#nowMs };
  }
}
