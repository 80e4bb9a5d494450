const fnvBasis = 0x811c9dc5;
const fnvPrime = 0x01000193;

/** The hash of a text (FNV-1a, 32 bit), or of one whose beginning has been hashed to `begun` already. */
export function hashOf(text: string, begun = fnvBasis): number {
  let hash = begun;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), fnvPrime);
  return hash;
}

/** Where a hash falls, from 0 to less than 1, with a final mix so that numbers that differ in their last digit spread. */
export function fractionOf(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

/**
 * Which of the weighted branches this key belongs to: the same key always to the same one, and all keys in proportion to the weights.
 * @param weights positive; at least one.
 */
export function branchOf(key: string, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = fractionOf(hashOf(key)) * total;
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return Math.max(0, index);
}
