import type { FlowPrompt, SpokenAnswer } from '@crosspoint/contracts';
import { type QuestionNode, questionOf } from './asking.ts';
import { Ear } from './ear.ts';
import type { Line } from './line.ts';
import type { Question } from './question.ts';

export interface QuestionOutcome {
  readonly digits: string;
  /** False: the caller gave no answer often enough. */
  readonly isAnswered: boolean;
  /** The answer in the words in which it was given. */
  readonly text: string;
  readonly spoken: readonly SpokenAnswer[];
}

/** What comes of a dialogue, for the session to go on with. */
export interface DialogueEnds {
  /** What was announced is over, or the caller wants to get on. */
  announced: () => void;
  /** The question is over. */
  answered: (node: QuestionNode, outcome: QuestionOutcome) => void;
}

type Topic = { kind: 'announcement'; bargeIn: boolean; isKeptForQuestion: boolean } | QuestionTopic;
type QuestionTopic = { kind: 'question'; node: QuestionNode; question: Question; ear: Ear };

/** Keys that are kept while another system is asked; a caller who keys on and on is heard no more. */
const typedAheadMax = 32;

/** Says and asks: barge-in, keys pressed ahead, time-outs and asking again. One topic at a time. */
export class Dialogue {
  readonly #line: Line;
  readonly #ends: DialogueEnds;
  #topic: Topic | undefined;
  /** Keys that cut an announcement short or came while another system was asked, kept for the next questions. */
  #typedAhead = '';

  constructor(line: Line, ends: DialogueEnds) {
    this.#line = line;
    this.#ends = ends;
  }

  /** @param isKeptForQuestion whether the key that cuts it short counts for the next question. */
  announce(prompt: FlowPrompt, bargeIn: boolean, isKeptForQuestion = true): void {
    this.#topic = { kind: 'announcement', bargeIn, isKeptForQuestion };
    // Whoever keys ahead wants to get on.
    if (this.#typedAhead !== '' && bargeIn) {
      this.#line.preface([]);
      this.said();
    } else if (!this.#line.say(prompt)) this.said();
  }

  ask(node: QuestionNode): void {
    const topic = {
      kind: 'question',
      node,
      question: questionOf(node),
      ear: new Ear(this.#line, node),
    } as const;
    this.#topic = topic;
    if (this.#typedAhead === '') return this.#pose(topic, []);
    this.#line.preface([]);
    while (this.#topic === topic && this.#typedAhead !== '') {
      const digit = this.#typedAhead.charAt(0);
      this.#typedAhead = this.#typedAhead.slice(1);
      this.#take(topic, digit);
    }
  }

  /** A key that nothing that is said or asked now takes: it answers the next question. */
  keyAhead(digit: string): void {
    if (this.#typedAhead.length < typedAheadMax) this.#typedAhead += digit;
  }

  /** What was recognised of the answers to the question that is asked. */
  get spoken(): readonly SpokenAnswer[] {
    return this.#topic?.kind === 'question' ? this.#topic.ear.answers : [];
  }

  /** Nothing is said or asked any more. */
  end(): void {
    if (this.#topic?.kind === 'question') this.#topic.ear.close();
    this.#topic = undefined;
    this.#typedAhead = '';
  }

  /** What was said is over. */
  said(): void {
    const topic = this.#topic;
    if (topic?.kind === 'question') this.#listen(topic);
    else if (topic !== undefined) {
      this.#topic = undefined;
      this.#ends.announced();
    }
  }

  digit(digit: string): void {
    const topic = this.#topic;
    if (topic?.kind === 'announcement' && topic.bargeIn) {
      if (topic.isKeptForQuestion) this.#typedAhead = digit;
      this.#line.interrupt();
      this.said();
    } else if (topic?.kind === 'question') {
      if (this.#line.isSaying && !topic.question.settings.bargeIn) return;
      this.#line.interrupt();
      topic.ear.close();
      this.#take(topic, digit);
    }
  }

  /** The caller begins to speak: what is said to them can wait. */
  speechBegan(id: number): void {
    const topic = this.#topic;
    if (topic?.kind !== 'question' || !topic.ear.began(id)) return;
    this.#line.interrupt();
    this.#line.setTimer(topic.ear.utteranceMaxMs);
  }

  speechHeard(id: number, text: string, confidence: number): void {
    const topic = this.#topic;
    const heard = topic?.kind === 'question' ? topic.ear.heard(id, text, confidence) : undefined;
    if (topic?.kind !== 'question' || heard === undefined) return;
    this.#line.interrupt();
    if (heard.kind === 'unclear') {
      if (topic.question.settings.bargeIn) topic.ear.open();
      if (!this.#line.say(heard.prompt)) this.#listen(topic);
      return;
    }
    if (heard.kind === 'answer') topic.question.spoken(heard.digits);
    else topic.question.misheard();
    this.#settle(topic, heard.kind === 'answer' ? heard.text : '');
  }

  /** Keys alone answer from now on. */
  speechFailed(id: number, reason: string): void {
    const topic = this.#topic;
    if (topic?.kind !== 'question') return;
    const isAwaited = topic.ear.isHearing;
    if (!topic.ear.failed(id, reason)) return;
    // What is being said goes on, unless the caller has to be told about the keys.
    if (!isAwaited && topic.ear.keysPrompt.length === 0) return;
    this.#line.interrupt();
    this.#pose(topic, []);
  }

  /** The caller has said nothing for so long as was waited. */
  timedOut(): void {
    const topic = this.#topic;
    if (topic?.kind !== 'question') return;
    const wasHearing = topic.ear.isHearing;
    if (wasHearing) this.#line.emit({ type: 'listen.end' });
    if (wasHearing) return this.speechFailed(this.#line.listenId, 'no-report');
    topic.ear.close();
    const { digits } = topic.question;
    topic.question.timedOut();
    this.#settle(topic, digits);
  }

  #take(topic: QuestionTopic, digit: string): void {
    if (topic.question.digit(digit) === 'more') this.#listen(topic);
    else this.#settle(topic, topic.question.digits);
  }

  /** Asks, once more or for the first time. */
  #pose(topic: QuestionTopic, complaint: FlowPrompt): void {
    const { ear, question } = topic;
    const { prompt, bargeIn } = question.settings;
    if (bargeIn) ear.open();
    const asked = ear.keysPrompt.length > 0 ? ear.keysPrompt : prompt;
    if (!this.#line.say([...complaint, ...asked])) this.#listen(topic);
  }

  #listen({ ear, question: { digits, settings } }: QuestionTopic): void {
    // Whoever has begun to key goes on keying.
    if (digits === '') ear.open();
    this.#line.setTimer((digits === '' ? settings.timeoutSeconds : settings.interDigitSeconds) * 1_000);
  }

  /** What the caller keyed, or did not, is enough to go on or to ask again. */
  #settle(topic: QuestionTopic, text: string): void {
    this.#line.clearTimer();
    const { verdict, digits } = topic.question;
    if (verdict === 'again') {
      // Keys behind a wrong one were meant for another place.
      this.#typedAhead = '';
      return this.#pose(topic, topic.question.complaint());
    }
    topic.ear.close();
    this.#topic = undefined;
    const spoken = topic.ear.answers;
    this.#ends.answered(topic.node, { digits, isAnswered: verdict === 'answered', text, spoken });
  }
}
