/**
 * Which of the weighted branches this key belongs to: the same key always to the same one, and all keys in proportion to the weights
 * (FNV-1a, 32 bit, with a final mix so that numbers that differ in their last digit spread).
 * @param weights positive; at least one.
 */
export function branchOf(key: string, weights: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * total;
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return Math.max(0, index);
}
