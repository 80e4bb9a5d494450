/** Identifiers in the order of their making, so that a run is the same each time; UUIDv7 in form (RFC 9562 §5.7). */
export class Ids {
  #count = 0;

  next<Id extends string>(): Id {
    this.#count += 1;
    const hex = this.#count.toString(16).padStart(12, '0');
    return `00000000-0000-7000-8000-${hex}` as Id;
  }
}
