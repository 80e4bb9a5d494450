import type { FlowPrompt } from '@crosspoint/contracts';
import { type QuestionNode, questionOf } from './asking.ts';
import type { Line } from './line.ts';
import type { Question } from './question.ts';

/** What comes of a dialogue, for the session to go on with. */
export interface DialogueEnds {
  /** What was announced is over, or the caller wants to get on. */
  announced: () => void;
  /** The question is over; null: the caller gave no answer often enough. */
  answered: (node: QuestionNode, digits: string, isAnswered: boolean) => void;
}

type Topic =
  | { kind: 'announcement'; bargeIn: boolean; isKeptForQuestion: boolean }
  | { kind: 'question'; node: QuestionNode; question: Question };

/** Says and asks: barge-in, keys pressed ahead, time-outs and asking again. One topic at a time. */
export class Dialogue {
  readonly #line: Line;
  readonly #ends: DialogueEnds;
  #topic: Topic | undefined;
  /** A key that cut an announcement short, kept for the next question. */
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
    const question = questionOf(node);
    const topic = { kind: 'question', node, question } as const;
    this.#topic = topic;
    const ahead = this.#typedAhead;
    this.#typedAhead = '';
    if (ahead !== '') {
      this.#line.preface([]);
      this.#take(topic, ahead);
    } else if (!this.#line.say(node.prompt)) this.#listen(question);
  }

  /** Nothing is said or asked any more. */
  end(): void {
    this.#topic = undefined;
    this.#typedAhead = '';
  }

  /** What was said is over. */
  said(): void {
    const topic = this.#topic;
    if (topic?.kind === 'question') this.#listen(topic.question);
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
      this.#take(topic, digit);
    }
  }

  /** The caller has said nothing for so long as was waited. */
  timedOut(): void {
    const topic = this.#topic;
    if (topic?.kind !== 'question') return;
    topic.question.timedOut();
    this.#settle(topic);
  }

  #take(topic: Extract<Topic, { kind: 'question' }>, digit: string): void {
    if (topic.question.digit(digit) === 'more') this.#listen(topic.question);
    else this.#settle(topic);
  }

  #listen({ digits, settings }: Question): void {
    this.#line.setTimer((digits === '' ? settings.timeoutSeconds : settings.interDigitSeconds) * 1_000);
  }

  /** What the caller keyed, or did not, is enough to go on or to ask again. */
  #settle({ node, question }: Extract<Topic, { kind: 'question' }>): void {
    this.#line.clearTimer();
    const { verdict, digits, settings } = question;
    if (verdict === 'again') {
      if (!this.#line.say([...question.complaint(), ...settings.prompt])) this.#listen(question);
      return;
    }
    this.#topic = undefined;
    this.#ends.answered(node, digits, verdict === 'answered');
  }
}
