import { levelDbm0, toneLevelDbm0 } from '@crosspoint/media';
import { patienceMs } from './deadline.ts';

type Wait = {
  matches: (window: Int16Array) => boolean;
  windowsNeeded: number;
  windowsInRow: number;
  done: () => void;
};

/** Quieter than this is silence; G.711 itself reaches down to about -70 dBm0. */
const silenceDbm0 = -50;
/** A pure tone holds all the energy; a tone with some distortion loses less than this. */
const toneLossDb = 1;
const windowMs = 20;

/** True when nearly all energy of the window lies at that frequency; exact for multiples of 50 Hz. */
export function isTone(window: Int16Array, frequencyHz: number): boolean {
  const level = levelDbm0(window);
  return level > silenceDbm0 && toneLevelDbm0(window, frequencyHz) > level - toneLossDb;
}

export function isSilence(window: Int16Array): boolean {
  return levelDbm0(window) <= silenceDbm0;
}

/**
 * The hearing of a phone: decoded sound arrives in windows of 20 ms, is kept up to a limit, and wakes those who wait
 * for a certain sound.
 */
export class Ear {
  readonly #waits = new Set<Wait>();
  readonly #windowsMax: number;
  #windows: Int16Array[] = [];
  #heardCount = 0;
  #last: Int16Array | undefined;

  /** `keptSecondsMax` bounds memory: 16 kB per second. With 0 nothing is kept, and waiting still works. */
  constructor(keptSecondsMax: number) {
    this.#windowsMax = Math.ceil((keptSecondsMax * 1000) / windowMs);
  }

  /** Takes the next sound; the array must not be used again by the caller. */
  hear(window: Int16Array): void {
    this.#heardCount += 1;
    this.#last = window;
    if (this.#windows.length < this.#windowsMax) this.#windows.push(window);
    for (const wait of this.#waits) {
      wait.windowsInRow = wait.matches(window) ? wait.windowsInRow + 1 : 0;
      if (wait.windowsInRow >= wait.windowsNeeded) wait.done();
    }
  }

  /** The first sound that was kept, gapless in the order of arrival. */
  get recording(): Int16Array {
    const samples = new Int16Array(this.#windows.reduce((sum, window) => sum + window.length, 0));
    let offset = 0;
    for (const window of this.#windows) {
      samples.set(window, offset);
      offset += window.length;
    }
    return samples;
  }

  forgetRecording(): void {
    this.#windows = [];
  }

  /**
   * Resolves once `sound` was heard without interruption for `forMs`, counted from now. Rejects after `timeoutMs`.
   * A number is the frequency of a tone in Hz, a multiple
   * of 50; `sound` is anything but silence.
   */
  hears(
    sound: number | 'silence' | 'sound',
    { forMs = 200, timeoutMs = patienceMs + 2 * forMs }: { forMs?: number; timeoutMs?: number } = {},
  ): Promise<void> {
    const matches =
      typeof sound === 'number'
        ? (window: Int16Array) => isTone(window, sound)
        : sound === 'silence'
          ? isSilence
          : (window: Int16Array) => !isSilence(window);
    const heardBefore = this.#heardCount;
    return new Promise((resolve, reject) => {
      const wait: Wait = {
        matches,
        windowsNeeded: Math.ceil(forMs / windowMs),
        windowsInRow: 0,
        done: () => {
          clearTimeout(timer);
          this.#waits.delete(wait);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waits.delete(wait);
        const what = typeof sound === 'number' ? `a tone of ${sound} Hz` : sound;
        const why = this.#heardSince(heardBefore);
        reject(new Error(`Did not hear ${what} for ${forMs} ms within ${timeoutMs} ms, but ${why}.`));
      }, timeoutMs);
      this.#waits.add(wait);
    });
  }

  /** What came instead, for whoever looks for the reason. */
  #heardSince(count: number): string {
    const seconds = ((this.#heardCount - count) * windowMs) / 1000;
    if (seconds === 0 || this.#last === undefined) return 'no sound came at all';
    return `${seconds} s of sound came, of ${Math.round(levelDbm0(this.#last))} dBm0 in the end`;
  }
}
