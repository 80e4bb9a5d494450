/** How many things each collection of an object and of everything that it holds contains, by `Class.field`. */
export type Census = Map<string, number>;

/**
 * Counts the entries of every map, set and array, and the bytes of every byte array, that can be reached from `root`. What
 * `ignore` says yes to is not entered.
 */
export function takeCensus(root: object, ignore: (value: object) => boolean = () => false): Census {
  const census: Census = new Map();
  const seen = new Set<object>([root]);
  const open: Array<{ value: object; name: string }> = [{ value: root, name: root.constructor.name }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, name } = next;
    const size = sizeOf(value);
    if (size !== undefined) census.set(name, (census.get(name) ?? 0) + size);
    for (const [field, inner] of entriesOf(value)) {
      if (typeof inner !== 'object' || inner === null || seen.has(inner) || ignore(inner)) continue;
      seen.add(inner);
      // A collection carries the name of the field that holds it, anything else that of its class.
      const isCollection = sizeOf(value) !== undefined;
      open.push({ value: inner, name: isCollection ? `${name}[]` : `${className(value)}.${field}` });
    }
  }
  return census;
}

function className(value: object): string {
  return (Object.getPrototypeOf(value) as object | null)?.constructor.name ?? 'Object';
}

function sizeOf(value: object): number | undefined {
  if (value instanceof Map || value instanceof Set) return value.size;
  if (Array.isArray(value)) return value.length;
  return value instanceof Uint8Array ? value.byteLength : undefined;
}

function* entriesOf(value: object): Iterable<[string, unknown]> {
  if (value instanceof Map)
    for (const [key, inner] of value)
      yield* [
        ['key', key],
        ['value', inner],
      ] as const;
  else if (value instanceof Set) for (const inner of value) yield ['value', inner];
  else if (!ArrayBuffer.isView(value)) yield* Object.entries(value);
}

/** Everything in a census together. */
export function total(census: Census): number {
  let sum = 0;
  for (const size of census.values()) sum += size;
  return sum;
}
