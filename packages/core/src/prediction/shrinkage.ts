/** Observations of one group, reduced to what means and variances need. */
export interface Sums {
  count: number;
  sum: number;
  sumOfSquares: number;
}

export interface Estimate {
  mean: number;
  /** Standard deviation of what the true mean may be. */
  deviation: number;
}

export interface Shrunk {
  /** The mean that all are shrunk towards, and how much the true means differ from it (a standard deviation). */
  mean: number;
  spread: number;
  /** One for each group, in its order. A group without observations has the common mean. */
  estimates: Estimate[];
}

/** Yes or no counted as one and zero. */
export function sumsOfRate(count: number, positive: number): Sums {
  return { count, sum: positive, sumOfSquares: positive };
}

/** Of the observations about their mean; never below 0 by rounding. */
export function squaresAboutMean({ count, sum, sumOfSquares }: Sums): number {
  return count === 0 ? 0 : Math.max(0, sumOfSquares - (sum * sum) / count);
}

/**
 * The means of the groups, each moved towards the common mean the more, the fewer observations it has: the empirical Bayes estimate of
 * a normal mean (Efron and Morris, "Data analysis using Stein's estimator and its generalizations", JASA 70, 1975). The variance within
 * groups is pooled; the one between them is estimated by moments (DerSimonian and Laird, "Meta-analysis in clinical trials", 1986), 0
 * when the groups differ no more than chance would have it: then all have the common mean.
 */
export function shrink(groups: readonly Sums[]): Shrunk {
  const measured = groups.filter(({ count }) => count > 0);
  const count = measured.reduce((sum, each) => sum + each.count, 0);
  if (count === 0) return { mean: 0, spread: 0, estimates: groups.map(() => ({ mean: 0, deviation: 0 })) };
  const grandMean = measured.reduce((sum, each) => sum + each.sum, 0) / count;
  const freedom = count - measured.length;
  const within = freedom > 0 ? measured.reduce((sum, each) => sum + squaresAboutMean(each), 0) / freedom : 0;
  const between = freedom > 0 ? betweenVariance(measured, count, grandMean, within) : 0;
  const mean = between > 0 ? weightedMean(measured, between, within) : grandMean;
  const estimates = groups.map((group): Estimate => {
    const own = group.count === 0 ? 0 : between / (between + within / group.count) || 0;
    const ownMean = group.count === 0 ? mean : group.sum / group.count;
    return { mean: mean + own * (ownMean - mean), deviation: Math.sqrt(between * (1 - own)) };
  });
  return { mean, spread: Math.sqrt(between), estimates };
}

function betweenVariance(groups: readonly Sums[], count: number, grandMean: number, within: number): number {
  const aboutGrandMean = groups.reduce(
    (sum, each) => sum + each.count * (each.sum / each.count - grandMean) ** 2,
    0,
  );
  const squares = groups.reduce((sum, each) => sum + each.count ** 2, 0);
  const scale = count - squares / count;
  return scale > 0 ? Math.max(0, (aboutGrandMean - (groups.length - 1) * within) / scale) : 0;
}

/** Each group by how well its mean is known. */
function weightedMean(groups: readonly Sums[], between: number, within: number): number {
  let weights = 0;
  let sum = 0;
  for (const group of groups) {
    const weight = 1 / (between + within / group.count);
    weights += weight;
    sum += weight * (group.sum / group.count);
  }
  return sum / weights;
}
