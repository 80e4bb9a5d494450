import { HttpProblem } from './problem.ts';

/** Whether the runtime's IANA database knows the zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** @throws {HttpProblem} `validation-failed` for a name that is no time zone. */
export function requireTimeZone(path: string, value: string): void {
  if (isTimeZone(value)) return;
  const remedy = 'Use an IANA name such as Europe/Prague.';
  throw new HttpProblem('validation-failed', `There is no time zone "${value}".`, {
    errors: [{ path, value, message: 'is not a known time zone', remedy }],
  });
}
