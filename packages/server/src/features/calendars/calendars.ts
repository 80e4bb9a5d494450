import { BusinessHours, type FieldError } from '@crosspoint/contracts';
import { dayFaults, dayFaultWords, neverOpens } from '@crosspoint/core';
import { isTimeZone } from '../../http/index.ts';
import type { DatabaseTransaction } from '../../platform/index.ts';
import { allNamed } from '../named/index.ts';

/** The hours of every shared calendar of the transaction's tenant, by name. */
export async function calendarsByName(transaction: DatabaseTransaction): Promise<Map<string, BusinessHours>> {
  const rows = await allNamed(transaction, 'calendars');
  return new Map(rows.map(({ name, settings }) => [name, hoursOf(settings)]));
}

export function hoursOf(settings: unknown): BusinessHours {
  return BusinessHours.parse((settings as { hours: unknown }).hours);
}

/** A zone that does not exist, days that never come, and hours at which nobody would ever be there. */
export function calendarFaults(hours: BusinessHours, now: number): FieldError[] {
  if (!isTimeZone(hours.timeZone)) {
    const remedy = 'Use an IANA name such as Europe/Prague.';
    return [{ path: 'hours.timeZone', value: hours.timeZone, message: 'is not a known time zone', remedy }];
  }
  const faults = dayFaults(hours).map(({ index, code }) => {
    const [message, remedy] = dayFaultWords[code];
    const value = hours.specialDays[index]?.day;
    return { path: `hours.specialDays.${index}.day`, value, message, remedy };
  });
  if (faults.length > 0 || !neverOpens(hours, now)) return faults;
  const remedy = 'Give at least one weekday or coming day opening times.';
  return [{ path: 'hours', message: 'never opens again', remedy }];
}
