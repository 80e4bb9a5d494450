import { noValue } from '#lib/i18n/format.ts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';
import type { FigureName } from './sorting.ts';

export interface Column {
  name: FigureName;
  label: () => string;
  words: (value: number | null) => string;
  /** A figure of several people together is their mean, not their sum; only such a one can be compared. */
  isMean: boolean;
}

const count = (name: FigureName, label: () => string): Column => ({
  ...{ name, label, isMean: false },
  words: (value) => shown.number(value),
});
const time = (name: FigureName, label: () => string): Column => ({
  ...{ name, label, isMean: true },
  words: (value) => shown.duration(value),
});

export const columns: readonly Column[] = [
  count('handled', m.performance_handled),
  time('handleSecondsMean', m.performance_handle),
  time('talkSecondsMean', m.performance_talk),
  time('holdSecondsMean', m.performance_hold),
  time('wrapUpSecondsMean', m.performance_wrap_up),
  { name: 'occupancy', label: m.agent_occupancy, isMean: true, words: (value) => shown.percent(value) },
  count('missed', m.performance_missed),
  count('rejected', m.performance_rejected),
  count('transfers', m.performance_transfers),
  { name: 'scoreMean', label: m.performance_score, isMean: true, words: (value) => shown.number(value, 1) },
];

/** How far a figure is from that of all together, with its sign. */
export function difference(column: Column, value: number | null, all: number | null): string {
  if (!column.isMean || value === null || all === null) return '';
  const apart = value - all;
  const words = column.words(Math.abs(apart));
  if (words === column.words(0) || words === noValue) return '±0';
  return `${apart > 0 ? '+' : '−'}${words}`;
}
