/** Signals for tests, the same at every run, and how near one is to another. */

export function sine(frequencyHz: number, rateHz: number, length: number, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)),
  );
}

/** Evenly distributed noise from a linear congruential generator, in whole numbers only. */
export function noise(length: number, amplitude = 8_000, seed = 1): Int16Array {
  let state = seed >>> 0;
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.trunc(((state >>> 16) - 32_768) * (amplitude / 32_768));
  });
}

/** A hoarse voice: harmonics of a moving pitch through one formant, louder and softer as syllables are. */
export function voice(rateHz: number, length: number, amplitude = 3_000): Int16Array {
  const samples = new Int16Array(length);
  const breath = noise(length, amplitude / 20);
  let phase = 0;
  for (let i = 0; i < length; i++) {
    const seconds = i / rateHz;
    const pitchHz = 130 + 15 * Math.sin(2 * Math.PI * 0.7 * seconds);
    phase += pitchHz / rateHz;
    let sum = 0;
    for (let h = 1; h * pitchHz < rateHz * 0.45 && h < 24; h++)
      sum += Math.sin(2 * Math.PI * phase * h) * Math.exp(-Math.abs(h * pitchHz - 500) / 350);
    samples[i] = amplitude * sum * (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * seconds)) + (breath[i] as number);
  }
  return samples;
}

/** Signal-to-noise ratio in dB of `actual` against `expected[0…]`, between `from` and `to`; actual lags by `delay` samples. */
export function snrDb(
  expected: Int16Array,
  actual: Int16Array,
  delay = 0,
  from = 0,
  to = expected.length - delay,
): number {
  let signal = 0;
  let error = 0;
  for (let i = from; i < to; i++) {
    signal += (expected[i] as number) ** 2;
    error += ((expected[i] as number) - (actual[i + delay] as number)) ** 2;
  }
  return 10 * Math.log10(signal / Math.max(error, 1e-9));
}

/** Root of the mean square of `samples[from, to)`. */
export function rms(samples: Int16Array, from = 0, to = samples.length): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (samples[i] as number) ** 2;
  return Math.sqrt(sum / (to - from));
}

/** FNV-1a over bytes, for results that must be exact. */
export function fingerprint(bytes: ArrayBufferView): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16);
}
