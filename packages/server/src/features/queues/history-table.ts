import type { QueueHistory, QueueHistoryFigures } from '@crosspoint/contracts';
import { csvOf } from '../../http/index.ts';

const columns = [
  'waitingBefore',
  'offered',
  'answered',
  'abandoned',
  'overflowed',
  'callbacks',
  'waiting',
  'deflected',
  'shortAbandons',
  'answeredWithin',
  'abandonedWithin',
  'handled',
  'serviceLevel',
  'abandonRate',
  'averageSpeedOfAnswerSeconds',
  'averageHandleSeconds',
  'averageTalkSeconds',
] as const satisfies (keyof QueueHistoryFigures)[];

/** `2026-11-22 14:00`, as clocks in a zone show it. */
export function localTime(instant: string, timeZone: string): string {
  const words = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return words.format(Date.parse(instant));
}

/** A row for each interval as CSV. The local time is for reading; on the night when the clocks go back only `from` is unmistakable. */
export function historyTable({ items, timeZone }: QueueHistory): string {
  const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);
  return csvOf(
    ['from', 'to', 'localTime', 'timeZone', ...columns],
    items.map((item) => [
      ...[item.from, item.to, localTime(item.from, timeZone), timeZone],
      ...columns.map((name) => rounded(item[name])),
    ]),
  );
}
