import { DtmfDetector, type DtmfEvent } from '@crosspoint/media';
import type { Digit, MediaEventBody } from '../protocol.ts';
import { ears, type LegTable, noPayloadType } from './legs.ts';

/** A far end that suppresses silence sends nothing behind a digit: this ends it. */
const silentMsMax = 100;

interface Ear {
  detector: DtmfDetector;
  heardAtMs: number;
}

/**
 * Digits that a far end sends as tones in its sound, because it has negotiated no telephone events. Each leg has a detector
 * of its own from its first description on, and none when events were agreed: a digit must not be reported twice.
 */
export class InbandDigits {
  readonly #legs: LegTable;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #ears = new Map<number, Ear>();

  constructor(legs: LegTable, emit: (event: MediaEventBody) => void) {
    this.#legs = legs;
    this.#emit = emit;
  }

  /** The description of a leg has changed. */
  update(leg: number): void {
    const legs = this.#legs;
    if (legs.receiveEventPayloadType[leg] === noPayloadType) legs.isHeard[leg]! |= ears.digits;
    else this.release(leg);
  }

  /** Listens to the sound of one packet, at 8,000 Hz. */
  hear(leg: number, samples: Int16Array, length: number, nowMs: number): void {
    let ear = this.#ears.get(leg);
    if (ear === undefined) {
      ear = { detector: new DtmfDetector(), heardAtMs: nowMs };
      this.#ears.set(leg, ear);
    }
    ear.heardAtMs = nowMs;
    for (const event of ear.detector.process(samples, 0, length)) this.#report(leg, event);
  }

  /** Ends digits behind which nothing came; called some times a second. */
  expire(nowMs: number): void {
    for (const [leg, { detector, heardAtMs }] of this.#ears) {
      if (detector.activeDigit === undefined || nowMs - heardAtMs < silentMsMax) continue;
      this.restart(leg);
    }
  }

  #report(leg: number, event: DtmfEvent): void {
    if (event.type !== 'ended') return;
    const { digit, durationMs } = event;
    this.#emit({ event: 'digit', legId: this.#legs.ids[leg] as string, digit: digit as Digit, durationMs });
  }

  /** The leg's stream begins anew; a digit that sounds has ended. */
  restart(leg: number): void {
    const event = this.#ears.get(leg)?.detector.reset();
    if (event !== undefined) this.#report(leg, event);
  }

  release(leg: number): void {
    this.#ears.delete(leg);
    this.#legs.isHeard[leg]! &= ~ears.digits;
  }
}
