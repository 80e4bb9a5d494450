/**
 * What `E2E_SLOW_WRITES_MS` and `E2E_STALL_MS` ask for. A test that reads once what is written in the background, or that trusts the
 * speed of this machine, fails here and not only elsewhere.
 */
export type SlowWorld = {
  /** What a transaction writes is held back for so long at most before it is committed, and so is whoever waits for it. */
  writesMs: number;
  /** The product stands still for so long at most, every few seconds. */
  stallMs: number;
  /** Of the chance by which it happens. */
  seed: number;
};

/** Undefined in the usual world. */
export function slowWorldOf(environment: NodeJS.ProcessEnv): SlowWorld | undefined {
  const writesMs = Number(environment['E2E_SLOW_WRITES_MS'] ?? 0);
  const stallMs = Number(environment['E2E_STALL_MS'] ?? 0);
  if (writesMs === 0 && stallMs === 0) return undefined;
  return { writesMs, stallMs, seed: Number(environment['E2E_SEED'] ?? 1) };
}

/** Arguments of Node that put a product into the slow world; none in the usual one. */
export function slowWorldArguments(environment: NodeJS.ProcessEnv): string[] {
  if (slowWorldOf(environment) === undefined) return [];
  return ['--import', new URL('./preload.ts', import.meta.url).href];
}
