/** Where sound resembles itself: the base of concealing losses and of stretching time. */

/**
 * The lag in `[from, to]`, in samples, at which `sound[first, end)` resembles what came before it most (highest normalised
 * correlation). Lags and samples are looked at every `stride`; `first − to` must not be negative.
 */
export function bestLag(
  sound: Int16Array,
  first: number,
  end: number,
  from: number,
  to: number,
  stride: number,
): number {
  let best = from;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (let lag = from; lag <= to; lag += stride) {
    let product = 0;
    let energy = 1;
    for (let i = first; i < end; i += stride) {
      const earlier = sound[i - lag] as number;
      product += earlier * (sound[i] as number);
      energy += earlier * earlier;
    }
    const score = product / Math.sqrt(energy);
    if (score > bestScore) {
      bestScore = score;
      best = lag;
    }
  }
  return best;
}

/** How much `sound[first, end)` resembles what was `lag` samples before it, −1 to 1; 1 when both are silent. */
export function likeness(sound: Int16Array, first: number, end: number, lag: number): number {
  let product = 0;
  let energy = 0;
  let energyBefore = 0;
  for (let i = first; i < end; i++) {
    const now = sound[i] as number;
    const earlier = sound[i - lag] as number;
    product += now * earlier;
    energy += now * now;
    energyBefore += earlier * earlier;
  }
  const both = Math.sqrt(energy * energyBefore);
  return both < end - first ? 1 : product / both;
}
