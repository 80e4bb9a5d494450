/** A chunk that grows beyond this is cut in two. */
const chunkMax = 128;

/**
 * A sorted list that tells the rank of each of its items. It is kept in chunks: an item costs a binary search and a move within
 * one chunk, a rank in addition one sum over the chunks, a hundred of which hold ten thousand items.
 */
export class RankedList<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  /** None of them is empty. */
  readonly #chunks: Item[][] = [];

  /** `compare` is a strict total order, and what it compares must not change while the item is inside. */
  constructor(compare: (a: Item, b: Item) => number) {
    this.#compare = compare;
  }

  /** The items in order. */
  values(): Item[] {
    return this.#chunks.flat();
  }

  insert(item: Item): void {
    const index = Math.min(this.#chunkOf(item), this.#chunks.length - 1);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([item]);
      return;
    }
    chunk.splice(this.#placeIn(chunk, item), 0, item);
    if (chunk.length > chunkMax) this.#chunks.splice(index + 1, 0, chunk.splice(chunkMax / 2));
  }

  /** Without effect when it is not inside. */
  remove(item: Item): void {
    const index = this.#chunkOf(item);
    const chunk = this.#chunks[index];
    if (chunk === undefined) return;
    const place = this.#placeIn(chunk, item);
    if (chunk[place] !== item) return;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(index, 1);
  }

  /** How many items come before this one, whether it is inside or not. */
  rankOf(item: Item): number {
    const index = this.#chunkOf(item);
    let rank = 0;
    for (let before = 0; before < index; before++) rank += this.#chunks[before]?.length ?? 0;
    const chunk = this.#chunks[index];
    return chunk === undefined ? rank : rank + this.#placeIn(chunk, item);
  }

  /** The first chunk whose last item does not come before this one. */
  #chunkOf(item: Item): number {
    return firstIndex(this.#chunks.length, (index) => {
      const last = this.#chunks[index]?.at(-1);
      return last !== undefined && this.#compare(last, item) >= 0;
    });
  }

  #placeIn(chunk: readonly Item[], item: Item): number {
    return firstIndex(chunk.length, (index) => this.#compare(chunk[index] as Item, item) >= 0);
  }
}

/** The first index from which on something holds; `length` when it never does. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
