const refreshMarginSeconds = 40;
/** A provider that asks for a longer pause is asked again after this one. */
const retryAfterMaxSeconds = 3_600;

/**
 * How long after a registration to refresh it: late, but early enough for a lost request and a second server, and
 * spread so that a restart does not make many registrations refresh together for ever. `draw(below)` gives a random
 * integer below its argument.
 */
export function refreshDelayMs(expiresSeconds: number, draw: (below: number) => number): number {
  const latestMs =
    Math.max(expiresSeconds / 2, Math.min(expiresSeconds * 0.9, expiresSeconds - refreshMarginSeconds)) *
    1000;
  return Math.floor(latestMs - draw(Math.max(1, Math.floor(latestMs / 10))));
}

/** The pause after `failures` rounds in a row, at least 1 (RFC 5626 §4.5): doubled each time, 50–100 % of it at random. */
export function retryDelayMs(
  failures: number,
  pause: { baseSeconds: number; maxSeconds: number; retryAfterSeconds: number | undefined },
  draw: (below: number) => number,
): number {
  const doubled = pause.baseSeconds * 2 ** Math.min(failures - 1, 20);
  const fullMs = Math.min(pause.maxSeconds, doubled) * 1000;
  const drawnMs = fullMs / 2 + draw(Math.floor(fullMs / 2) + 1);
  // Who names a pause gets it, but the spread is added so that not all clients come back in the same instant.
  const demandedMs = Math.min(pause.retryAfterSeconds ?? 0, retryAfterMaxSeconds) * 1000;
  return Math.floor(demandedMs === 0 ? drawnMs : Math.max(drawnMs, demandedMs + draw(demandedMs / 10 + 1)));
}
