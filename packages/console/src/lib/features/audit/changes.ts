/** One field that an act changed. `undefined` stands for not there. */
export interface FieldChange {
  path: string;
  before: unknown;
  after: unknown;
}

const depthMax = 4;
const changesMax = 100;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function walk(before: unknown, after: unknown, path: string, depth: number, found: FieldChange[]): void {
  if (found.length >= changesMax || JSON.stringify(before) === JSON.stringify(after)) return;
  if (depth < depthMax && (isRecord(before) || isRecord(after))) {
    const left = isRecord(before) ? before : {};
    const right = isRecord(after) ? after : {};
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      walk(left[name], right[name], path === '' ? name : `${path}.${name}`, depth + 1, found);
    }
    return;
  }
  found.push({ path, before: before ?? undefined, after: after ?? undefined });
}

/** What differs between two states, field by field, at most a hundred of them. */
export function changesOf(before: unknown, after: unknown): FieldChange[] {
  const found: FieldChange[] = [];
  walk(before ?? {}, after ?? {}, '', 0, found);
  return found;
}

/** What an entry is about, by the name that it carried then; null when it carried none. */
export function subjectName(before: unknown, after: unknown): string | null {
  for (const state of [after, before]) {
    if (!isRecord(state)) continue;
    for (const field of ['name', 'username', 'number', 'code']) {
      const value = state[field];
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return null;
}

/** A value in one line; nothing for what is not there. */
export function valueWords(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
