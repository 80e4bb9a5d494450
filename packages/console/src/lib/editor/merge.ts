/** Values of a form: what travels as JSON. */
export type Values = Record<string, unknown>;

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fields in which two versions differ, in the order of the first. */
export function changedFields(before: Values, after: Values): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !same(before[name], after[name]));
}

export interface Merge<Model extends Values> {
  /** Theirs, with what was changed here. */
  merged: Model;
  /** Changed on both sides, and not to the same value. */
  conflicts: string[];
  /** Changed there only: taken over. */
  taken: string[];
}

/** Brings together what two people made of the same version. A field belongs to whoever changed it. */
export function mergeEdits<Model extends Values>(base: Model, mine: Model, theirs: Model): Merge<Model> {
  const mineChanged = new Set(changedFields(base, mine));
  const theirsChanged = changedFields(base, theirs);
  const conflicts = theirsChanged.filter((name) => mineChanged.has(name) && !same(mine[name], theirs[name]));
  const merged: Values = { ...theirs };
  for (const name of mineChanged) merged[name] = mine[name];
  return {
    merged: merged as Model,
    conflicts,
    taken: theirsChanged.filter((name) => !mineChanged.has(name)),
  };
}
