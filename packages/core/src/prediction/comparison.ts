import { handleSums, type Outcomes } from './outcomes.ts';
import { squaresAboutMean } from './shrinkage.ts';

/** Of a difference, predicted less control: below 0 prediction is better. */
export interface Difference {
  difference: number;
  /** The interval that holds the true difference with 95 % confidence. */
  from: number;
  to: number;
}

export interface Comparison<Value extends 'meanSeconds' | 'rate' = 'meanSeconds' | 'rate'> {
  predicted: { contacts: number } & Record<Value, number | null>;
  control: { contacts: number } & Record<Value, number | null>;
  /** Null with fewer than 30 contacts on either side. */
  difference: Difference | null;
  /** Contacts of both sides together from which on the smallest difference that matters is found, 80 times of 100; null as above. */
  contactsNeeded: number | null;
  verdict: Verdict;
}

/** `too-few`: nothing can be said yet. `no-difference`: none was seen that chance would not make. */
export type Verdict = 'too-few' | 'better' | 'worse' | 'no-difference';

/** Quantiles of the normal distribution: 97.5 % for the interval, 80 % for the power. */
const z = 1.959964;
const zPower = 0.841621;
/** With fewer the normal distribution does not describe the mean of times as skewed as these. */
const contactsMin = 30;
/** The smallest differences that matter: this part of the control's mean time, and this much of a rate. */
const handleDifference = 0.1;
const rateDifference = 0.03;

/** Mean handle time, by the intervals of Welch (1947) with normal quantiles. */
export function compareHandleTimes(predicted: Outcomes, control: Outcomes): Comparison<'meanSeconds'> {
  const [a, b] = [timeOf(predicted), timeOf(control)];
  const sides = {
    predicted: { contacts: a.count, meanSeconds: a.mean },
    control: { contacts: b.count, meanSeconds: b.mean },
  };
  if (a.mean === null || b.mean === null || Math.min(a.count, b.count) < contactsMin) {
    return { ...sides, difference: null, contactsNeeded: null, verdict: 'too-few' };
  }
  const error = Math.sqrt(a.variance / a.count + b.variance / b.count);
  const difference = a.mean - b.mean;
  return judged(sides, a, b, handleDifference * b.mean, {
    difference,
    from: difference - z * error,
    to: difference + z * error,
  });
}

/** How many callers call again, by the tenth method of Newcombe (Statistics in Medicine 17, 1998), good for rates near 0 as well. */
export function compareRepeats(predicted: Outcomes, control: Outcomes): Comparison<'rate'> {
  const [a, b] = [rateOf(predicted), rateOf(control)];
  const sides = {
    predicted: { contacts: a.count, rate: a.rate },
    control: { contacts: b.count, rate: b.rate },
  };
  if (a.rate === null || b.rate === null || Math.min(a.count, b.count) < contactsMin) {
    return { ...sides, difference: null, contactsNeeded: null, verdict: 'too-few' };
  }
  const difference = a.rate - b.rate;
  const [ofA, ofB] = [wilson(a.rate, a.count), wilson(b.rate, b.count)];
  return judged(sides, a, b, rateDifference, {
    difference,
    from: difference - Math.hypot(a.rate - ofA.from, ofB.to - b.rate),
    to: difference + Math.hypot(ofA.to - a.rate, b.rate - ofB.from),
  });
}

interface Side {
  count: number;
  variance: number;
}

function judged<Sides>(
  sides: Sides,
  a: Side,
  b: Side,
  least: number,
  difference: Difference,
): Sides & Pick<Comparison, 'difference' | 'contactsNeeded' | 'verdict'> {
  const contacts = a.count + b.count;
  // The formula of two samples of unequal size: the share of each as it is.
  const varianceAtOne = contacts * (a.variance / a.count + b.variance / b.count);
  const contactsNeeded = least > 0 ? Math.ceil(((z + zPower) ** 2 * varianceAtOne) / least ** 2) : null;
  return { ...sides, difference, contactsNeeded, verdict: verdictOf(contacts, contactsNeeded, difference) };
}

/** Whoever looks again and again until an interval leaves out 0 finds one by chance: nothing is said before the number is reached. */
function verdictOf(contacts: number, needed: number | null, { from, to }: Difference): Verdict {
  if (needed === null || contacts < needed) return 'too-few';
  if (to < 0) return 'better';
  return from > 0 ? 'worse' : 'no-difference';
}

function timeOf(outcomes: Outcomes): Side & { mean: number | null } {
  const sums = handleSums(outcomes);
  const { count, sum } = sums;
  return {
    count,
    mean: count === 0 ? null : sum / count,
    variance: count > 1 ? squaresAboutMean(sums) / (count - 1) : 0,
  };
}

function rateOf({ followed, repeated }: Outcomes): Side & { rate: number | null } {
  const rate = followed === 0 ? null : repeated / followed;
  // Agresti and Coull (1998): two more of each kind, or no repeat among a few would pass for certainty.
  const adjusted = (repeated + 2) / (followed + 4);
  return { count: followed, rate, variance: adjusted * (1 - adjusted) };
}

/** The interval of Wilson (1927) for one rate. */
function wilson(rate: number, count: number): { from: number; to: number } {
  const middle = rate + z ** 2 / (2 * count);
  const half = z * Math.sqrt((rate * (1 - rate)) / count + z ** 2 / (4 * count ** 2));
  const scale = 1 + z ** 2 / count;
  return { from: Math.max(0, (middle - half) / scale), to: Math.min(1, (middle + half) / scale) };
}
