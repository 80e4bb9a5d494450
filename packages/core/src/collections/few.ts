/**
 * A map of a handful of entries, in the order in which they came: a walk over a short list is cheaper than hashing. The first
 * entry lies in the map itself, as most of these maps never have another one, and lists are only made for a second.
 */
export class FewMap<Key, Value> {
  #size = 0;
  #firstKey: Key | undefined = undefined;
  #firstValue: Value | undefined = undefined;
  #moreKeys: Key[] | null = null;
  #moreValues: Value[] | null = null;

  get size(): number {
    return this.#size;
  }

  get first(): Value | undefined {
    return this.#firstValue;
  }

  get(key: Key): Value | undefined {
    if (this.#size === 0) return undefined;
    if (this.#firstKey === key) return this.#firstValue;
    const index = this.#moreKeys?.indexOf(key) ?? -1;
    return index < 0 ? undefined : this.#moreValues?.[index];
  }

  has(key: Key): boolean {
    if (this.#size === 0) return false;
    return this.#firstKey === key || (this.#moreKeys?.includes(key) ?? false);
  }

  set(key: Key, value: Value): void {
    if (this.#size === 0) {
      this.#size = 1;
      this.#firstKey = key;
      this.#firstValue = value;
    } else if (this.#firstKey === key) this.#firstValue = value;
    else this.#setFurther(key, value);
  }

  delete(key: Key): void {
    if (this.#size === 0) return;
    if (this.#firstKey === key) {
      this.#size -= 1;
      this.#firstKey = this.#moreKeys?.shift();
      this.#firstValue = this.#moreValues?.shift();
      return;
    }
    const index = this.#moreKeys?.indexOf(key) ?? -1;
    if (index < 0) return;
    this.#size -= 1;
    this.#moreKeys?.splice(index, 1);
    this.#moreValues?.splice(index, 1);
  }

  /** The entry at this place in the order, counted from 0; undefined behind the last one. */
  valueAt(index: number): Value | undefined {
    return index === 0 ? this.#firstValue : this.#moreValues?.[index - 1];
  }

  /** A list of its own, so that the map may change while it is walked over. */
  keys(): Key[] {
    return this.#size === 0 ? [] : [this.#firstKey as Key, ...(this.#moreKeys ?? [])];
  }

  values(): Value[] {
    return this.#size === 0 ? [] : [this.#firstValue as Value, ...(this.#moreValues ?? [])];
  }

  #setFurther(key: Key, value: Value): void {
    this.#moreKeys ??= [];
    this.#moreValues ??= [];
    const index = this.#moreKeys.indexOf(key);
    if (index >= 0) {
      this.#moreValues[index] = value;
      return;
    }
    this.#size += 1;
    this.#moreKeys.push(key);
    this.#moreValues.push(value);
  }
}

/** Takes an item out of a short list; without effect when it is not there. */
export function removeItem<Item>(list: Item[], item: Item): void {
  const last = list.length - 1;
  // Without the list of removed ones that `splice` makes for the most frequent case, the last one.
  if (list[last] === item) {
    list.pop();
    return;
  }
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}
