/** A number as it is stored and looked up: without the separators people write, the leading plus kept. */
export function canonicalNumber(number: string): string {
  return /^\+?[\d\s().-]+$/.test(number) ? number.replace(/[\s().-]/g, '') : number;
}

/**
 * What a dialled number reaches. `entryPoints` has canonical numbers as keys; a number written with or without its
 * plus is the same, and so is one with 00 for it, as most of the world dials; the exact writing first.
 */
export function findEntryPoint<Target>(
  entryPoints: ReadonlyMap<string, Target>,
  dialled: string,
): Target | undefined {
  const number = canonicalNumber(dialled);
  const other = number.startsWith('+') ? number.slice(1) : `+${number}`;
  const international = number.startsWith('00') ? entryPoints.get(`+${number.slice(2)}`) : undefined;
  return entryPoints.get(number) ?? entryPoints.get(other) ?? international;
}
