import type { ScriptContact, ScriptRun } from '@crosspoint/core';
import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten';

/** A script computes for at most so long; a decision takes about a millisecond. */
const computedMaxMs = 20;

/** Two clocks in milliseconds: what this thread has computed, and what has gone by. */
export interface SandboxClock {
  computedMs: () => number;
  nowMs: () => number;
}
const memoryMaxBytes = 8 * 1_024 * 1_024;
const stackMaxBytes = 256 * 1_024;
const logLinesMax = 50;
const logLineMax = 300;
/** Of what it gives back, as JSON. */
const valueMax = 10_000;

/**
 * What a script finds: `contact`, frozen, and `console.log`. Time stands still at `contact.now`; there is no chance, no timer, no file and
 * no network, because nothing of the kind exists in the sandbox.
 */
const prelude = `((now) => {
  const RealDate = Date;
  // Nothing that a script can reach leads to the clock of the server: not the constructor of a date, and not what Date is made of.
  function FixedDate(...given) {
    if (new.target === undefined) return new RealDate(now).toString();
    return Reflect.construct(RealDate, given.length === 0 ? [now] : given, new.target);
  }
  const { parse, UTC } = RealDate;
  for (const [name, value] of Object.entries({ now: () => now, parse, UTC, name: 'Date', prototype: RealDate.prototype }))
    Object.defineProperty(FixedDate, name, { value, enumerable: false });
  RealDate.prototype.constructor = FixedDate;
  globalThis.Date = FixedDate;
  delete Math.random;
  const freeze = (thing) => {
    if (typeof thing === 'object' && thing !== null) Object.values(thing).forEach(freeze);
    return Object.freeze(thing);
  };
  return freeze;
})`;

/** A context that runs one script and is forgotten. Making it takes longer than most scripts: it can be made before it is needed. */
export class Sandbox {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #log: string[] = [];
  /** Kept from before the script, which may put something else in its place. */
  readonly #stringify: QuickJSHandle;
  #isOver: () => boolean = () => false;
  /** Why the engine cannot be used again: some scripts leave it in disorder. */
  broken: Error | undefined;

  constructor(quickjs: QuickJSWASMModule) {
    this.#runtime = quickjs.newRuntime();
    this.#runtime.setMemoryLimit(memoryMaxBytes);
    this.#runtime.setMaxStackSize(stackMaxBytes);
    this.#runtime.setInterruptHandler(() => this.#isOver());
    this.#context = this.#runtime.newContext();
    giveConsole(this.#context, this.#log);
    this.#stringify = this.#context
      .getProp(this.#context.global, 'JSON')
      .consume((json) => this.#context.getProp(json, 'stringify'));
  }

  /** Once. @param lastsMaxMs the limit of time that goes by, also while the machine is busy with other things. */
  run(
    source: string,
    contact: ScriptContact,
    { computedMs, nowMs }: SandboxClock,
    lastsMaxMs: number,
  ): ScriptRun {
    const [computed, begun] = [computedMs(), nowMs()];
    this.#isOver = () => computedMs() - computed > computedMaxMs || nowMs() - begun > lastsMaxMs;
    try {
      const given = this.#evaluate(`${prelude}(${contact.now})(JSON.parse(${quoted(contact)}))`);
      // The first line of the script is the first line of the text, so that errors name the line that a person sees.
      const script = `'use strict'; (function (contact) {${source}\n})`;
      if (!given.ok) return this.#failed(given.message);
      const called = this.#evaluate(script, 'script');
      if (!called.ok) {
        given.value.dispose();
        return this.#failed(called.message);
      }
      const result = this.#context.callFunction(called.value, this.#context.undefined, given.value);
      called.value.dispose();
      given.value.dispose();
      if (result.error) return this.#failed(failureOf(this.#context, result.error));
      return { ...readValue(this.#context, this.#stringify, result.value), log: this.#log };
    } catch (error) {
      // The engine itself came to its end, as with a text that nests a million deep.
      this.broken = asError(error);
      return this.#failed('was more than the engine can bear');
    } finally {
      this.#dispose();
    }
  }

  #dispose(): void {
    try {
      this.#stringify.dispose();
      this.#context.dispose();
      this.#runtime.dispose();
    } catch (error) {
      this.broken ??= asError(error);
    }
  }

  #evaluate(
    code: string,
    name = 'prelude',
  ): { ok: true; value: QuickJSHandle } | { ok: false; message: string } {
    const result = this.#context.evalCode(code, name);
    if (result.error) return { ok: false, message: failureOf(this.#context, result.error) };
    return { ok: true, value: result.value };
  }

  #failed(message: string): ScriptRun {
    return { ok: false, message, log: this.#log };
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

const quoted = (contact: ScriptContact): string => JSON.stringify(JSON.stringify(contact));

function readValue(
  context: QuickJSContext,
  stringify: QuickJSHandle,
  handle: QuickJSHandle,
): { ok: true; value: unknown } | { ok: false; message: string } {
  // Nobody waits for what comes later: a script decides at once.
  const state = context.getPromiseState(handle);
  if (state.type !== 'fulfilled' || state.notAPromise !== true) {
    if (state.type === 'fulfilled') state.value.dispose();
    if (state.type === 'rejected') state.error.dispose();
    handle.dispose();
    return { ok: false, message: 'gave back a promise; it has to decide at once, without async and await' };
  }
  // What is no plain data becomes nothing on the way through JSON.
  const json = context.callFunction(stringify, context.undefined, handle);
  handle.dispose();
  if (json.error) return { ok: false, message: failureOf(context, json.error) };
  const text = json.value.consume((value) =>
    context.typeof(value) === 'string' ? context.getString(value) : '',
  );
  if (text === '') return { ok: true, value: undefined };
  if (text.length > valueMax) return { ok: false, message: 'gave back more than a list of targets' };
  return { ok: true, value: JSON.parse(text) as unknown };
}

/** In words, with the line of the script. */
function failureOf(context: QuickJSContext, error: QuickJSHandle): string {
  const dumped = error.consume((handle) => context.dump(handle) as unknown);
  if (typeof dumped !== 'object' || dumped === null) return `threw ${String(dumped)}`.slice(0, logLineMax);
  const { name = 'Error', message = '', stack = '' } = dumped as Record<string, unknown>;
  // A script may throw what only looks like an error, and whose parts are no texts.
  if (typeof name !== 'string' || typeof message !== 'string')
    return `threw ${JSON.stringify(dumped)}`.slice(0, logLineMax);
  if (message === 'interrupted') return 'did not come to an end in time';
  const line = typeof stack === 'string' ? /script:(\d+)/.exec(stack)?.[1] : undefined;
  const where = line === undefined ? '' : `line ${line}: `;
  return `${where}${name}: ${message}`.slice(0, logLineMax);
}

function giveConsole(context: QuickJSContext, log: string[]): void {
  const write = context.newFunction('log', (...given) => {
    if (log.length >= logLinesMax) return;
    const words = given.map((handle) => {
      const value = context.dump(handle) as unknown;
      return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
    });
    log.push(words.join(' ').slice(0, logLineMax));
  });
  context.newObject().consume((console) => {
    context.setProp(console, 'log', write);
    context.setProp(context.global, 'console', console);
  });
  write.dispose();
}
