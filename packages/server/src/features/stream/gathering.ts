/** A connection that can keep what is written to it, and then send all of it at once. */
export interface Corkable {
  cork(): void;
  uncork(): void;
}

/**
 * Sends what a connection is told in one turn of the event loop by one system call: with two hundred followers the
 * system calls cost more than everything else that the stream does. They are made when the turn is over, after the
 * messages to telephones that the same turn decided on.
 */
export class Gathering {
  readonly #gathered = new Set<Corkable>();
  readonly #whenTurnIsOver: (release: () => void) => void;

  constructor(whenTurnIsOver: (release: () => void) => void = setImmediate) {
    this.#whenTurnIsOver = whenTurnIsOver;
  }

  /** What is written to `wire` from now on leaves when the turn is over. */
  gather(wire: Corkable): void {
    if (this.#gathered.has(wire)) return;
    if (this.#gathered.size === 0) this.#whenTurnIsOver(() => this.#release());
    wire.cork();
    this.#gathered.add(wire);
  }

  #release(): void {
    const wires = [...this.#gathered];
    this.#gathered.clear();
    for (const wire of wires) wire.uncork();
  }
}
