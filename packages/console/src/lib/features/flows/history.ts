/** What can be undone: the former values, the latest last. Changes to the same thing in quick succession count as one. */
export class History<Value> {
  readonly #past: Value[] = [];
  readonly #future: Value[] = [];
  #lastThing: string | null = null;
  #lastAt = 0;

  get canUndo(): boolean {
    return this.#past.length > 0;
  }

  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /**
   * Remembers a value that is about to be replaced.
   * @param thing what changes, such as one text that is typed; null is always a step of its own.
   * @param now in milliseconds.
   */
  push(former: Value, thing: string | null, now: number): void {
    const goesOn = thing !== null && thing === this.#lastThing && now - this.#lastAt < togetherMs;
    this.#lastThing = thing;
    this.#lastAt = now;
    this.#future.length = 0;
    if (goesOn) return;
    this.#past.push(former);
    if (this.#past.length > stepsMax) this.#past.shift();
  }

  undo(present: Value): Value | undefined {
    return this.#turn(this.#past, this.#future, present);
  }

  redo(present: Value): Value | undefined {
    return this.#turn(this.#future, this.#past, present);
  }

  #turn(from: Value[], to: Value[], present: Value): Value | undefined {
    const value = from.pop();
    if (value === undefined) return undefined;
    to.push(present);
    this.#lastThing = null;
    return value;
  }
}

const stepsMax = 200;
const togetherMs = 1_000;
