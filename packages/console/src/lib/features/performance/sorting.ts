import { PerformanceFigures } from '@crosspoint/contracts';

export type FigureName = Exclude<keyof PerformanceFigures, 'evaluations' | 'answered'>;

const figures: ReadonlySet<string> = new Set(PerformanceFigures.keyof().options);
const isFigure = (name: string): name is FigureName => figures.has(name);

/** Sorted by a column or by name; what has no figure stands at the end, whichever way. */
export function sorted<Row extends PerformanceFigures>(
  rows: readonly Row[],
  sort: string,
  nameOf: (row: Row) => string,
): Row[] {
  const descending = sort.startsWith('-');
  const column = sort.replace('-', '');
  return rows.toSorted((one, other) => {
    const byName = nameOf(one).localeCompare(nameOf(other));
    if (!isFigure(column)) return descending ? -byName : byName;
    const [a, b] = [one[column], other[column]];
    if (a === null || b === null) return a === b ? byName : a === null ? 1 : -1;
    return (descending ? b - a : a - b) || byName;
  });
}
