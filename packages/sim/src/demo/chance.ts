import { Random } from '../world/index.ts';

export type { Random };

/**
 * Repeatable chance. Draws are named by a seed and a path ("caller", 17), so that what one caller does never depends on
 * how many draws another one made before.
 */
export function randomOf(seed: number, ...path: readonly (string | number)[]): Random {
  // FNV-1a over the path, started from the seed.
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (const character of path.join('/')) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return new Random(hash);
}

/** A whole number from `from` to `to`, both included. */
export function whole(random: Random, from: number, to: number): number {
  return Math.floor(random.uniform(from, to + 1));
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[whole(random, 0, items.length - 1)];
  if (item === undefined) throw new RangeError('items: at least one is needed to pick from');
  return item;
}

/** The item that a draw of 0 (inclusive) to 1 falls on, when each takes its share of the whole. */
export function pickByShare<Item extends { share: number }>(items: readonly Item[], draw: number): Item {
  let rest = draw * items.reduce((sum, { share }) => sum + share, 0);
  for (const item of items) {
    rest -= item.share;
    if (rest < 0) return item;
  }
  throw new RangeError(`draw: 0 (inclusive) to 1, not ${draw}`);
}

/** Log-normal, as durations of people are: half of the draws lie below the median. */
export function around(random: Random, median: number, spread: number): number {
  return random.logNormal(median * Math.exp((spread * spread) / 2), spread);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
