import type { FlowDocument, FlowNodeName, FlowTestStep } from '@crosspoint/contracts';
import {
  createFlowSession,
  type FlowEffect,
  type FlowInput,
  type FlowLibrary,
  type FlowRequest,
  type FlowSession,
  type FlowStep,
  type FlowTestEvent,
  utteranceText,
} from '@crosspoint/core/ivr';
import { valueAt } from './document.ts';
import { wayOfExit } from './exits.ts';

/** Where a sample call went in the flow that is drawn. */
export interface Path {
  /** Node → the way by which it was left last, as a path of the document. */
  passed: ReadonlyMap<FlowNodeName, string>;
  here: FlowNodeName | null;
}

/** One line of what happened in a sample call. */
export type TestLine = FlowTestEvent | { is: 'scored'; question: string; score: number };

export interface SampleCall {
  callerPhone: string;
  number: string;
  /** In milliseconds since 1970. */
  at: number;
}

/** What is said counts as heard after this time, when the tester goes on by itself. */
const heardAfterMs = 500;
const linesMax = 2_000;

/** A sample call in the page: the interpreter that real calls run, on a clock that jumps from event to event. */
export class FlowTester {
  lines = $state.raw<readonly TestLine[]>([]);
  isRunning = $state(false);
  isSaying = $state(false);
  /** Seconds until the caller's time is up; null when nothing runs. */
  timeoutSeconds = $state<number | null>(null);
  queue = $state<string | null>(null);
  isQueued = $state(false);
  request = $state.raw<{ id: number; request: FlowRequest } | null>(null);
  /** Names what the flow listens for; null when it does not. */
  listenId = $state<number | null>(null);
  variables = $state.raw<readonly [string, string | number | boolean][]>([]);
  path = $state.raw<Path | null>(null);
  /** What the caller did in the sample call, as the steps of a test. */
  steps: FlowTestStep[] = [];
  /** Where the call is, or was. */
  sample = $state.raw<SampleCall>();
  #hasHeard = false;
  #session: FlowSession | undefined;
  #document: FlowDocument | undefined;
  #now = 0;
  #due = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(document: FlowDocument, library: FlowLibrary, sample: SampleCall): void {
    const { callerPhone, number, at } = sample;
    this.stop();
    this.lines = [];
    this.steps = [];
    this.sample = sample;
    this.#hasHeard = false;
    this.#document = document;
    this.#session = createFlowSession(document, library);
    this.#now = at;
    this.isRunning = true;
    this.path = { passed: new Map(), here: document.start };
    this.#apply({ type: 'started', caller: { callerPhone, callerName: '', number } });
  }

  /** Ends the call and forgets where it went. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#session = undefined;
    this.isRunning = this.isSaying = this.isQueued = false;
    this.timeoutSeconds = this.queue = this.request = this.path = this.listenId = null;
  }

  /** Shows what a test came to as if it had been a sample call. */
  show(document: FlowDocument, events: readonly FlowTestEvent[]): void {
    this.stop();
    this.sample = undefined;
    this.#document = document;
    this.path = { passed: new Map(), here: document.start };
    this.lines = [];
    for (const event of events) {
      if (event.is === 'passed') this.#passed(event);
      else this.#add(event);
    }
  }

  #note(step: FlowTestStep): void {
    // Keys that come before the end of what is said count otherwise than those behind it.
    if (this.#hasHeard && !this.isSaying && ('keys' in step || 'says' in step))
      this.steps.push({ hearsAll: true });
    this.#hasHeard = false;
    this.steps.push(step);
  }

  key(key: string): void {
    if (!this.isRunning) return;
    this.#note({ keys: key });
    this.#add({ is: 'keyed', key });
    this.#apply({ type: 'digit', digit: key });
  }

  /** The caller speaks, and somebody understands it. */
  say(text: string): void {
    const id = this.listenId;
    if (id === null) return;
    this.#note({ says: text, percent: 100 });
    this.#add({ is: 'said', text });
    this.#apply({ type: 'speech.began', id });
    this.listenId = null;
    this.#apply({ type: 'speech.heard', id, text, confidence: 1 });
  }

  /** Nobody understands speech. */
  failSpeech(): void {
    const id = this.listenId;
    this.listenId = null;
    if (id === null) return;
    this.#note({ fails: 'test' });
    this.#apply({ type: 'speech.failed', id, reason: 'test' });
  }

  /** What is said is over. */
  heard(): void {
    clearTimeout(this.#timer);
    if (!this.isSaying) return;
    this.isSaying = false;
    this.#apply({ type: 'said' });
  }

  /** The caller does nothing until the time is up. */
  timeOut(): void {
    this.#note(this.isQueued ? { returns: true } : { waits: true });
    this.#now = Math.max(this.#now, this.#due);
    this.timeoutSeconds = null;
    this.#apply({ type: 'timer.due' });
  }

  hangUp(): void {
    this.#note({ hangsUp: true });
    this.#apply({ type: 'left', reason: 'customer-hung-up' });
  }

  enterQueue(): void {
    this.isQueued = true;
    this.#apply({ type: 'queue.entered' });
  }

  refuseQueue(): void {
    this.queue = null;
    this.#note({ refused: 'queue-full' });
    this.#apply({ type: 'queue.refused', reason: 'queue-full' });
  }

  /** Somebody talks with the caller: the flow is over. */
  answer(): void {
    this.#apply({ type: 'left', reason: 'connected' });
  }

  settle(result: 'done' | 'failed', values: Readonly<Record<string, string>> = {}): void {
    const { request } = this;
    if (request === null) return;
    this.request = null;
    const reason = result === 'failed' ? 'test' : '';
    this.#note(result === 'failed' ? { fails: reason } : { succeeds: { ...values } });
    this.#apply({ type: 'request.done', id: request.id, result, reason, values });
  }

  #apply(input: FlowInput): void {
    const session = this.#session;
    if (session === undefined || session.isOver) return;
    for (const effect of session.handle(input, this.#now)) this.#show(effect);
    this.variables = [...session.variables].filter(([, value]) => value !== '');
    if (this.isSaying) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.heard(), heardAfterMs);
    }
  }

  #show(effect: FlowEffect): void {
    switch (effect.type) {
      case 'say':
        this.isSaying = true;
        this.#hasHeard = true;
        for (const each of effect.utterances) {
          this.#add({ is: 'heard', text: utteranceText(each), language: each.language });
        }
        return;
      case 'hush':
        this.isSaying = false;
        return;
      case 'listen':
        this.listenId = effect.id;
        return;
      case 'listen.end':
        this.listenId = null;
        return;
      case 'timer.set':
        this.#due = effect.at;
        this.timeoutSeconds = Math.round((effect.at - this.#now) / 1_000);
        return;
      case 'timer.cleared':
        this.timeoutSeconds = null;
        return;
      case 'passed':
        return this.#passed(effect.step);
      case 'queue':
        this.queue = effect.queue;
        this.isQueued = false;
        return this.#add({ is: 'queue', queue: effect.queue });
      case 'queue.leave':
        this.queue = null;
        this.isQueued = false;
        queueMicrotask(() => this.#apply({ type: 'queue.returned' }));
        return;
      case 'request':
        this.request = { id: effect.id, request: effect.request };
        return this.#add({ is: 'asked', request: effect.request });
      case 'request.stop':
        queueMicrotask(() => this.settle('done'));
        return;
      case 'scored':
        return this.#add({ is: 'scored', question: effect.question, score: effect.score });
      case 'ended':
        return this.#ended(effect.reason);
    }
  }

  #ended(reason: string): void {
    clearTimeout(this.#timer);
    this.isRunning = this.isSaying = this.isQueued = false;
    this.timeoutSeconds = this.queue = this.request = this.listenId = null;
    if (this.path !== null) this.path = { ...this.path, here: null };
    this.#add({ is: 'ended', reason });
  }

  #passed({ flow, node, exit }: Pick<FlowStep, 'flow' | 'node' | 'exit'>): void {
    this.#add({ is: 'passed', flow, node, exit, atMs: this.#now });
    if (flow !== this.#document?.name || this.path === null) return;
    const way = wayOfExit(exit);
    const passed = new Map(this.path.passed).set(node, way);
    this.path = { passed, here: targetOf(this.#document, node, way) };
  }

  #add(line: TestLine): void {
    this.lines = [...this.lines, line].slice(-linesMax);
  }
}

function targetOf(document: FlowDocument, node: FlowNodeName, way: string): FlowNodeName | null {
  const value = valueAt(document.nodes[node], way);
  return typeof value === 'string' && document.nodes[value] !== undefined ? value : null;
}
