import { setFlagsFromString } from 'node:v8';

/**
 * Numbers of runs after which V8 compiles a function well, a fifth of its own: most of ours run once or twice per call, and a
 * call cost 12 to 16 % less in the first thousands of calls.
 */
export const compilerOptions = [
  '--invocation-count-for-maglev=100',
  '--invocation-count-for-turbofan=600',
  '--minimum-invocations-after-ic-update=100',
] as const;

/** For a server with fewer calls at once it would cost more than it saves. */
const busyFromCalls = 10;
const lookMs = 1_000;

/**
 * Lets functions be compiled well soon, from when so many calls are up. A start runs a great many functions a few hundred times and
 * then never again: to compile those took a quarter of the processor time of a start, and half a second more in the first minute
 * of a server with few calls. Code that is kept on the disk belongs to the options with which it was made, so it is to be kept before.
 *
 * @param setOption takes an option of V8.
 * @returns stops looking.
 */
export function compileSoonWhenBusy(
  openCalls: () => number,
  setOption: (option: string) => void = setFlagsFromString,
): () => void {
  const timer = setInterval(() => {
    if (openCalls() < busyFromCalls) return;
    clearInterval(timer);
    for (const option of compilerOptions) setOption(option);
  }, lookMs);
  timer.unref();
  return () => clearInterval(timer);
}
