import type { ContactId, LegId } from '@crosspoint/contracts';
import type { ContactInput, LegEnd } from '@crosspoint/core';
import type { VirtualClock } from './clock.ts';
import type { World } from './world.ts';

/** The network between the machines and one phone: messages take time and stay in order on each way. */
export class RemoteLeg {
  /** The phone's own view; the machines hear of it later. */
  state: 'ringing' | 'up' | 'over' = 'ringing';
  readonly id: LegId;
  readonly contactId: ContactId;
  readonly #world: World;
  readonly #clock: VirtualClock;
  readonly #latencyMs: () => number;
  #lastReportAt = 0;
  #lastCommandAt = 0;

  constructor(
    id: LegId,
    contactId: ContactId,
    way: { world: World; clock: VirtualClock; latencyMs: () => number },
  ) {
    this.id = id;
    this.contactId = contactId;
    this.#world = way.world;
    this.#clock = way.clock;
    this.#latencyMs = way.latencyMs;
  }

  /** Something the phone says. */
  report(input: Extract<ContactInput, { type: `leg.${string}` }>): void {
    const at = Math.max(this.#lastReportAt, this.#clock.now + this.#latencyMs());
    this.#lastReportAt = at;
    this.#clock.at(at, () => this.#world.tellContact(this.contactId, input));
  }

  /** Something the phone is told. */
  command(arrive: () => void): void {
    const at = Math.max(this.#lastCommandAt, this.#clock.now + this.#latencyMs());
    this.#lastCommandAt = at;
    this.#clock.at(at, arrive);
  }

  /** The phone is called and does not answer, or hangs up: each leg ends once. */
  end(end: LegEnd): void {
    if (this.state === 'over') return;
    const type = this.state === 'up' ? 'leg.ended' : 'leg.failed';
    this.state = 'over';
    this.report({ type, legId: this.id, end });
  }

  answer(): void {
    if (this.state !== 'ringing') return;
    this.state = 'up';
    this.report({ type: 'leg.answered', legId: this.id });
  }

  /**
   * A hang-up arrives. One that was sent as a cancellation does nothing to a call that was answered meanwhile
   * (RFC 3261 §9.1): the machine learns of the answer and hangs up once more.
   */
  hungUp(code: number): void {
    if (code === 487 && this.state === 'up') return;
    this.end({ code: this.state === 'up' ? 200 : code, reason: 'hung-up', by: 'local' });
  }
}
