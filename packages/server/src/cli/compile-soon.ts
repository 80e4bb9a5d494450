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

/**
 * Lets functions be compiled well soon, from now on. A server asks for it when it is ready: its start runs a great many functions
 * a few hundred times and then never again, and to compile those took a quarter of the processor time of a start. Code that is
 * kept on the disk belongs to the options with which it was made, so it is to be kept before.
 */
export function compileSoon(): void {
  for (const option of compilerOptions) setFlagsFromString(option);
}
