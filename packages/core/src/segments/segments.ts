/** Who is in a segment of customers: whoever is listed, and whoever called often enough of late. */
export interface SegmentDefinition {
  readonly name: string;
  /** Whole numbers, and with a `*` behind them the beginnings of numbers. */
  readonly numbers: readonly string[];
  readonly contacts: { readonly countMin: number; readonly days: number } | null;
}

/** The segments of a centre, asked for each call: the cost does not grow with how many numbers they list. */
export class SegmentBook {
  readonly #names: readonly string[];
  readonly #byNumber = new Map<string, string[]>();
  readonly #byBeginning = new Map<string, string[]>();
  readonly #lengths: readonly number[];
  readonly #byContacts: readonly (SegmentDefinition & { contacts: { countMin: number; days: number } })[];

  constructor(segments: readonly SegmentDefinition[]) {
    this.#names = segments.map(({ name }) => name);
    this.#byContacts = segments.flatMap((segment) =>
      segment.contacts === null ? [] : [{ ...segment, contacts: segment.contacts }],
    );
    for (const { name, numbers } of segments) {
      for (const number of numbers) {
        if (number.endsWith('*')) add(this.#byBeginning, number.slice(0, -1), name);
        else add(this.#byNumber, number, name);
      }
    }
    this.#lengths = [...new Set([...this.#byBeginning.keys()].map(({ length }) => length))];
  }

  /**
   * The segments of a caller in the order in which they were given; a withheld number (empty) is in none. `countWithin` says how
   * many contacts the caller had in so many days before now.
   */
  of(caller: string, countWithin: (days: number) => number): readonly string[] {
    if (caller === '' || this.#names.length === 0) return none;
    const found = new Set(this.#byNumber.get(caller));
    for (const length of this.#lengths) {
      for (const name of this.#byBeginning.get(caller.slice(0, length)) ?? none) found.add(name);
    }
    for (const { name, contacts } of this.#byContacts) {
      if (!found.has(name) && countWithin(contacts.days) >= contacts.countMin) found.add(name);
    }
    return found.size === 0 ? none : this.#names.filter((name) => found.has(name));
  }
}

const none: readonly string[] = [];

function add(to: Map<string, string[]>, key: string, name: string): void {
  const names = to.get(key);
  if (names === undefined) to.set(key, [name]);
  else names.push(name);
}
