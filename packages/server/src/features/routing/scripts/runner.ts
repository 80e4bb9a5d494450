import { Worker } from 'node:worker_threads';
import type { ScriptRequest, ScriptRun } from '@crosspoint/core';

/** A worker that has not answered by then is ended; where it can, it stops a script by itself before. */
const answerMaxMs = 45;
/** For people who try a script: their machine may be busy, and no caller waits. */
export const patientLimits = { answerMaxMs: 2_000, waitMaxMs: 10_000 };
/** A caller waits for a free worker at most so long. */
const waitMaxMs = 1_000;
const waitingMax = 100;
/** One for the script of another call while the first runs or is ended. Whoever was not warmed begins them as they are needed. */
const workersMax = 2;

/** What a worker is asked. */
export interface WorkerRequest extends Pick<ScriptRequest, 'source' | 'contact'> {
  /** It stops the script by itself then. */
  lastsMaxMs: number;
}

interface Waiting {
  readonly request: Pick<ScriptRequest, 'source' | 'contact'>;
  readonly done: (run: ScriptRun) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Slot {
  readonly worker: Worker;
  isReady: boolean;
  running: Waiting | undefined;
}

const failed = (message: string): ScriptRun => ({ ok: false, message, log: [] });

/**
 * Runs scripts of rules in worker threads, so that one that computes for ever delays no call. A worker that does not answer is ended and
 * replaced; more scripts than wait already are refused, and their rules passed over.
 */
export class ScriptRunner {
  readonly #slots = new Set<Slot>();
  readonly #waiting: Waiting[] = [];
  readonly #limits: { answerMaxMs: number; waitMaxMs: number };
  #isClosed = false;
  #isWarm = false;

  constructor(limits: { answerMaxMs: number; waitMaxMs: number } = { answerMaxMs, waitMaxMs }) {
    this.#limits = limits;
  }

  /** Begins the workers one after the other and keeps them, so that no call waits for the beginning of one. */
  warm(): void {
    this.#isWarm = true;
    this.#begin();
  }

  /** How many scripts could run at this moment. */
  get ready(): number {
    return [...this.#slots].filter(({ isReady, running }) => isReady && running === undefined).length;
  }

  /** Never rejects: what keeps a script from a result is a result. */
  run(request: Waiting['request']): Promise<ScriptRun> {
    if (this.#isClosed) return Promise.resolve(failed('the server stops'));
    if (this.#waiting.length >= waitingMax) return Promise.resolve(failed('too many scripts wait'));
    return new Promise((resolve) => {
      const waiting: Waiting = { request, done: resolve, timer: undefined };
      waiting.timer = setTimeout(() => {
        const place = this.#waiting.indexOf(waiting);
        if (place !== -1) this.#waiting.splice(place, 1);
        resolve(failed(`found no free worker within ${this.#limits.waitMaxMs} ms`));
      }, this.#limits.waitMaxMs);
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const slot of this.#slots) this.#end(slot, 'the server stops');
    for (const { timer, done } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      done(failed('the server stops'));
    }
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const free = [...this.#slots].find(({ isReady, running }) => isReady && running === undefined);
    if (free === undefined) this.#begin();
    else this.#give(free);
  }

  /** One more worker, unless there are enough or one is beginning. */
  #begin(): void {
    const isOneBeginning = [...this.#slots].some(({ isReady }) => !isReady);
    if (!isOneBeginning && this.#slots.size < workersMax && !this.#isClosed) this.#open();
  }

  #give(slot: Slot): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    slot.running = waiting;
    waiting.timer = setTimeout(() => {
      this.#end(slot, 'did not come to an end in time, and its worker was ended');
      this.#next();
    }, this.#limits.answerMaxMs);
    const request: WorkerRequest = { ...waiting.request, lastsMaxMs: (this.#limits.answerMaxMs * 2) / 3 };
    slot.worker.postMessage(request);
  }

  #open(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 64 },
    });
    // Nobody waits for a script when everything else is over.
    worker.unref();
    const slot: Slot = { worker, isReady: false, running: undefined };
    this.#slots.add(slot);
    worker.on('message', (message: ScriptRun | 'ready') => {
      if (message === 'ready') {
        slot.isReady = true;
        if (this.#isWarm) this.#begin();
      } else this.#answered(slot, message);
      this.#next();
    });
    worker.on('error', (error) => {
      this.#end(slot, `the worker failed: ${error.message}`);
      this.#next();
    });
  }

  #answered(slot: Slot, run: ScriptRun): void {
    const { running } = slot;
    slot.running = undefined;
    clearTimeout(running?.timer);
    running?.done(run);
  }

  #end(slot: Slot, reason: string): void {
    this.#slots.delete(slot);
    this.#answered(slot, failed(reason));
    void slot.worker.terminate();
    // One that fails before it is ready would fail again at once; the next script tries anew.
    if (this.#isWarm && slot.isReady) this.#begin();
  }
}
