let anchorMs = performance.timeOrigin;
/** How far the wall clock may run ahead before it is followed: a suspended laptop, a corrected clock. */
const jumpMs = 1_000;

/**
 * Whole milliseconds since the epoch that never run backwards. The monotonic clock counts, so that setting the system's
 * time back neither delays a timer of a call nor turns the order of its facts round; a jump forward is followed.
 */
export function monotonicNow(): number {
  const elapsed = performance.now();
  const wall = Date.now();
  if (wall - (anchorMs + elapsed) > jumpMs) anchorMs = wall - elapsed;
  return Math.floor(anchorMs + elapsed);
}
