import { soundRateHz } from './door.ts';

/** 10 ms. */
const frameSamples = soundRateHz / 100;
/** Of the loudest frame's level: what is quieter is a pause. */
const pauseShare = 0.05;
/** The engine was trained on sound of this loudness, and on rooms that are never wholly still. */
const peakLevel = 16_000;
const noiseLevel = 40;

/** What somebody said, up to a longest time. */
export class Utterance {
  readonly #samples: Int16Array;
  #length = 0;

  constructor(maxMs: number) {
    this.#samples = new Int16Array(Math.ceil((maxMs * soundRateHz) / 1_000));
  }

  /** What is more than the longest time is left out. */
  add(samples: Int16Array): void {
    const taken = samples.subarray(0, this.#samples.length - this.#length);
    this.#samples.set(taken, this.#length);
    this.#length += taken.length;
  }

  get samples(): Int16Array {
    return this.#samples.subarray(0, this.#length);
  }

  /** How many stretches of 10 ms hold speech. */
  get spokenFrames(): number {
    const levels: number[] = [];
    for (let at = 0; at + frameSamples <= this.#length; at += frameSamples) {
      let sum = 0;
      for (let i = at; i < at + frameSamples; i++) sum += (this.#samples[i] as number) ** 2;
      levels.push(Math.sqrt(sum / frameSamples));
    }
    const loudest = levels.reduce((most, level) => Math.max(most, level), 0);
    return levels.filter((level) => level > loudest * pauseShare).length;
  }
}

/**
 * The same for an engine that was trained on 16,000 Hz, 16 bit, little endian. Each sample is repeated: that mirrors the upper
 * telephone band into the band above it, where the engine looks for sibilants. Filled up with silence it takes "sales" for "billing".
 */
export function forEngine({ samples }: Utterance): Buffer {
  let peak = 1;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const gain = peakLevel / peak;
  const sound = Buffer.alloc(samples.length * 4);
  let noise = 1;
  samples.forEach((sample, index) => {
    // The same noise each time: what is recognised does not depend on chance.
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
    const hiss = ((noise >>> 16) / 0xff_ff - 0.5) * 2 * noiseLevel;
    const level = Math.max(-32_768, Math.min(32_767, Math.round((sample + hiss) * gain)));
    sound.writeInt16LE(level, index * 4);
    sound.writeInt16LE(level, index * 4 + 2);
  });
  return sound;
}
