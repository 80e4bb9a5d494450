/** The largest number that can be spoken. */
export const spokenNumberMax = 9_999;

/** A whole number within what can be spoken. */
export function spokenNumber(value: number): number {
  return Math.min(spokenNumberMax, Math.max(0, Math.round(value)));
}

/** The thousands and hundreds of a number, each as a round number (3,000, 200) or 0, and what is left below 100. */
export function decompose(value: number): { thousands: number; hundreds: number; rest: number } {
  const rest = value % 100;
  const hundreds = (value % 1000) - rest;
  return { thousands: value - hundreds - rest, hundreds, rest };
}

/** The names of the pieces for round thousands and hundreds; nothing for those that are 0. */
export function roundPieces({ thousands, hundreds }: { thousands: number; hundreds: number }): string[] {
  return [thousands, hundreds].filter((part) => part > 0).map((part) => `number-${part}`);
}

/** Texts of `<prefix>-<key>` by the key, from a list of words in the order of the keys. */
export function numberTexts(prefix: string, keys: readonly number[], words: string): Record<string, string> {
  const list = words.split('|');
  return Object.fromEntries(keys.map((key, index) => [`${prefix}-${key}`, list[index] ?? '']));
}

export function range(first: number, last: number, step = 1): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}
