/** How the benches of this folder measure. */

/** Microseconds per call: the fastest of several rounds, because on a busy machine the others measure the neighbours. */
export function fastestUs(callsPerRound: number, call: (index: number) => void, rounds = 8): number {
  let fastestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    for (let i = 0; i < callsPerRound; i++) call(i);
    fastestMs = Math.min(fastestMs, performance.now() - started);
  }
  return (fastestMs * 1000) / callsPerRound;
}

/** Prints a figure, and what share of a core it takes 50 times a second. */
export function print(name: string, microseconds: number): void {
  const share = (microseconds * 50) / 10_000;
  console.log(
    `${name.padEnd(36)} ${microseconds.toFixed(2).padStart(8)} µs   ${share.toFixed(3)} % of a core`,
  );
}
