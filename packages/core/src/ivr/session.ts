import {
  type BusinessHours,
  type EpochMs,
  type FlowNodeName,
  type FlowNodeOf,
  type FlowPrompt,
  PromptLanguage,
  type SpokenAnswer,
} from '@crosspoint/contracts';
import { opensAt } from '../hours/index.ts';
import { answerOf, type QuestionNode } from './asking.ts';
import { flowDepthMax } from './check.ts';
import {
  type FlowEffect,
  type FlowInput,
  type FlowSession,
  recordedVariable,
  type RunnableFlow,
} from './door.ts';
import { Dialogue, type QuestionOutcome } from './dialogue.ts';
import { evaluate } from './evaluate.ts';
import { type FlowValue, isTrue } from './expression.ts';
import { Line } from './line.ts';
import { answerMaxMs, isRequestNode, type RequestNode, requestOf } from './requests.ts';
import { branchOf } from './split.ts';

/** Nodes that one call may go through; a caller who plays with the keys is hung up then. */
export const flowStepsMax = 1_000;
/** A longer text that an answer brings is cut. */
const textMax = 1_000;

type Node = RunnableFlow['nodes'][string];

/** Who resolves what a flow names: published flows as they were when the call came, shared calendars. */
export interface FlowLibrary {
  flow: (name: string) => RunnableFlow | undefined;
  hours: (calendar: string) => BusinessHours | undefined;
}

interface Frame {
  readonly document: RunnableFlow;
  name: FlowNodeName;
  node: Node;
  enteredAt: EpochMs;
}

/** What is told of a node that was gone through, besides its way. */
interface Passing {
  readonly input?: string;
  readonly spoken?: readonly SpokenAnswer[];
  readonly reason?: string;
}

/** What the session waits for. */
type Awaits =
  | { kind: 'start' }
  /** The caller hears or is asked something. */
  | { kind: 'dialogue' }
  /** The end of the last words before the call is hung up. */
  | { kind: 'farewell'; reason: string }
  | { kind: 'queue'; hasPlace: boolean }
  | { kind: 'request'; id: number; node: RequestNode }
  | { kind: 'nothing' };

/** Makes a run of a flow that has been checked; see `door.ts` for its contract and `SPEC.md` for its rules. */
export function createFlowSession(document: RunnableFlow, library: FlowLibrary): FlowSession {
  const session = new Session(document, library);
  return {
    handle: (input, now) => session.handle(input, now),
    get isOver() {
      return session.isOver;
    },
    get at() {
      return session.at;
    },
    get flow() {
      return session.flow;
    },
    variables: session.variables,
  };
}

class Session {
  readonly #line: Line;
  readonly #dialogue: Dialogue;
  readonly #library: FlowLibrary;
  /** The flow that runs, and those that called it. */
  readonly #frames: Frame[] = [];
  readonly #first: RunnableFlow;
  #awaits: Awaits = { kind: 'start' };
  /** By which the caller is shared out. */
  #shareKey = '';
  #steps = 0;
  #requests = 0;

  constructor(document: RunnableFlow, library: FlowLibrary) {
    this.#first = document;
    this.#library = library;
    this.#line = new Line(document.language);
    this.#dialogue = new Dialogue(this.#line, {
      announced: () => this.#announced(),
      answered: (node, outcome) => this.#answered(node, outcome),
    });
  }

  get variables(): Map<string, FlowValue> {
    return this.#line.variables;
  }

  get isOver(): boolean {
    return this.#awaits.kind === 'nothing';
  }

  get at(): FlowNodeName | undefined {
    return this.#frames.at(-1)?.name;
  }

  get flow(): string | undefined {
    return this.#frames.at(-1)?.document.name;
  }

  handle(input: FlowInput, now: EpochMs): FlowEffect[] {
    if (now > this.#line.now) this.#line.now = now;
    this.#apply(input);
    return this.#line.takeEffects();
  }

  #apply(input: FlowInput): void {
    const awaits = this.#awaits;
    switch (input.type) {
      case 'started':
        if (awaits.kind !== 'start') return;
        this.#shareKey = input.caller.callerPhone || (input.caller.callId ?? '');
        this.variables.set('caller', input.caller.callerPhone);
        this.variables.set('callerName', input.caller.callerName);
        this.variables.set('dialled', input.caller.number);
        this.variables.set('segments', (input.caller.segments ?? []).join(', '));
        this.variables.set('refusal', '');
        this.variables.set('failure', '');
        this.#line.speak();
        return this.#call(this.#first);
      case 'digit':
        return this.#digit(input.digit);
      case 'said':
        if (this.#line.said()) this.#dialogue.said();
        return;
      case 'timer.due':
        return this.#timerDue();
      case 'speech.began':
        return this.#dialogue.speechBegan(input.id);
      case 'speech.heard':
        return this.#dialogue.speechHeard(input.id, input.text, input.confidence);
      case 'speech.failed':
        return this.#dialogue.speechFailed(input.id, input.reason);
      case 'queue.refused':
      case 'queue.entered':
      case 'queue.returned':
        if (awaits.kind === 'queue') this.#queued(awaits, input);
        return;
      case 'request.done':
        if (awaits.kind === 'request' && awaits.id === input.id) this.#requestDone(awaits.node, input);
        return;
      case 'left':
        if (awaits.kind === 'nothing') return;
        if (awaits.kind !== 'start' && awaits.kind !== 'farewell') this.#passed(input.reason);
        return this.#end(input.reason, false);
    }
  }

  // ---------------------------------------------------------------- from node to node

  #call(document: RunnableFlow): void {
    if (this.#frames.length > flowDepthMax) return this.#end('too-deep', true);
    const node = document.nodes[document.start];
    if (node === undefined) return this.#end('flow-broken', true);
    this.#frames.push({ document, name: document.start, node, enteredAt: this.#line.now });
    this.#enter(node);
  }

  /** Goes on by that way; `exit` is its name in the log. */
  #go(to: FlowNodeName, exit: string, { input = '', spoken = [], reason = '' }: Passing = {}): void {
    this.#passed(exit, { input, spoken, reason });
    const frame = this.#frames.at(-1);
    const node = frame?.document.nodes[to];
    if (frame === undefined || node === undefined) return this.#end('flow-broken', true);
    Object.assign(frame, { name: to, node, enteredAt: this.#line.now });
    this.#enter(node);
  }

  #passed(
    exit: string,
    { input = '', spoken: answers = this.#dialogue.spoken, reason = '' }: Passing = {},
  ): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    const { document, name: node, enteredAt } = frame;
    const durationMs = this.#line.now - enteredAt;
    const why = reason === '' ? {} : { reason };
    const step = { flow: document.name, node, kind: frame.node.kind, exit, input, durationMs, ...why };
    const spoken = answers.map((answer) => ({
      ...answer,
      text: isSecret(frame.node) ? '' : answer.text,
    }));
    this.#line.emit({ type: 'passed', step: spoken.length === 0 ? step : { ...step, spoken } });
  }

  #enter(node: Node): void {
    this.#steps += 1;
    if (this.#steps > flowStepsMax) return this.#end('too-many-steps', true);
    switch (node.kind) {
      case 'say':
        return this.#announce(node.prompt, node.bargeIn);
      case 'play':
        return this.#announce([{ recording: node.recording }], node.bargeIn);
      case 'menu':
      case 'collect':
      case 'survey':
        return this.#ask(node);
      case 'language':
        if (Object.keys(node.choices).length > 0) return this.#ask(node);
        this.#line.speak(node.otherwise);
        return this.#go(node.next, 'next');
      case 'set':
        this.variables.set(node.variable, evaluate(node.value, this.variables));
        return this.#go(node.next, 'next');
      case 'condition':
        return this.#decide(node);
      case 'hours': {
        const hours = 'calendar' in node.hours ? this.#library.hours(node.hours.calendar) : node.hours;
        const isOpen = hours !== undefined && opensAt(hours, this.#line.now).open;
        return isOpen ? this.#go(node.open, 'open') : this.#go(node.closed, 'closed');
      }
      case 'split':
        return this.#split(node);
      case 'sub-flow': {
        const called = this.#library.flow(node.flow);
        return called === undefined ? this.#end('flow-missing', true) : this.#call(called);
      }
      case 'return':
        return this.#return();
      case 'queue':
        return this.#sendToQueue(node);
      case 'record':
      case 'voicemail':
        return this.#announce(node.prompt, true, false);
      case 'http':
      case 'transfer':
      case 'callback':
      case 'service':
      case 'call':
        return this.#request(node);
      case 'end':
        this.#passed('end');
        if (node.prompt.length === 0) return this.#end('flow-ended', true);
        this.#awaits = { kind: 'farewell', reason: 'flow-ended' };
        return this.#dialogue.announce(node.prompt, false);
    }
  }

  /** The present node is over, by its way `next`. */
  #next(): void {
    const node = this.#frames.at(-1)?.node;
    if (node !== undefined && 'next' in node) this.#go(node.next, 'next');
  }

  #return(): void {
    this.#passed('return');
    this.#frames.pop();
    if (this.#frames.length === 0) return this.#end('flow-ended', true);
    this.#next();
  }

  #decide(node: FlowNodeOf<'condition'>): void {
    const index = node.cases.findIndex(({ when }) => isTrue(evaluate(when, this.variables)));
    const found = node.cases[index];
    if (found === undefined) this.#go(node.otherwise, 'otherwise');
    else this.#go(found.next, `case-${index + 1}`);
  }

  #split(node: FlowNodeOf<'split'>): void {
    const { document, name } = this.#frames.at(-1) as Frame;
    const index = branchOf(
      `${document.name}/${name}/${this.#shareKey}`,
      node.branches.map(({ weight }) => weight),
    );
    const branch = node.branches[index];
    if (branch === undefined) return this.#end('flow-broken', true);
    this.#go(branch.next, `branch-${index + 1}`);
  }

  #end(reason: string, hangUp: boolean): void {
    this.#line.interrupt();
    this.#dialogue.end();
    this.#awaits = { kind: 'nothing' };
    this.#frames.length = 0;
    this.#line.emit({ type: 'ended', reason, hangUp });
  }

  // ---------------------------------------------------------------- what others do

  #queued(
    awaits: Extract<Awaits, { kind: 'queue' }>,
    input: Extract<FlowInput, { type: `queue.${string}` }>,
  ): void {
    const node = this.#frames.at(-1)?.node;
    if (node?.kind !== 'queue') return;
    if (input.type === 'queue.refused') {
      this.variables.set('refusal', input.reason);
      this.#line.clearTimer();
      return this.#go(node.refused, 'refused', { reason: input.reason });
    }
    if (input.type === 'queue.entered') {
      if (awaits.hasPlace) return;
      awaits.hasPlace = true;
      if (node.after !== undefined) return this.#line.setTimer(node.after.seconds * 1_000);
      this.#passed('queued');
      return this.#end('queued', false);
    }
    if (!awaits.hasPlace || node.after === undefined) return;
    this.#line.clearTimer();
    this.#go(node.after.next, 'after');
  }

  #sendToQueue({ queue, priority, preferredAgent }: FlowNodeOf<'queue'>): void {
    this.#awaits = { kind: 'queue', hasPlace: false };
    const preferred = preferredAgent === undefined ? '' : String(evaluate(preferredAgent, this.variables));
    const wish = preferred === '' ? {} : { preferredAgent: preferred };
    this.#line.emit({ type: 'queue', queue, priority, ...wish });
  }

  #request(node: RequestNode): void {
    this.#requests += 1;
    const request = requestOf(node, this.variables);
    this.#awaits = { kind: 'request', id: this.#requests, node };
    this.#line.emit({ type: 'request', id: this.#requests, request });
    this.#line.setTimer(answerMaxMs(request));
  }

  #requestDone(node: RequestNode, { result, reason, values, says = [] }: RequestAnswer): void {
    this.#line.clearTimer();
    this.variables.set('failure', reason);
    if (result === 'failed') return this.#go(node.failed, 'failed', { reason });
    if (node.kind === 'transfer' || node.kind === 'call') {
      this.#passed('connected');
      return this.#end('transferred', false);
    }
    // A variable may be called as something that every object has.
    for (const name of wantedOf(node, values))
      this.#set(name, Object.hasOwn(values, name) ? (values[name] ?? '') : '');
    if (node.kind !== 'service') return this.#go(node.next, 'next');
    this.#line.preface(says);
    this.#go(node.ways[reason] ?? node.failed, reason);
  }

  #set(name: string, value: FlowValue): void {
    const language = name === 'language' ? PromptLanguage.safeParse(value) : undefined;
    if (language?.success === true) this.#line.speak(language.data);
    else this.variables.set(name, typeof value === 'string' ? value.slice(0, textMax) : value);
  }

  // ---------------------------------------------------------------- dialogue

  #announce(prompt: FlowPrompt, bargeIn: boolean, isKeptForQuestion = true): void {
    this.#awaits = { kind: 'dialogue' };
    this.#dialogue.announce(prompt, bargeIn, isKeptForQuestion);
  }

  #announced(): void {
    const awaits = this.#awaits;
    const node = this.#frames.at(-1)?.node;
    if (awaits.kind === 'farewell') this.#end(awaits.reason, true);
    else if (node !== undefined && isRequestNode(node)) this.#request(node);
    else this.#next();
  }

  #ask(node: QuestionNode): void {
    this.#awaits = { kind: 'dialogue' };
    this.#dialogue.ask(node);
  }

  #answered(node: QuestionNode, { digits, isAnswered, text, spoken }: QuestionOutcome): void {
    const { exit, to, language, variable, score } = answerOf(node, isAnswered ? digits : null);
    if (language !== undefined) this.#line.speak(language);
    if (variable !== undefined) this.variables.set(variable, digits);
    const flow = this.#frames.at(-1)?.document.name ?? '';
    if (score !== undefined) this.#line.emit({ type: 'scored', flow, ...score });
    const input = node.kind === 'menu' && isAnswered ? text : digits;
    this.#go(to, exit, { input: isSecret(node) ? '' : input, spoken });
  }

  #digit(digit: string): void {
    const awaits = this.#awaits;
    if (!/^[0-9*#]$/.test(digit)) return;
    if (awaits.kind !== 'request') return this.#dialogue.digit(digit);
    const { id, node } = awaits;
    if (node.kind === 'record' || node.kind === 'voicemail') this.#line.emit({ type: 'request.stop', id });
    else this.#dialogue.keyAhead(digit);
  }

  #timerDue(): void {
    if (!this.#line.takeTimer()) return;
    const awaits = this.#awaits;
    if (this.#line.isSaying) {
      this.#line.hush();
      this.#dialogue.said();
    } else if (awaits.kind === 'request') {
      this.#requestDone(awaits.node, { result: 'failed', reason: 'no-report', values: {} });
    } else if (awaits.kind === 'queue') this.#line.emit({ type: 'queue.leave' });
    else this.#dialogue.timedOut();
  }
}

/** What the caller answers stands in no log. */
const isSecret = (node: Node): boolean => node.kind === 'collect' && node.secret;

type RequestAnswer = Pick<
  Extract<FlowInput, { type: 'request.done' }>,
  'result' | 'reason' | 'values' | 'says'
>;

/** The variables that an answer sets. */
function wantedOf(node: RequestNode, values: RequestAnswer['values']): string[] {
  if (node.kind === 'http') return Object.keys(node.results);
  if (node.kind === 'record') return recordedVariable in values ? [recordedVariable] : [];
  return node.kind === 'service' ? Object.keys(values) : [];
}
