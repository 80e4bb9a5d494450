import type {
  FlowNodeName,
  FlowTestCase,
  FlowTestDocument,
  FlowTestStep,
  PromptLanguage,
} from '@crosspoint/contracts';
import type { FlowEffect, FlowInput, FlowRequest, FlowSession } from './door.ts';
import { createFlowSession, type FlowLibrary } from './session.ts';
import { utteranceText } from './utterance-text.ts';

type TestedValue = string | number | boolean;

/** What was not as a test expects; steps count from 1. */
export type FlowTestFailure =
  | { is: 'no-flow'; flow: string }
  | { is: 'unheard'; step: number; text: string; heard: string }
  | { is: 'not-listening' | 'no-queue' | 'no-return' | 'nothing-asked'; step: number }
  | { is: 'queue'; expected: string; seen: string | null }
  | { is: 'path'; expected: readonly string[]; seen: readonly string[] }
  | { is: 'over'; expected: boolean }
  | { is: 'at'; expected: FlowNodeName; seen: FlowNodeName | null }
  | { is: 'variable'; name: string; expected: TestedValue; seen: TestedValue };

/** What the caller did and heard, and where the call went. */
export type FlowTestEvent =
  | { is: 'heard'; text: string; language: PromptLanguage }
  | { is: 'keyed'; key: string }
  | { is: 'said'; text: string }
  | { is: 'waited' }
  | { is: 'passed'; flow: string; node: FlowNodeName; exit: string; atMs: number }
  | { is: 'queue'; queue: string }
  | { is: 'asked'; request: FlowRequest }
  | { is: 'ended'; reason: string };

export interface FlowTestCourse {
  /** Empty: it passed. */
  failures: FlowTestFailure[];
  events: FlowTestEvent[];
}

/** Things are said one after the other so often at most; a flow does not say more by itself. */
const saidMax = 1_000;

/** All tests of a document: those that stand with the flows that they try, and those that name theirs. */
export function testsIn({ flows, tests }: Pick<FlowTestDocument, 'flows' | 'tests'>): FlowTestCase[] {
  const kept = flows.flatMap(({ name, tests: own = [] }) => own.map((test) => ({ ...test, flow: name })));
  return [...kept, ...tests];
}

/** Plays one test on the machine that runs calls. Deterministic. */
export function playFlowTest(test: FlowTestCase, library: FlowLibrary): FlowTestCourse {
  const document = library.flow(test.flow);
  if (document === undefined) return { failures: [{ is: 'no-flow', flow: test.flow }], events: [] };
  return new Run(test, createFlowSession(document, library)).play();
}

class Run {
  readonly #test: FlowTestCase;
  readonly #session: FlowSession;
  readonly #failures: FlowTestFailure[] = [];
  readonly #events: FlowTestEvent[] = [];
  readonly #path: string[] = [];
  #now: number;
  /** Since the latest deed of the caller. */
  #heard = '';
  #isSaying = false;
  #dueAt: number | undefined;
  #requestId: number | undefined;
  #listenId: number | undefined;
  #queue: string | undefined;

  constructor(test: FlowTestCase, session: FlowSession) {
    this.#test = test;
    this.#session = session;
    this.#now = Date.parse(test.given.at);
  }

  play(): FlowTestCourse {
    const { caller, callerName, dialled } = this.#test.given;
    this.#apply({ type: 'started', caller: { callerPhone: caller, callerName, number: dialled } });
    this.#test.steps.forEach((step, index) => this.#step(step, index + 1));
    this.#hearAll();
    this.#compare();
    return { failures: this.#failures, events: this.#events };
  }

  #step(step: FlowTestStep, at: number): void {
    if ('hears' in step) return this.#hears(step.hears, at);
    if ('hearsAll' in step) return this.#hearAll();
    this.#heard = '';
    if ('keys' in step) {
      this.#events.push({ is: 'keyed', key: step.keys });
      for (const digit of step.keys) this.#apply({ type: 'digit', digit });
    } else if ('says' in step) this.#speak(step, at);
    else if ('waits' in step) this.#wait();
    else if ('hangsUp' in step) this.#apply({ type: 'left', reason: 'customer-hung-up' });
    else if ('refused' in step) this.#refuse(step.refused, at);
    else if ('returns' in step) this.#return(at);
    else if ('succeeds' in step) this.#answer(at, { result: 'done', reason: '', values: step.succeeds });
    else this.#fails(step.fails, at);
  }

  /** Goes on hearing until the text comes. */
  #hears(text: string, at: number): void {
    for (let turn = 0; turn < saidMax; turn++) {
      if (this.#heard.includes(text)) return;
      if (!this.#isSaying) break;
      this.#said();
    }
    this.#fail({ is: 'unheard', step: at, text, heard: this.#heard.trim() });
  }

  #wait(): void {
    this.#events.push({ is: 'waited' });
    this.#hearAll();
    if (this.#dueAt === undefined) return;
    this.#now = Math.max(this.#now, this.#dueAt);
    this.#apply({ type: 'timer.due' });
  }

  #speak({ says, percent }: Extract<FlowTestStep, { says: string }>, at: number): void {
    this.#events.push({ is: 'said', text: says });
    if (this.#listenId === undefined) this.#hearAll();
    const id = this.#listenId;
    if (id === undefined) return this.#fail({ is: 'not-listening', step: at });
    this.#apply({ type: 'speech.began', id });
    this.#listenId = undefined;
    this.#apply({ type: 'speech.heard', id, text: says, confidence: percent / 100 });
  }

  #fails(reason: string, at: number): void {
    const id = this.#requestId === undefined ? this.#listenId : undefined;
    if (id === undefined) return this.#answer(at, { result: 'failed', reason, values: {} });
    this.#listenId = undefined;
    this.#apply({ type: 'speech.failed', id, reason });
  }

  #refuse(reason: string, at: number): void {
    this.#hearAll();
    if (this.#queue === undefined) return this.#fail({ is: 'no-queue', step: at });
    this.#apply({ type: 'queue.refused', reason });
  }

  #return(at: number): void {
    this.#hearAll();
    if (this.#queue === undefined) return this.#fail({ is: 'no-queue', step: at });
    this.#apply({ type: 'queue.entered' });
    if (this.#dueAt === undefined) return this.#fail({ is: 'no-return', step: at });
    this.#now = Math.max(this.#now, this.#dueAt);
    this.#apply({ type: 'timer.due' });
    this.#apply({ type: 'queue.returned' });
  }

  #answer(
    at: number,
    answer: Pick<Extract<FlowInput, { type: 'request.done' }>, 'result' | 'reason' | 'values'>,
  ): void {
    this.#hearAll();
    const id = this.#requestId;
    if (id === undefined) return this.#fail({ is: 'nothing-asked', step: at });
    this.#requestId = undefined;
    this.#apply({ type: 'request.done', id, ...answer });
  }

  #compare(): void {
    const { queue, path, ends, variables, at } = this.#test.expect;
    if (queue !== undefined && queue !== this.#queue) {
      this.#fail({ is: 'queue', expected: queue, seen: this.#queue ?? null });
    }
    if (path !== undefined) {
      const seen = this.#path.map((step, index) =>
        path[index]?.includes(':') === false ? step.split(':')[0] : step,
      );
      if (seen.join(' ') !== path.join(' ')) {
        this.#fail({ is: 'path', expected: path, seen: this.#path });
      }
    }
    if (ends !== undefined && ends !== this.#session.isOver) {
      this.#fail({ is: 'over', expected: ends });
    }
    if (at !== undefined && at !== this.#session.at) {
      this.#fail({ is: 'at', expected: at, seen: this.#session.at ?? null });
    }
    for (const [name, value] of Object.entries(variables ?? {})) {
      const seen = this.#session.variables.get(name);
      if (seen === value) continue;
      this.#fail({ is: 'variable', name, expected: value, seen: seen ?? '' });
    }
  }

  #fail(failure: FlowTestFailure): void {
    this.#failures.push(failure);
  }

  #said(): void {
    this.#isSaying = false;
    this.#apply({ type: 'said' });
  }

  #hearAll(): void {
    for (let turn = 0; turn < saidMax; turn++) {
      if (!this.#isSaying) return;
      this.#said();
    }
  }

  #apply(input: FlowInput): void {
    for (const effect of this.#session.handle(input, this.#now)) this.#note(effect);
  }

  #note(effect: FlowEffect): void {
    switch (effect.type) {
      case 'say': {
        const text = effect.utterances.map(utteranceText).join(' ');
        this.#isSaying = true;
        this.#heard += `${text} `;
        this.#events.push({ is: 'heard', text, language: effect.utterances[0]?.language ?? 'en' });
        return;
      }
      case 'hush':
        this.#isSaying = false;
        return;
      case 'timer.set':
        this.#dueAt = effect.at;
        return;
      case 'timer.cleared':
        this.#dueAt = undefined;
        return;
      case 'passed': {
        const { flow, node, exit, kind } = effect.step;
        if (kind === 'queue' && exit !== 'queued') this.#queue = undefined;
        this.#path.push(`${node}:${exit}`);
        this.#events.push({ is: 'passed', flow, node, exit, atMs: this.#now });
        return;
      }
      case 'queue':
        this.#queue = effect.queue;
        this.#events.push({ is: 'queue', queue: effect.queue });
        return;
      case 'request':
        this.#requestId = effect.id;
        this.#events.push({ is: 'asked', request: effect.request });
        return;
      case 'listen':
        this.#listenId = effect.id;
        return;
      case 'listen.end':
        this.#listenId = undefined;
        return;
      case 'ended':
        this.#events.push({ is: 'ended', reason: effect.reason });
        return;
      case 'queue.leave':
      case 'request.stop':
      case 'scored':
        return;
    }
  }
}
