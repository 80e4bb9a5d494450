import type {
  EpochMs,
  FlowDocument,
  FlowNode,
  FlowNodeName,
  FlowNodeOf,
  FlowPrompt,
  PromptLanguage,
} from '@crosspoint/contracts';
import { opensAt } from '../hours/index.ts';
import { promptLanguages } from '../prompts/index.ts';
import { flowDepthMax } from './check.ts';
import type { FlowEffect, FlowInput, FlowSession, Utterance } from './door.ts';
import { type Expression, type FlowValue, isTrue, parseExpression } from './expression.ts';
import { Question, type QuestionSettings } from './question.ts';
import { branchOf } from './split.ts';

/** Nodes that one call may go through; a caller who plays with the keys is hung up then. */
export const flowStepsMax = 1_000;
/** Longer than any prompt lasts; only if nobody reports its end does this act. */
const saidMaxMs = 180_000;
/** Keys pressed before the question is asked, kept for it. */
const typeAheadMax = 32;

/** Who resolves a sub-flow; the version that was published when the call came. */
export type FlowLookup = (name: string) => FlowDocument | undefined;

interface Frame {
  readonly document: FlowDocument;
  name: FlowNodeName;
  node: FlowNode;
  enteredAt: EpochMs;
}

/** What the session waits for. */
type Awaits =
  | { kind: 'start' }
  | { kind: 'said' }
  /** The end of the last words before the call is hung up. */
  | { kind: 'farewell'; reason: string }
  | { kind: 'question'; question: Question }
  | { kind: 'queue' }
  | { kind: 'nothing' };

/** Makes a run of a flow that has been checked; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createFlowSession(document: FlowDocument, lookup: FlowLookup): FlowSession {
  const session = new Session(document, lookup);
  return {
    handle: (input, now) => session.handle(input, now),
    get isOver() {
      return session.isOver;
    },
    variables: session.variables,
  };
}

/** Expressions by their text, which repeats with every call. */
const expressions = new Map<string, Expression>();
const expressionsMax = 10_000;

function expressionOf(text: string): Expression {
  const known = expressions.get(text);
  if (known !== undefined) return known;
  const parsed = parseExpression(text);
  // A flow that was checked has none that is wrong.
  const expression = 'evaluate' in parsed ? parsed : { evaluate: () => '' };
  if (expressions.size >= expressionsMax) expressions.clear();
  expressions.set(text, expression);
  return expression;
}

class Session {
  readonly variables = new Map<string, FlowValue>();
  readonly #lookup: FlowLookup;
  /** The flow that runs, and those that called it. */
  readonly #frames: Frame[] = [];
  readonly #first: FlowDocument;
  #language: PromptLanguage;
  #awaits: Awaits = { kind: 'start' };
  #typedAhead = '';
  #steps = 0;
  #isSaying = false;
  #hasTimer = false;
  #now: EpochMs = 0;
  #effects: FlowEffect[] = [];

  constructor(document: FlowDocument, lookup: FlowLookup) {
    this.#first = document;
    this.#lookup = lookup;
    this.#language = document.language;
  }

  get isOver(): boolean {
    return this.#awaits.kind === 'nothing';
  }

  handle(input: FlowInput, now: EpochMs): FlowEffect[] {
    if (now > this.#now) this.#now = now;
    this.#apply(input);
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #apply(input: FlowInput): void {
    const awaits = this.#awaits;
    switch (input.type) {
      case 'started':
        if (awaits.kind !== 'start') return;
        this.variables.set('caller', input.caller.callerPhone);
        this.variables.set('callerName', input.caller.callerName);
        this.variables.set('dialled', input.caller.number);
        this.variables.set('refusal', '');
        this.#setLanguage(this.#language);
        return this.#call(this.#first);
      case 'digit':
        return this.#digit(input.digit);
      case 'said':
        if (!this.#isSaying) return;
        this.#isSaying = false;
        this.#clearTimer();
        return this.#said();
      case 'timer.due':
        return this.#timerDue();
      case 'queue.refused':
        if (awaits.kind !== 'queue') return;
        this.variables.set('refusal', input.reason);
        return this.#leave('refused');
      case 'left':
        if (awaits.kind === 'nothing') return;
        if (awaits.kind !== 'start' && awaits.kind !== 'farewell') this.#passed(input.reason, '');
        return this.#end(input.reason, false);
    }
  }

  // ---------------------------------------------------------------- from node to node

  #call(document: FlowDocument): void {
    if (this.#frames.length > flowDepthMax) return this.#end('too-deep', true);
    const node = document.nodes[document.start];
    if (node === undefined) return this.#end('flow-broken', true);
    this.#frames.push({ document, name: document.start, node, enteredAt: this.#now });
    this.#enter(node);
  }

  /** Goes on by that way; `exit` is its name in the log. */
  #go(to: FlowNodeName, exit: string, input = ''): void {
    this.#passed(exit, input);
    const frame = this.#frames.at(-1);
    const node = frame?.document.nodes[to];
    if (frame === undefined || node === undefined) return this.#end('flow-broken', true);
    Object.assign(frame, { name: to, node, enteredAt: this.#now });
    this.#enter(node);
  }

  #passed(exit: string, input: string): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    const { document, name: node, enteredAt } = frame;
    const durationMs = this.#now - enteredAt;
    const step = { flow: document.name, node, kind: frame.node.kind, exit, input, durationMs };
    this.#effects.push({ type: 'passed', step });
  }

  #enter(node: FlowNode): void {
    this.#steps += 1;
    if (this.#steps > flowStepsMax) return this.#end('too-many-steps', true);
    switch (node.kind) {
      case 'say':
        return this.#announce(node.prompt);
      case 'play':
        return this.#announce([{ recording: node.recording }]);
      case 'menu':
        return this.#ask(
          { ...node, digitsMin: 1, digitsMax: 1, interDigitSeconds: 1, terminator: null },
          (key) => Object.hasOwn(node.keys, key),
        );
      case 'collect':
        return this.#ask({ ...node, timeoutPrompt: [] }, () => true);
      case 'language':
        return this.#chooseLanguage(node);
      case 'set':
        this.variables.set(node.variable, expressionOf(node.value).evaluate(this.variables));
        return this.#go(node.next, 'next');
      case 'condition':
        return this.#decide(node);
      case 'hours':
        return opensAt(node.hours, this.#now).open
          ? this.#go(node.open, 'open')
          : this.#go(node.closed, 'closed');
      case 'split':
        return this.#split(node);
      case 'sub-flow': {
        const called = this.#lookup(node.flow);
        return called === undefined ? this.#end('flow-missing', true) : this.#call(called);
      }
      case 'return':
        return this.#return();
      case 'queue':
        this.#awaits = { kind: 'queue' };
        this.#effects.push({ type: 'queue', queue: node.queue, priority: node.priority });
        return;
      case 'end':
        this.#passed('end', '');
        if (node.prompt.length === 0) return this.#end('flow-ended', true);
        this.#awaits = { kind: 'farewell', reason: 'flow-ended' };
        return this.#say(node.prompt);
    }
  }

  /** The present node is over, by the way that bears this name. */
  #leave(exit: string, input = ''): void {
    const node = this.#frames.at(-1)?.node;
    if (node === undefined) return;
    if (exit === 'refused' && node.kind === 'queue') return this.#go(node.refused, exit);
    if (exit === 'otherwise' && (node.kind === 'menu' || node.kind === 'collect')) {
      return this.#go(node.otherwise, exit, input);
    }
    if ('next' in node) this.#go(node.next, exit, input);
  }

  #return(): void {
    this.#passed('return', '');
    this.#frames.pop();
    if (this.#frames.length === 0) return this.#end('flow-ended', true);
    this.#leave('next');
  }

  #decide(node: FlowNodeOf<'condition'>): void {
    const index = node.cases.findIndex(({ when }) => isTrue(expressionOf(when).evaluate(this.variables)));
    const found = node.cases[index];
    if (found === undefined) this.#go(node.otherwise, 'otherwise');
    else this.#go(found.next, `case-${index + 1}`);
  }

  #split(node: FlowNodeOf<'split'>): void {
    const { document, name } = this.#frames.at(-1) as Frame;
    const caller = String(this.variables.get('caller') ?? '');
    const index = branchOf(
      `${document.name}/${name}/${caller}`,
      node.branches.map(({ weight }) => weight),
    );
    const branch = node.branches[index];
    if (branch === undefined) return this.#end('flow-broken', true);
    this.#go(branch.next, `branch-${index + 1}`);
  }

  #end(reason: string, hangUp: boolean): void {
    this.#clearTimer();
    this.#hush();
    this.#awaits = { kind: 'nothing' };
    this.#frames.length = 0;
    this.#typedAhead = '';
    this.#effects.push({ type: 'ended', reason, hangUp });
  }

  // ---------------------------------------------------------------- speaking

  #announce(prompt: FlowPrompt): void {
    this.#awaits = { kind: 'said' };
    // Whoever keys ahead wants to get on.
    if (this.#typedAhead !== '' && this.#bargesIn) return this.#leave('next');
    this.#say(prompt);
  }

  get #bargesIn(): boolean {
    const node = this.#frames.at(-1)?.node;
    return node !== undefined && 'bargeIn' in node && node.bargeIn;
  }

  /** Says it, or goes on at once when there is nothing to say. */
  #say(prompt: FlowPrompt): void {
    const utterances = prompt.flatMap((piece) => this.#utterance(piece) ?? []);
    if (utterances.length === 0) return this.#said();
    this.#isSaying = true;
    this.#effects.push({ type: 'say', utterances });
    this.#setTimer(saidMaxMs);
  }

  #utterance(piece: FlowPrompt[number]): Utterance | undefined {
    const language = this.#language;
    if ('text' in piece) {
      const spoken = [language, ...promptLanguages].find((each) => piece.text[each] !== undefined);
      const text = spoken === undefined ? undefined : piece.text[spoken];
      return spoken === undefined || text === undefined
        ? undefined
        : { kind: 'text', text, language: spoken };
    }
    if ('recording' in piece) {
      return { kind: 'sentence', sentence: { kind: 'prompt', name: piece.recording }, language };
    }
    if ('digits' in piece) {
      const digits = String(expressionOf(piece.digits).evaluate(this.variables)).slice(0, typeAheadMax);
      return digits === '' ? undefined : { kind: 'sentence', sentence: { kind: 'digits', digits }, language };
    }
    const value = Number(expressionOf(piece.number).evaluate(this.variables));
    if (!Number.isFinite(value)) return undefined;
    return { kind: 'sentence', sentence: { kind: 'number', value: Math.round(value) }, language };
  }

  #hush(): void {
    if (!this.#isSaying) return;
    this.#isSaying = false;
    this.#effects.push({ type: 'hush' });
  }

  #said(): void {
    const awaits = this.#awaits;
    if (awaits.kind === 'said') this.#leave('next');
    else if (awaits.kind === 'farewell') this.#end(awaits.reason, true);
    else if (awaits.kind === 'question') this.#listen(awaits.question);
  }

  // ---------------------------------------------------------------- listening

  #ask(settings: QuestionSettings, fits: (digits: string) => boolean): void {
    const question = new Question(settings, fits);
    this.#awaits = { kind: 'question', question };
    const ahead = this.#typedAhead;
    this.#typedAhead = '';
    if (ahead === '') return this.#say(settings.prompt);
    for (const [index, digit] of Array.from(ahead).entries()) {
      if (this.#answer(question, digit)) {
        this.#typedAhead = ahead.slice(index + 1);
        return this.#settle(question);
      }
    }
    this.#listen(question);
  }

  /** @returns whether the question is over, or has to be asked again. */
  #answer(question: Question, digit: string): boolean {
    return question.digit(digit) !== 'more';
  }

  #digit(digit: string): void {
    const awaits = this.#awaits;
    if (!/^[0-9*#]$/.test(digit)) return;
    if (awaits.kind === 'said' && this.#bargesIn) {
      this.#typedAhead = digit;
      this.#interrupt();
      this.#leave('next');
    } else if (awaits.kind === 'question' && (!this.#isSaying || awaits.question.settings.bargeIn)) {
      this.#interrupt();
      if (this.#answer(awaits.question, digit)) this.#settle(awaits.question);
      else this.#listen(awaits.question);
    }
  }

  #interrupt(): void {
    this.#clearTimer();
    this.#hush();
  }

  #listen({ digits, settings }: Question): void {
    this.#setTimer((digits === '' ? settings.timeoutSeconds : settings.interDigitSeconds) * 1_000);
  }

  #timerDue(): void {
    if (!this.#hasTimer) return;
    this.#hasTimer = false;
    const awaits = this.#awaits;
    if (this.#isSaying) {
      this.#hush();
      this.#said();
    } else if (awaits.kind === 'question') {
      awaits.question.timedOut();
      this.#settle(awaits.question);
    }
  }

  /** What the caller keyed, or did not, is enough to go on or to ask again. */
  #settle(question: Question): void {
    this.#clearTimer();
    const { verdict, digits, settings } = question;
    const node = this.#frames.at(-1)?.node;
    if (verdict === 'again') return this.#say([...question.complaint(), ...settings.prompt]);
    if (node === undefined || verdict === 'more') return;
    const isSecret = node.kind === 'collect' && node.secret;
    const input = isSecret ? '' : digits;
    if (verdict === 'given-up') return this.#giveUp(node, input);
    if (node.kind === 'menu') {
      const to = node.keys[digits];
      if (to !== undefined) this.#go(to, `key-${digits}`, input);
    } else if (node.kind === 'collect') {
      this.variables.set(node.variable, digits);
      this.#leave('next', input);
    } else if (node.kind === 'language') {
      this.#setLanguage(node.choices[digits] ?? node.otherwise);
      this.#leave('next', input);
    }
  }

  #giveUp(node: FlowNode, input: string): void {
    if (node.kind !== 'language') return this.#leave('otherwise', input);
    this.#setLanguage(node.otherwise);
    this.#leave('next', input);
  }

  #chooseLanguage(node: FlowNodeOf<'language'>): void {
    if (Object.keys(node.choices).length === 0) {
      this.#setLanguage(node.otherwise);
      return this.#go(node.next, 'next');
    }
    const one = { digitsMin: 1, digitsMax: 1, interDigitSeconds: 1, terminator: null };
    this.#ask({ ...node, ...one, invalidPrompt: [], timeoutPrompt: [] }, (key) =>
      Object.hasOwn(node.choices, key),
    );
  }

  #setLanguage(language: PromptLanguage): void {
    this.#language = language;
    this.variables.set('language', language);
  }

  #setTimer(delayMs: number): void {
    this.#hasTimer = true;
    this.#effects.push({ type: 'timer.set', at: this.#now + delayMs });
  }

  #clearTimer(): void {
    if (!this.#hasTimer) return;
    this.#hasTimer = false;
    this.#effects.push({ type: 'timer.cleared' });
  }
}
