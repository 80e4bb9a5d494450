/**
 * The regularised incomplete beta function I_x(a, b), that is P(B ≤ x) for a beta-distributed B, at b = 1, 2, 3 …: each call tells the
 * next one. Each follows from the one before by one term (DLMF 8.17.21), all of which are positive, so that nothing
 * is lost; they are kept as logarithms, since the first ones of many agents are less than the smallest number.
 *
 * @param x 0 … 1
 * @param a more than 0
 */
export function betaDistributions(x: number, a: number): () => number {
  if (x <= 0) return () => 0;
  if (x >= 1) return () => 1;
  const logLeft = Math.log1p(-x);
  let b = 0;
  let logTerm = a * Math.log(x);
  let sum = 0;
  return () => {
    sum += Math.exp(logTerm);
    // From x^a (1 − x)^b Γ(a + b) / (Γ(a) Γ(b + 1)) to that of b + 1.
    logTerm += logLeft + Math.log((a + b) / (b + 1));
    b += 1;
    return Math.min(1, sum);
  };
}
