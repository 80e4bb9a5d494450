/**
 * A map of a handful of entries, in the order in which they came: a walk over a short list is cheaper than hashing, and takes less
 * memory. Values must not be added or removed while its lists are walked over.
 */
export class FewMap<Key, Value> {
  readonly #keys: Key[] = [];
  readonly #values: Value[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get first(): Value | undefined {
    return this.#values[0];
  }

  get(key: Key): Value | undefined {
    return this.#values[this.#keys.indexOf(key)];
  }

  has(key: Key): boolean {
    return this.#keys.includes(key);
  }

  set(key: Key, value: Value): void {
    const index = this.#keys.indexOf(key);
    if (index >= 0) {
      this.#values[index] = value;
      return;
    }
    this.#keys.push(key);
    this.#values.push(value);
  }

  delete(key: Key): void {
    const index = this.#keys.indexOf(key);
    if (index < 0) return;
    removeAt(this.#keys, index);
    removeAt(this.#values, index);
  }

  keys(): readonly Key[] {
    return this.#keys;
  }

  values(): readonly Value[] {
    return this.#values;
  }
}

/** Takes an item out of a short list; without effect when it is not there. */
export function removeItem<Item>(list: Item[], item: Item): void {
  const index = list.indexOf(item);
  if (index >= 0) removeAt(list, index);
}

/** Without the list of removed ones that `splice` makes for the most frequent case, the last one. */
function removeAt<Item>(list: Item[], index: number): void {
  if (index === list.length - 1) list.pop();
  else list.splice(index, 1);
}
