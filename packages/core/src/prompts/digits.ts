/** The largest count that can be spoken. */
const countMax = 9_999;
/** The largest number that is spoken as one. */
export const spokenNumberMax = 999_999_999;
/** Up to here the thousands are recorded as round numbers. */
const roundThousandsMax = 9_999;

/** A count within what can be spoken. */
export function spokenCount(value: number): number {
  return Math.min(countMax, Math.max(0, Math.round(value)));
}

/** The thousands and hundreds of a number, each as a round number (3,000, 200) or 0, and what is left below 100. */
export function decompose(value: number): { thousands: number; hundreds: number; rest: number } {
  const rest = value % 100;
  const hundreds = (value % 1000) - rest;
  return { thousands: value - hundreds - rest, hundreds, rest };
}

/** How a language says a number in groups of three digits. */
export interface LargeNumbers {
  /** Up to 9,999. */
  small: (value: number) => string[];
  /** So many thousands, ten at least. */
  thousands: (count: number) => string[];
  millions: (count: number) => string[];
}

/** A number of up to 999,999,999: its millions, its thousands, the rest. */
export function inGroups(value: number, { small, thousands, millions }: LargeNumbers): string[] {
  const millionsCount = Math.floor(value / 1_000_000);
  const below = value % 1_000_000;
  const above = millionsCount === 0 ? [] : millions(millionsCount);
  if (below <= roundThousandsMax)
    return below === 0 && above.length > 0 ? above : [...above, ...small(below)];
  const rest = below % 1_000;
  return [...above, ...thousands(Math.floor(below / 1_000)), ...(rest === 0 ? [] : small(rest))];
}

/** The names of the pieces for round thousands and hundreds; nothing for those that are 0. */
export function roundPieces({ thousands, hundreds }: { thousands: number; hundreds: number }): string[] {
  return [thousands, hundreds].filter((part) => part > 0).map((part) => `number-${part}`);
}

/** Digits behind a point as a number, with the noughts before it. */
export function afterPoint(digits: string, number: (value: number) => string[]): string[] {
  return digits.startsWith('0') ? ['number-0', ...number(Number(digits))] : number(Number(digits));
}

/** Texts of `<prefix>-<key>` by the key, from a list of words in the order of the keys. */
export function numberTexts(prefix: string, keys: readonly number[], words: string): Record<string, string> {
  const list = words.split('|');
  return Object.fromEntries(keys.map((key, index) => [`${prefix}-${key}`, list[index] ?? '']));
}

export function range(first: number, last: number, step = 1): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}
