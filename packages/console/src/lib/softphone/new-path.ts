/** After each attempt the next one waits that long; behind the last one the server is left to call this page anew. */
const pausesMs = [2_000, 4_000, 8_000, 8_000];

/**
 * Looks for another path for the sound of one call when the network has changed, while the former path may still carry. By itself a
 * browser only tries on over the addresses that it had when the call began.
 */
export class NewPath {
  readonly #ask: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #carries = false;
  #isOver = false;

  /** @param ask asks the server for another path; it may be unable to just now, and is called again then. */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /** What ICE says of the path. */
  becomes(state: RTCIceConnectionState): void {
    this.#carries = state === 'connected' || state === 'completed';
    if (this.#carries) this.#rest();
    else if (state === 'disconnected' && this.#timer === undefined) this.#try();
  }

  /** This computer has a network again, which may be another one: what was tried without one counts for nothing. */
  networkIsBack(): void {
    this.#rest();
    this.#try();
  }

  /** The call is over. */
  end(): void {
    this.#isOver = true;
    this.#rest();
  }

  #try(): void {
    const pauseMs = pausesMs[this.#attempts];
    if (this.#isOver || pauseMs === undefined) return;
    this.#attempts += 1;
    this.#ask();
    this.#timer = setTimeout(() => (this.#carries ? this.#rest() : this.#try()), pauseMs);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#attempts = 0;
  }
}
