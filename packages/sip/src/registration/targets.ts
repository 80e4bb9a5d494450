import type { Flow } from '../flow/index.ts';

/** The servers of a registrar in the order in which to try them, and how far a round over them has come. */
export class Targets {
  private flows: readonly Flow[];
  private failed = 0;

  constructor(flows: readonly Flow[]) {
    this.flows = flows;
  }

  /** Other servers, tried from the first one on. */
  replace(flows: readonly Flow[]): void {
    this.flows = flows;
    this.failed = 0;
  }

  /** A new round begins. */
  restart(): void {
    this.failed = 0;
  }

  /** The one that was tried last has failed. */
  fail(): void {
    this.failed++;
  }

  /** Whether one has failed in this round. */
  get hasFailed(): boolean {
    return this.failed > 0;
  }

  /**
   * The next one to try; undefined when all have failed. The one that `served` last comes first, so that a refresh does
   * not wander.
   */
  next(served: Flow | undefined): Flow | undefined {
    const { flows } = this;
    const last = served === undefined ? -1 : flows.findIndex((flow) => isSame(flow, served));
    const ordered =
      last < 0 ? flows : [...flows.slice(last, last + 1), ...flows.filter((_, i) => i !== last)];
    return ordered[this.failed];
  }
}

function isSame(a: Flow, b: Flow): boolean {
  return a.protocol === b.protocol && a.remoteAddress === b.remoteAddress && a.remotePort === b.remotePort;
}
