import { isG711, type LegTable, noLeg } from './legs.ts';
import type { Rooms } from './rooms.ts';

/** Which leg hears which, two by two. */
export class Bridges {
  readonly #legs: LegTable;
  readonly #rooms: Rooms;

  constructor(legs: LegTable, rooms: Rooms) {
    this.#legs = legs;
    this.#rooms = rooms;
  }

  get count(): number {
    let ends = 0;
    for (const leg of this.#legs.all()) if (this.#legs.bridged[leg] !== noLeg) ends++;
    return ends / 2;
  }

  /** Connects two legs; each leaves whatever it was in before. */
  join(first: number, second: number): void {
    const legs = this.#legs;
    if (legs.bridged[first] === second) return;
    for (const leg of [first, second]) {
      this.part(leg);
      this.#rooms.leave(leg);
    }
    legs.bridged[first] = second;
    legs.bridged[second] = first;
    this.#wire(first, second);
  }

  /** The codec of a leg has changed: what connects it with the other end depends on both. */
  codecChanged(leg: number): void {
    const other = this.#legs.bridged[leg] as number;
    if (other !== noLeg) this.#wire(leg, other);
  }

  /** Relays packets where a table is enough between the codecs, and decodes and encodes where it is not. */
  #wire(first: number, second: number): void {
    const legs = this.#legs;
    const codecs = [legs.law[first] as number, legs.law[second] as number] as const;
    const isRelayed = codecs[0] === codecs[1] || codecs.every(isG711);
    const wasRelayed = legs.peer[first] === second;
    if (isRelayed === wasRelayed && isRelayed) return;
    this.#rooms.leave(first);
    legs.peer[first] = isRelayed ? second : noLeg;
    legs.peer[second] = isRelayed ? first : noLeg;
    if (!isRelayed) this.#rooms.pair(first, second);
  }

  /** Takes a leg out of its bridge, if it is in one. */
  part(leg: number): void {
    const legs = this.#legs;
    const peer = legs.bridged[leg] as number;
    if (peer === noLeg) return;
    this.#rooms.leave(leg);
    for (const end of [leg, peer]) {
      legs.bridged[end] = noLeg;
      legs.peer[end] = noLeg;
    }
    // A later bridge with the same leg is a new beginning for the far ends.
    legs.outgoing.interrupt(leg);
    legs.outgoing.interrupt(peer);
  }
}
