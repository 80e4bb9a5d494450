import { LeastRecentMap } from '@crosspoint/core';

/** For how long a circuit is open, and how many hosts are remembered. */
const openMs = 30_000;
const hostsMax = 1_000;

interface Circuit {
  failures: number;
  /** Nobody tries before; then one does. */
  closedUntil: number;
}

/** Keeps callers from waiting for a host that does not answer: after some failures it is left alone for a while. */
export class CircuitBreaker {
  readonly #circuits = new LeastRecentMap<string, Circuit>(hostsMax);
  readonly #now: () => number;

  readonly #failuresMax: number;

  /** @param failuresMax so many failures one after the other open the circuit. */
  constructor(now: () => number, failuresMax = 5) {
    this.#now = now;
    this.#failuresMax = failuresMax;
  }

  /** Whether that host may be asked now. When its pause is over the first who asks may, and the others wait for how that went. */
  mayAsk(host: string): boolean {
    if (this.isLeftAlone(host)) return false;
    const circuit = this.#circuits.get(host);
    if (circuit !== undefined && circuit.failures >= this.#failuresMax) {
      circuit.closedUntil = this.#now() + openMs;
    }
    return true;
  }

  /** Whether nobody may ask that host now; whoever only wants to know that keeps nobody else from trying. */
  isLeftAlone(host: string): boolean {
    const circuit = this.#circuits.get(host);
    if (circuit === undefined || circuit.failures < this.#failuresMax) return false;
    return this.#now() < circuit.closedUntil;
  }

  succeeded(host: string): void {
    this.#circuits.delete(host);
  }

  /** Whoever asked went away before there was an answer: the next one may ask in their place. */
  left(host: string): void {
    const circuit = this.#circuits.get(host);
    if (circuit !== undefined && circuit.failures >= this.#failuresMax) circuit.closedUntil = this.#now();
  }

  failed(host: string): void {
    const circuit = this.#circuits.get(host) ?? { failures: 0, closedUntil: 0 };
    circuit.failures += 1;
    circuit.closedUntil = this.#now() + openMs;
    this.#circuits.set(host, circuit);
  }
}
