import { bestLag, likeness } from '../pitch.ts';

/**
 * Plays a little faster or slower without changing the pitch: one pitch period is taken out or put in, overlapped so that
 * neither its beginning nor its end is heard. This is how the delay of a jitter buffer changes during speech.
 */

const periodMinMs = 2.5;
const periodMaxMs = 10;
/** Below this likeness of neighbouring periods a change would be heard. */
const likenessMin = 0.6;
/** Root mean square below which anything may be changed: nobody speaks. */
const quietRms = 40;
/** With an excess above this, in ms, quality gives way. */
const urgentMs = 80;

/**
 * Shortens (`excessMs` > 0) or lengthens the frame `sound[at, at + length)` by one period, at most by the excess, and
 * returns its new length; the same when it does not lend itself to it. The array needs room for half the frame behind it.
 */
export function stretchFrame(
  sound: Int16Array,
  at: number,
  length: number,
  samplesPerMs: number,
  excessMs: number,
): number {
  const shortest = Math.ceil(periodMinMs * samplesPerMs);
  const longest = Math.floor(
    Math.min(periodMaxMs * samplesPerMs, length / 2, Math.abs(excessMs) * samplesPerMs),
  );
  if (longest < shortest) return length;
  const end = at + length;
  const first = at + longest;
  const coarse = bestLag(sound, first, end, shortest, longest, 2);
  const period = bestLag(sound, first, end, Math.max(shortest, coarse - 1), Math.min(longest, coarse + 1), 1);
  if (!lendsItself(sound, first, end, period, excessMs)) return length;
  if (excessMs > 0) {
    overlap(sound, end - 2 * period, end - period, end - 2 * period, period);
    return length - period;
  }
  sound.copyWithin(end, end - period, end);
  overlap(sound, end - period, end - 2 * period, end - period, period);
  return length + period;
}

/** Writes to `to` a period that begins as the one at `from` and ends as the one at `into`. */
function overlap(sound: Int16Array, from: number, into: number, to: number, period: number): void {
  for (let i = 0; i < period; i++) {
    const share = (i + 1) / (period + 1);
    const leaving = sound[from + i] as number;
    sound[to + i] = Math.round(leaving + ((sound[into + i] as number) - leaving) * share);
  }
}

function lendsItself(
  sound: Int16Array,
  first: number,
  end: number,
  period: number,
  excessMs: number,
): boolean {
  if (Math.abs(excessMs) > urgentMs) return true;
  let power = 0;
  for (let i = first; i < end; i++) power += (sound[i] as number) ** 2;
  if (power < quietRms * quietRms * (end - first)) return true;
  return likeness(sound, first, end, period) >= likenessMin;
}
