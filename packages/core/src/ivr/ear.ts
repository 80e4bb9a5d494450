import type { DigitSpeech, FlowPrompt, PromptLanguage, SpokenAnswer } from '@crosspoint/contracts';
import type { QuestionNode } from './asking.ts';
import type { Hearing } from './door.ts';
import { consentOf, type SpokenQuestion, spokenQuestion, type Understood } from './hearing.ts';
import type { Line } from './line.ts';

/** Behind the end of speech a recogniser has this long; only if it says nothing at all does this act. */
const recognitionMaxMs = 8_000;
/** Of one question. */
const answersMax = 40;

/** What an utterance comes to: digits as if keyed, something to confirm, or nothing that fits. */
export type Heard =
  | { kind: 'answer'; digits: string; text: string }
  | { kind: 'unclear'; prompt: FlowPrompt }
  | { kind: 'misheard' };

/** Listens to the answer to one question. One utterance at a time; a key or the end of the question ends it. */
export class Ear {
  readonly #line: Line;
  readonly #language: PromptLanguage;
  readonly #settings: DigitSpeech | undefined;
  #question: SpokenQuestion | undefined;
  #state: 'closed' | 'listening' | 'hearing' = 'closed';
  /** What the caller is asked to confirm. */
  #pending: (Understood & { text: string }) | undefined;
  readonly answers: SpokenAnswer[] = [];

  constructor(line: Line, node: QuestionNode) {
    this.#line = line;
    this.#language = line.language;
    this.#settings = node.kind === 'menu' || node.kind === 'collect' ? node.speech : undefined;
    this.#question = spokenQuestion(node, line.language);
  }

  /** The caller speaks, and what was said is not known yet. */
  get isHearing(): boolean {
    return this.#state === 'hearing';
  }

  /** What is said in place of the question's prompt where keys alone answer, and speech might have. */
  get keysPrompt(): FlowPrompt {
    return this.#question === undefined ? (this.#settings?.keysPrompt ?? []) : [];
  }

  /** Listens from now on, unless nobody understands speech. */
  open(): void {
    if (this.#question === undefined || this.#state !== 'closed') return;
    const hearing = this.#pending === undefined ? this.#question.hearing : this.#question.confirmation;
    this.#state = 'listening';
    this.#line.listen(hearing);
  }

  close(): void {
    if (this.#state !== 'closed') this.#line.emit({ type: 'listen.end' });
    this.#state = 'closed';
    this.#pending = undefined;
  }

  /** The caller begins to speak. @returns false when that is not listened to. */
  began(id: number): boolean {
    if (this.#state !== 'listening' || id !== this.#line.listenId) return false;
    this.#state = 'hearing';
    return true;
  }

  /** How long the end of an utterance may be waited for. */
  get utteranceMaxMs(): number {
    const hearing: Pick<Hearing, 'maxMs' | 'silenceMs'> = this.#question?.hearing ?? {
      maxMs: 0,
      silenceMs: 0,
    };
    return hearing.maxMs + hearing.silenceMs + recognitionMaxMs;
  }

  /** @returns undefined when nobody listened for that. */
  heard(id: number, text: string, recognised: number): Heard | undefined {
    if (this.#question === undefined || this.#state === 'closed' || id !== this.#line.listenId)
      return undefined;
    this.#state = 'closed';
    const pending = this.#pending;
    this.#pending = undefined;
    // Whoever is asked to confirm says yes or no, or the words themselves.
    const understood = this.#question.understand(text, pending === undefined);
    const confidence = recognised * (understood?.likeness ?? 1);
    const percent = confidence * 100;
    const { acceptPercent = 0, confirmPercent = 0, confirmPrompt = [] } = this.#settings ?? {};
    const note = (result: SpokenAnswer['result']) => this.#note({ text, confidence, result });
    if (percent < confirmPercent) return (note('no-match'), { kind: 'misheard' });
    // Whoever is asked "sales?" may say "no, billing".
    if (understood !== undefined && percent >= acceptPercent) {
      note('accepted');
      return { kind: 'answer', digits: understood.digits, text };
    }
    if (pending !== undefined) {
      const isConfirmed = consentOf(text, this.#language) === 'yes';
      note(isConfirmed ? 'confirmed' : 'denied');
      return isConfirmed
        ? { kind: 'answer', digits: pending.digits, text: pending.text }
        : { kind: 'misheard' };
    }
    if (understood === undefined || confirmPrompt.length === 0)
      return (note('no-match'), { kind: 'misheard' });
    note('unclear');
    this.#pending = { ...understood, text };
    return { kind: 'unclear', prompt: [...confirmPrompt, ...understood.spoken] };
  }

  /** Nobody understands speech any more while this question is asked. @returns false when nobody listened. */
  failed(id: number, reason: string): boolean {
    if (this.#state === 'closed' || id !== this.#line.listenId) return false;
    this.#state = 'closed';
    this.#pending = undefined;
    this.#question = undefined;
    const code = reason
      .toLowerCase()
      .replace(/[^a-z-]/g, '')
      .slice(0, 60);
    this.#note({ text: '', confidence: 0, result: `failed:${code === '' ? 'unknown' : code}` });
    return true;
  }

  #note(answer: SpokenAnswer): void {
    if (this.answers.length < answersMax) this.answers.push(answer);
  }
}
