/** Things with names, taken in turn. */
class Ring<Member extends { readonly name: string }> {
  readonly #members: Member[] = [];
  readonly #byName = new Map<string, Member>();
  #hand = 0;

  get size(): number {
    return this.#members.length;
  }

  get(name: string): Member | undefined {
    return this.#byName.get(name);
  }

  add(member: Member): void {
    this.#members.push(member);
    this.#byName.set(member.name, member);
  }

  /** Whose turn it is. */
  get current(): Member | undefined {
    return this.#members[this.#hand];
  }

  /** Its turn is over; `isEmpty` takes it out of the ring. */
  next(isEmpty: boolean): void {
    const current = this.#members[this.#hand];
    const last = isEmpty ? this.#members.pop() : undefined;
    if (current === undefined) return;
    if (isEmpty) this.#byName.delete(current.name);
    // Whoever came last takes the place that has become free, and is next.
    if (last !== undefined && last !== current) this.#members[this.#hand] = last;
    else if (!isEmpty) this.#hand++;
    if (this.#hand >= this.#members.length) this.#hand = 0;
  }
}

/** First in, first out. */
class Lane<Item> {
  readonly name: string;
  readonly #items: (Item | undefined)[] = [];
  #head = 0;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    // Half of the list at a time, so that each item is moved once at most.
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return item;
  }
}

/** Of four turns in which both wait, so many go to what has begun. */
const begunTurns = 3;

class Source<Item> {
  readonly name: string;
  readonly #fresh = new Ring<Lane<Item>>();
  readonly #begun = new Ring<Lane<Item>>();
  /** The one that had most when one was added last. */
  #longest: Lane<Item> | undefined;
  #turns = 0;
  size = 0;

  constructor(name: string) {
    this.name = name;
  }

  has(path: string): boolean {
    return this.#fresh.get(path) !== undefined || this.#begun.get(path) !== undefined;
  }

  push(path: string, item: Item, isBegun: boolean): void {
    const lanes = isBegun ? this.#begun : this.#fresh;
    let lane = lanes.get(path);
    if (lane === undefined) {
      lane = new Lane(path);
      lanes.add(lane);
    }
    lane.push(item);
    this.size++;
    if (lane.size > (this.#longest?.size ?? 0)) this.#longest = lane;
  }

  /** The oldest item of the path that has most. */
  shiftOfLongest(): Item | undefined {
    // A path stays in its ring until its turn, so that its last item is only taken there.
    if (this.#longest === undefined || this.#longest.size < 2) return this.shift();
    this.size--;
    return this.#longest.shift();
  }

  shift(): Item | undefined {
    const isBegunNext =
      this.#fresh.size === 0 || (this.#begun.size > 0 && this.#turns++ % (begunTurns + 1) < begunTurns);
    const lanes = isBegunNext ? this.#begun : this.#fresh;
    const lane = lanes.current;
    if (lane === undefined) return undefined;
    const item = lane.shift();
    this.size--;
    lanes.next(lane.size === 0);
    return item;
  }
}

/**
 * A queue in which every source has its turn, and in each source every path, however much the others have in it: who has one item
 * waits for one item of each of the others. Of one path, items that are new keep their order, and so do those that go on with something. All of it
 * takes constant time.
 */
export class FairQueue<Item> {
  readonly #sources = new Ring<Source<Item>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** How many sources have something in it. */
  get sourceCount(): number {
    return this.#sources.size;
  }

  has(source: string, path: string): boolean {
    return this.#sources.get(source)?.has(path) === true;
  }

  /** How many items wait of that source. */
  sizeOf(source: string): number {
    return this.#sources.get(source)?.size ?? 0;
  }

  /** @param isBegun it goes on with something, and so before what is new from the same source, in most turns. */
  push(sourceName: string, path: string, item: Item, isBegun = false): void {
    let source = this.#sources.get(sourceName);
    if (source === undefined) {
      source = new Source(sourceName);
      this.#sources.add(source);
    }
    source.push(path, item, isBegun);
    this.#size++;
  }

  shift(): Item | undefined {
    const source = this.#sources.current;
    if (source === undefined) return undefined;
    const item = source.shift();
    this.#size--;
    this.#sources.next(source.size === 0);
    return item;
  }

  /** Takes the oldest of the path of that source that has most; undefined when the source has a single item. */
  shiftOf(sourceName: string): Item | undefined {
    const source = this.#sources.get(sourceName);
    // The last one stays, because whoever is in a ring has something to take.
    if (source === undefined || source.size < 2) return undefined;
    this.#size--;
    return source.shiftOfLongest();
  }
}
