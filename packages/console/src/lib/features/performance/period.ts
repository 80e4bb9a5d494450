import { dayOf } from '#lib/features/contacts/period.ts';

/** `2026-11-15` for seven days that end with `2026-11-21`. */
export function firstOfDays(last: string, count: number): string {
  const date = new Date(`${last}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - count + 1);
  return date.toISOString().slice(0, 10);
}

export type PeriodName = 'today' | '7' | '30' | 'own';

/** The first and the last day of a period in a time zone; own days as they stand in the address. */
export function daysOf(
  period: PeriodName,
  own: { from: string; to: string },
  now: number,
  timeZone: string,
): { from: string; to: string } {
  const today = dayOf(now, timeZone);
  if (period === 'own') {
    const from = own.from || own.to || today;
    return { from, to: own.to || today };
  }
  return { from: firstOfDays(today, period === 'today' ? 1 : Number(period)), to: today };
}
