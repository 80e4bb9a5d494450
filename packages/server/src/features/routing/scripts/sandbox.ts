import type { ScriptContact, ScriptRun } from '@crosspoint/core';
import type { QuickJSContext, QuickJSHandle, QuickJSWASMModule } from 'quickjs-emscripten';

/** A script computes for at most so long; a decision takes far less than a millisecond. */
const computeMaxMs = 20;
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
const prelude = `'use strict';
(now) => {
  const RealDate = Date;
  globalThis.Date = class Date extends RealDate {
    constructor(...given) { if (given.length === 0) super(now); else super(...given); }
    static now() { return now; }
  };
  delete Math.random;
  const freeze = (thing) => {
    if (typeof thing === 'object' && thing !== null) Object.values(thing).forEach(freeze);
    return Object.freeze(thing);
  };
  return freeze;
}`;

/** Runs one script in a context of its own, and forgets the context. @param computedMs what the thread has computed, for the limit of time. */
export function runScript(
  quickjs: QuickJSWASMModule,
  source: string,
  contact: ScriptContact,
  computedMs: () => number,
): ScriptRun {
  const runtime = quickjs.newRuntime();
  const log: string[] = [];
  try {
    runtime.setMemoryLimit(memoryMaxBytes);
    runtime.setMaxStackSize(stackMaxBytes);
    const until = computedMs() + computeMaxMs;
    runtime.setInterruptHandler(() => computedMs() > until);
    const context = runtime.newContext();
    try {
      return evaluate(context, source, contact, log);
    } finally {
      context.dispose();
    }
  } finally {
    runtime.dispose();
  }
}

function evaluate(context: QuickJSContext, source: string, contact: ScriptContact, log: string[]): ScriptRun {
  giveConsole(context, log);
  const freeze = callWith(context, prelude, String(contact.now));
  if ('message' in freeze) return { ok: false, message: freeze.message, log };
  const text = JSON.stringify(JSON.stringify(contact));
  const given = context.evalCode(`JSON.parse(${text})`);
  if (given.error) return { ok: false, message: failureOf(context, given.error), log };
  const frozen = context.callFunction(freeze.handle, context.undefined, given.value);
  freeze.handle.dispose();
  given.value.dispose();
  if (frozen.error) return { ok: false, message: failureOf(context, frozen.error), log };
  // The first line of the script is the first line of the text, so that errors name the line that a person sees.
  const compiled = context.evalCode(`'use strict'; (function (contact) {${source}\n})`, 'script');
  if (compiled.error) {
    frozen.value.dispose();
    return { ok: false, message: failureOf(context, compiled.error), log };
  }
  const result = context.callFunction(compiled.value, context.undefined, frozen.value);
  compiled.value.dispose();
  frozen.value.dispose();
  if (result.error) return { ok: false, message: failureOf(context, result.error), log };
  return { ...readValue(context, result.value), log };
}

function callWith(
  context: QuickJSContext,
  code: string,
  argument: string,
): { handle: QuickJSHandle } | { message: string } {
  const result = context.evalCode(`(${code.replace("'use strict';", '').trim()})(${argument})`);
  return result.error ? { message: failureOf(context, result.error) } : { handle: result.value };
}

function readValue(
  context: QuickJSContext,
  handle: QuickJSHandle,
): { ok: true; value: unknown } | { ok: false; message: string } {
  // What is no plain data becomes nothing on the way through JSON; a promise would stay one for ever.
  const json = context
    .getProp(context.global, 'JSON')
    .consume((object) =>
      context
        .getProp(object, 'stringify')
        .consume((stringify) => context.callFunction(stringify, context.undefined, handle)),
    );
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
  if (typeof dumped !== 'object' || dumped === null) return `threw ${String(dumped).slice(0, logLineMax)}`;
  const { name = 'Error', message = '', stack = '' } = dumped as Record<string, string>;
  if (message === 'interrupted') return `did not come to an end within ${computeMaxMs} ms of computing`;
  const line = /script:(\d+)/.exec(stack)?.[1];
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
