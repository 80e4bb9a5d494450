import { alawToLinear, DtmfDetector, type DtmfEvent, ulawToLinear } from '@crosspoint/media';
import type { Digit, MediaEventBody } from '../protocol.ts';
import { ears, isG711, type LegTable, law, noPayloadType } from './legs.ts';

/** Longest packet of G.711 that is listened to: 120 ms. */
const samplesMax = 960;
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
  readonly #samples = new Int16Array(samplesMax);

  constructor(legs: LegTable, emit: (event: MediaEventBody) => void) {
    this.#legs = legs;
    this.#emit = emit;
  }

  /** The description of a leg has changed. */
  update(leg: number): void {
    const legs = this.#legs;
    const isNeeded = legs.receiveEventPayloadType[leg] === noPayloadType && isG711(legs.law[leg] as number);
    if (isNeeded) legs.isHeard[leg]! |= ears.digits;
    else this.release(leg);
  }

  /** Listens to one packet of G.711. */
  hear(leg: number, packetLaw: number, bytes: Uint8Array, start: number, end: number, nowMs: number): void {
    if (!isG711(packetLaw)) return;
    const table = packetLaw === law.PCMA ? alawToLinear : ulawToLinear;
    const length = Math.min(end - start, samplesMax);
    for (let i = 0; i < length; i++) this.#samples[i] = table[bytes[start + i] as number] as number;
    let ear = this.#ears.get(leg);
    if (ear === undefined) {
      ear = { detector: new DtmfDetector(), heardAtMs: nowMs };
      this.#ears.set(leg, ear);
    }
    ear.heardAtMs = nowMs;
    for (const event of ear.detector.process(this.#samples, 0, length)) this.#report(leg, event);
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
