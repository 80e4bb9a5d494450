import type { FlowDocument, RoutingTarget } from '@crosspoint/contracts';
import {
  createFlowSession,
  type FlowCaller,
  type FlowEffect,
  type FlowInput,
  type FlowLibrary,
  type FlowSession,
  type FlowStep,
  type RunnableFlow,
} from '../ivr/index.ts';
import { targetWords } from '../routing/index.ts';

/** How a caller went through a flow, as the facts tell. */
export interface PastCall {
  readonly caller: FlowCaller;
  readonly atMs: number;
  readonly steps: readonly FlowStep[];
  /** Why the flow was over, as `ended` gave it. */
  readonly endReason: string;
}

export interface PastCallOutcome {
  /** As `ReplayOutcome` of the contracts. */
  readonly ending: 'target' | 'ended' | 'left' | 'open';
  readonly target: RoutingTarget | null;
  readonly reason: string;
  /** The nodes gone through, as `node:exit`; the first hundred. */
  readonly path: readonly string[];
  /** Secret digits or what a look-up answered had to be made up. */
  readonly hasUnknownAnswers: boolean;
}

/** More than a call can take: each of its nodes asks at most ten times and hears a few keys. */
const turnsMax = 20_000;
const pathMax = 100;
/** Facts of earlier days do not tell why something failed. */
const unknownReason = 'as-then';

/**
 * Leads a caller of the past through a flow: at each node of the same name the caller does what was done there, in the order in which it
 * was done. At a question that this caller was never asked the way is open. Deterministic; takes far less than a millisecond.
 */
export function replayCall(document: FlowDocument, library: FlowLibrary, past: PastCall): PastCallOutcome {
  return new PastCaller(document, library, past).play();
}

class PastCaller {
  readonly #session: FlowSession;
  readonly #document: FlowDocument;
  readonly #library: FlowLibrary;
  readonly #past: PastCall;
  readonly #used = new Set<FlowStep>();
  readonly #path: string[] = [];
  #now: number;
  #enteredAt: number;
  #dueAt: number | undefined;
  #isSaying = false;
  #requestId: number | undefined;
  #isQueueing = false;
  /** What was done at the present node was done already; what follows there is silence. */
  #hasAnswered = false;
  #target: RoutingTarget | null = null;
  #hasLeft = false;
  #open = '';
  #hasUnknownAnswers = false;

  constructor(document: FlowDocument, library: FlowLibrary, past: PastCall) {
    this.#document = document;
    this.#library = library;
    this.#past = past;
    this.#now = past.atMs;
    this.#enteredAt = past.atMs;
    this.#session = createFlowSession(document, library);
  }

  play(): PastCallOutcome {
    this.#apply({ type: 'started', caller: this.#past.caller });
    for (let turn = 0; turn < turnsMax && !this.#session.isOver && this.#open === ''; turn++) this.#turn();
    return {
      ending: this.#ending(),
      target: this.#target,
      reason: this.#reason(),
      path: this.#path,
      hasUnknownAnswers: this.#hasUnknownAnswers,
    };
  }

  #ending(): PastCallOutcome['ending'] {
    if (this.#target !== null) return 'target';
    if (this.#open !== '') return 'open';
    return this.#hasLeft ? 'left' : 'ended';
  }

  #reason(): string {
    if (this.#target === null && this.#open !== '') return this.#open;
    const way = this.#path.slice(-3).join(' → ');
    const end = this.#hasLeft ? 'the caller hangs up' : 'the flow ends';
    return `${way}: ${this.#target === null ? end : targetWords(this.#target)}.`;
  }

  #turn(): void {
    const step = this.#stepHere();
    const leavesHere = step !== undefined && this.#isDropOff(step);
    if (leavesHere && !this.#isQueueing) return this.#leave();
    if (this.#isSaying) {
      this.#isSaying = false;
      return this.#apply({ type: 'said' });
    }
    if (this.#isQueueing) return this.#wait(step);
    if (this.#requestId !== undefined) return this.#answer(this.#requestId, step);
    if (this.#hasAnswered) return this.#keepSilent();
    if (step === undefined) {
      this.#open = `At ${this.#session.at ?? 'its end'} the flow asks what this caller was never asked.`;
      return;
    }
    this.#key(step);
  }

  /** What was done at this node, if it is still to be done. */
  #stepHere(): FlowStep | undefined {
    const { at, flow } = this.#session;
    return this.#past.steps.find((step) => !this.#used.has(step) && step.node === at && step.flow === flow);
  }

  #isDropOff(step: FlowStep): boolean {
    const { steps, endReason } = this.#past;
    return step === steps.at(-1) && step.exit === endReason && step.kind !== 'queue';
  }

  #leave(): void {
    this.#hasLeft = true;
    this.#apply({ type: 'left', reason: this.#past.endReason });
  }

  #wait(step: FlowStep | undefined): void {
    if (step?.exit === 'refused')
      return this.#apply({ type: 'queue.refused', reason: step.reason ?? unknownReason });
    this.#apply({ type: 'queue.entered' });
    if (this.#session.isOver) return;
    if (step?.exit !== 'after') return this.#leave();
    this.#keepSilent();
    this.#apply({ type: 'queue.returned' });
  }

  #answer(id: number, step: FlowStep | undefined): void {
    const node = this.#node();
    const isUnknown = node?.kind === 'http' && Object.keys(node.results).length > 0;
    if (step === undefined && node?.kind === 'http') {
      this.#open = `At ${this.#session.at ?? ''} the flow looks something up that it did not look up then.`;
      return;
    }
    const hasFailed = step?.exit === 'failed';
    if (isUnknown && !hasFailed) this.#hasUnknownAnswers = true;
    if (hasFailed) this.#target = null;
    const [result, reason] = hasFailed
      ? (['failed', step.reason ?? unknownReason] as const)
      : (['done', ''] as const);
    this.#apply({ type: 'request.done', id, result, reason, values: {} });
  }

  #key(step: FlowStep): void {
    this.#hasAnswered = true;
    if (step.exit === 'otherwise') return;
    const node = this.#node();
    // A menu may have been answered by speaking: its way names the key for which that stood.
    let keys = /^key-(.)$/.exec(step.exit)?.[1] ?? step.input;
    if (keys === '' && node?.kind === 'collect') {
      this.#hasUnknownAnswers = true;
      keys = '0'.repeat(node.digitsMin);
    }
    for (const digit of keys) {
      this.#apply({ type: 'digit', digit });
      // The draft has gone on already: what was keyed beyond is no answer to what comes next.
      if (!this.#hasAnswered) return;
    }
  }

  #keepSilent(): void {
    this.#now = Math.max(this.#now, this.#dueAt ?? this.#now);
    this.#apply({ type: 'timer.due' });
  }

  #node(): RunnableFlow['nodes'][string] | undefined {
    const { at, flow } = this.#session;
    if (at === undefined || flow === undefined) return undefined;
    const document = flow === this.#document.name ? this.#document : this.#library.flow(flow);
    return document?.nodes[at];
  }

  #apply(input: FlowInput): void {
    for (const effect of this.#session.handle(input, this.#now)) this.#note(effect);
  }

  #note(effect: FlowEffect): void {
    switch (effect.type) {
      case 'say':
        this.#isSaying = true;
        return;
      case 'hush':
        this.#isSaying = false;
        return;
      case 'timer.set':
        this.#dueAt = effect.at;
        return;
      case 'timer.cleared':
        this.#dueAt = undefined;
        return;
      case 'passed':
        return this.#passed(effect.step);
      case 'queue':
        this.#isQueueing = true;
        this.#target = { queue: effect.queue, priority: effect.priority };
        return;
      case 'request':
        this.#requestId = effect.id;
        if (effect.request.kind === 'transfer') this.#target = effect.request.to;
        if (effect.request.kind === 'voicemail') this.#target = { voicemail: effect.request.box };
        return;
      // What the caller said then is answered by the key that it stood for.
      case 'listen':
      case 'listen.end':
      case 'queue.leave':
      case 'request.stop':
      case 'scored':
      case 'ended':
        return;
    }
  }

  #passed({ flow, node, kind, exit }: FlowStep): void {
    const done = this.#past.steps.find(
      (step) => !this.#used.has(step) && step.node === node && step.flow === flow,
    );
    if (done !== undefined) {
      this.#used.add(done);
      // Hours are looked at when the caller came to them.
      this.#now = Math.max(this.#now, this.#enteredAt + done.durationMs);
    }
    this.#enteredAt = this.#now;
    if (kind === 'queue' && (exit === 'refused' || exit === 'after')) this.#target = null;
    this.#isQueueing = false;
    this.#requestId = undefined;
    this.#hasAnswered = false;
    if (this.#path.length < pathMax) this.#path.push(`${node}:${exit}`);
  }
}
