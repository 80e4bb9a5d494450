import type { FlowTestCase, FlowTestStep } from '@crosspoint/contracts';
import type { FlowEffect, FlowInput, FlowSession } from './door.ts';
import { createFlowSession, type FlowLibrary } from './session.ts';
import { utteranceText } from './utterance-text.ts';

export interface FlowTestOutcome {
  /** Empty: it passed. */
  failures: string[];
  /** What the caller heard and where the call went, line by line. */
  trace: string[];
}

/** Things are said one after the other so often at most; a flow does not say more by itself. */
const saidMax = 1_000;

/** Plays one test on the machine that runs calls. Deterministic. */
export function runFlowTest(test: FlowTestCase, library: FlowLibrary): FlowTestOutcome {
  const document = library.flow(test.flow);
  if (document === undefined) return { failures: [`there is no flow ${test.flow}`], trace: [] };
  return new Run(test, createFlowSession(document, library)).play();
}

class Run {
  readonly #test: FlowTestCase;
  readonly #session: FlowSession;
  readonly #failures: string[] = [];
  readonly #trace: string[] = [];
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

  play(): FlowTestOutcome {
    const { caller, callerName, dialled } = this.#test.given;
    this.#apply({ type: 'started', caller: { callerPhone: caller, callerName, number: dialled } });
    this.#test.steps.forEach((step, index) => this.#step(step, `step ${index + 1}`));
    this.#hearAll();
    this.#compare();
    return { failures: this.#failures, trace: this.#trace };
  }

  #step(step: FlowTestStep, where: string): void {
    if ('hears' in step) return this.#hears(step.hears, where);
    this.#heard = '';
    if ('keys' in step) {
      this.#trace.push(`keys ${step.keys}`);
      for (const digit of step.keys) this.#apply({ type: 'digit', digit });
    } else if ('says' in step) this.#speak(step, where);
    else if ('waits' in step) this.#wait();
    else if ('hangsUp' in step) this.#apply({ type: 'left', reason: 'customer-hung-up' });
    else if ('refused' in step) this.#refuse(step.refused, where);
    else if ('returns' in step) this.#return(where);
    else if ('succeeds' in step) this.#answer(where, { result: 'done', reason: '', values: step.succeeds });
    else this.#fails(step.fails, where);
  }

  /** Goes on hearing until the text comes. */
  #hears(text: string, where: string): void {
    for (let turn = 0; turn < saidMax; turn++) {
      if (this.#heard.includes(text)) return;
      if (!this.#isSaying) break;
      this.#said();
    }
    this.#fail(`${where}: expected to hear "${text}", heard "${this.#heard.trim()}"`);
  }

  #wait(): void {
    this.#trace.push('waits');
    this.#hearAll();
    if (this.#dueAt === undefined) return;
    this.#now = Math.max(this.#now, this.#dueAt);
    this.#apply({ type: 'timer.due' });
  }

  #speak({ says, percent }: Extract<FlowTestStep, { says: string }>, where: string): void {
    this.#trace.push(`says ${says}`);
    if (this.#listenId === undefined) this.#hearAll();
    const id = this.#listenId;
    if (id === undefined) return this.#fail(`${where}: the flow does not listen to speech`);
    this.#apply({ type: 'speech.began', id });
    this.#listenId = undefined;
    this.#apply({ type: 'speech.heard', id, text: says, confidence: percent / 100 });
  }

  #fails(reason: string, where: string): void {
    const id = this.#requestId === undefined ? this.#listenId : undefined;
    if (id === undefined) return this.#answer(where, { result: 'failed', reason, values: {} });
    this.#listenId = undefined;
    this.#apply({ type: 'speech.failed', id, reason });
  }

  #refuse(reason: string, where: string): void {
    this.#hearAll();
    if (this.#queue === undefined) return this.#fail(`${where}: the caller is in no queue`);
    this.#apply({ type: 'queue.refused', reason });
  }

  #return(where: string): void {
    this.#hearAll();
    if (this.#queue === undefined) return this.#fail(`${where}: the caller is in no queue`);
    this.#apply({ type: 'queue.entered' });
    if (this.#dueAt === undefined)
      return this.#fail(`${where}: nothing brings the caller back from the queue`);
    this.#now = Math.max(this.#now, this.#dueAt);
    this.#apply({ type: 'timer.due' });
    this.#apply({ type: 'queue.returned' });
  }

  #answer(
    where: string,
    answer: Pick<Extract<FlowInput, { type: 'request.done' }>, 'result' | 'reason' | 'values'>,
  ): void {
    this.#hearAll();
    const id = this.#requestId;
    if (id === undefined) return this.#fail(`${where}: the flow has asked for nothing`);
    this.#requestId = undefined;
    this.#apply({ type: 'request.done', id, ...answer });
  }

  #compare(): void {
    const { queue, path, ends, variables, at } = this.#test.expect;
    if (queue !== undefined && queue !== this.#queue) {
      this.#fail(`expected the queue ${queue}, got ${this.#queue ?? 'none'}`);
    }
    if (path !== undefined) {
      const seen = this.#path.map((step, index) =>
        path[index]?.includes(':') === false ? step.split(':')[0] : step,
      );
      if (seen.join(' ') !== path.join(' ')) {
        this.#fail(`expected the path ${path.join(' ')}, got ${this.#path.join(' ')}`);
      }
    }
    if (ends !== undefined && ends !== this.#session.isOver) {
      this.#fail(ends ? 'expected the flow to be over' : 'expected the flow not to be over');
    }
    if (at !== undefined && at !== this.#session.at) {
      this.#fail(`expected to be at ${at}, is ${this.#session.at ?? 'nowhere'}`);
    }
    for (const [name, value] of Object.entries(variables ?? {})) {
      const seen = this.#session.variables.get(name);
      if (seen === value) continue;
      this.#fail(`expected ${name} to be ${JSON.stringify(value)}, got ${JSON.stringify(seen ?? '')}`);
    }
  }

  #fail(failure: string): void {
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
        this.#trace.push(`hears ${text}`);
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
        const { node, exit, kind } = effect.step;
        if (kind === 'queue' && exit !== 'queued') this.#queue = undefined;
        this.#path.push(`${node}:${exit}`);
        this.#trace.push(`passes ${node}:${exit}`);
        return;
      }
      case 'queue':
        this.#queue = effect.queue;
        this.#trace.push(`enters the queue ${effect.queue}`);
        return;
      case 'request':
        this.#requestId = effect.id;
        this.#trace.push(`asks for ${effect.request.kind}`);
        return;
      case 'listen':
        this.#listenId = effect.id;
        return;
      case 'listen.end':
        this.#listenId = undefined;
        return;
      case 'ended':
        this.#trace.push(`ends: ${effect.reason}`);
        return;
      case 'queue.leave':
      case 'request.stop':
      case 'scored':
        return;
    }
  }
}
