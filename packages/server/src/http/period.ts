import { HttpProblem } from './problem.ts';

const dayMs = 86_400_000;

/** What of the asked period has passed by now. @throws {HttpProblem} `validation-failed`: nothing, or more than so many days. */
export function pastPeriod(
  { from, to }: { from: string; to: string },
  { daysMax, now }: { daysMax: number; now: number },
): { from: number; to: number } {
  const period = { from: Date.parse(from), to: Math.min(Date.parse(to), now) };
  if (period.from >= period.to) {
    throw noSuchPeriod('from', from, 'is not before the end and before now', 'Choose an earlier start.');
  }
  // A day more for the one on which the clocks go back.
  if (period.to - period.from > (daysMax + 1) * dayMs) {
    throw noSuchPeriod('to', to, `is more than ${daysMax} days after the start`, 'Choose a shorter period.');
  }
  return period;
}

/** @param path the parameter of the query that is to be another. */
export function noSuchPeriod(path: string, value: string, message: string, remedy: string): HttpProblem {
  return new HttpProblem('validation-failed', 'There is no such period.', {
    errors: [{ path: `query.${path}`, value, message, remedy }],
  });
}
