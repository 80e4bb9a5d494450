import {
  QUEUE_HISTORY_DAYS_MAX,
  QUEUE_HISTORY_INTERVALS_MAX,
  type QueueHistoryFigures,
  type QueueHistoryInterval,
} from '@crosspoint/contracts';
import { calendarDay } from '#lib/i18n/format.ts';

/** The day on which the clocks go back has an hour more. */
const hoursMax = 25;
const perDayMax: Readonly<Record<QueueHistoryInterval, number>> = {
  '15m': 4 * hoursMax,
  hour: hoursMax,
  day: 1,
};
/** In hours a period of some days is read more easily than in one number a day. */
const hourlyDaysMax = 3;

export interface Days {
  from: string;
  to: string;
}

const lengthOf = ({ from, to }: Days): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;

/** Whether there can be figures: days in order, the first one not in the future, and not too many. */
export function isPossible(days: Days, today: string): boolean {
  const length = lengthOf(days);
  return length >= 1 && length <= QUEUE_HISTORY_DAYS_MAX && days.from <= today;
}

/** The intervals into which a period can be cut. */
export function possibleIntervals(days: Days): QueueHistoryInterval[] {
  const length = lengthOf(days);
  return (['15m', 'hour', 'day'] as const).filter(
    (name) => perDayMax[name] * length <= QUEUE_HISTORY_INTERVALS_MAX,
  );
}

/** The interval that was chosen, unless the period is too long for it. */
export function intervalFor(days: Days, chosen: string): QueueHistoryInterval {
  const usual = lengthOf(days) <= hourlyDaysMax ? 'hour' : 'day';
  return possibleIntervals(days).find((name) => name === chosen) ?? usual;
}

/** Whether anything came, went or was on its way. */
export function isQuiet(figures: QueueHistoryFigures): boolean {
  const { waitingBefore, offered, answered, abandoned, overflowed, callbacks, deflected, handled } = figures;
  return waitingBefore + offered + answered + abandoned + overflowed + callbacks + deflected + handled === 0;
}

/** What left the queue by neither an agent nor the caller. */
export const sentOn = ({ overflowed, callbacks }: QueueHistoryFigures): number => overflowed + callbacks;

/** Which intervals are named under a chart: where days begin if there are several, and so many that names have room. */
export function namedIntervals(starts: readonly string[], timeZone: string, namesMax: number): number[] {
  const days = starts.map((start) => calendarDay(start, timeZone));
  const begins = days.flatMap((day, index) => (index === 0 || day !== days[index - 1] ? [index] : []));
  const wanted = begins.length > 1 ? begins : starts.map((_start, index) => index);
  // A power of two, so that quarters of an hour are named at whole hours.
  const step = 2 ** Math.max(0, Math.ceil(Math.log2(wanted.length / namesMax)));
  return wanted.filter((_index, place) => place % step === 0);
}
