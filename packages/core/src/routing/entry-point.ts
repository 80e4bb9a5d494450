/** A number as it is stored and looked up: without the separators people write, the leading plus kept. */
export function canonicalNumber(number: string): string {
  return /^\+?[\d\s().-]+$/.test(number) ? number.replace(/[\s().-]/g, '') : number;
}

/**
 * What a dialled number reaches. `entryPoints` has canonical numbers as keys; a number written with or without its
 * plus is the same, the exact writing first.
 */
export function findEntryPoint<Target>(
  entryPoints: ReadonlyMap<string, Target>,
  dialled: string,
): Target | undefined {
  const number = canonicalNumber(dialled);
  const other = number.startsWith('+') ? number.slice(1) : `+${number}`;
  return entryPoints.get(number) ?? entryPoints.get(other);
}
