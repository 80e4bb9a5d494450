/**
 * The instant at which the day of `now` began in a time zone (IANA name), in epoch milliseconds. A zone that skips
 * midnight on that day (some do when the clocks go forward) begins it at the first instant there is.
 */
export function startOfDay(now: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const local = (at: number) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    return {
      day: `${part('year')}-${part('month')}-${part('day')}`,
      sinceMidnightMs: ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000,
    };
  };
  const second = now - (now % 1000);
  const today = local(second);
  let start = second - today.sinceMidnightMs;
  // The offset may have changed since midnight: correct by what the clock showed then.
  const shown = local(start);
  if (shown.day === today.day) start -= shown.sinceMidnightMs;
  else start += 86_400_000 - shown.sinceMidnightMs;
  return start;
}
