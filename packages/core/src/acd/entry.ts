import type { Entry } from './model.ts';

/** Rule 8 within one class: routing age, then arrival. */
export function entryBefore(a: Entry, b: Entry): boolean {
  if (a.agedSince !== b.agedSince) return a.agedSince < b.agedSince;
  return a.arrival < b.arrival;
}

/** Rule 8: strict class, then routing age, then arrival. Negative when `a` goes first. */
export function compareEntries(a: Entry, b: Entry): number {
  return b.priority - a.priority || a.agedSince - b.agedSince || a.arrival - b.arrival;
}
