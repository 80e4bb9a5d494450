import { describe, expect, it } from 'vitest';
import { g722 } from './g722.ts';
import { fingerprint, noise, rms, sine, snrDb, voice } from '../../test/signals.ts';

/** Samples by which the two filters delay (11 pairs). */
const delay = 22;

function encode(pcm: Int16Array, frame = 320): Uint8Array {
  const encoder = g722.createEncoder();
  const out = new Uint8Array(pcm.length / 2);
  for (let at = 0; at < pcm.length; at += frame)
    encoder.encode(pcm, at, Math.min(frame, pcm.length - at), out, at / 2);
  return out;
}

function decode(bytes: Uint8Array, frame = 160): Int16Array {
  const decoder = g722.createDecoder();
  const out = new Int16Array(bytes.length * 2);
  for (let at = 0; at < bytes.length; at += frame)
    decoder.decode(bytes, at, Math.min(at + frame, bytes.length), out, 2 * at);
  return out;
}

describe('G.722', () => {
  it('[G722-01] is bit-exact: bytes and samples agree with an independent implementation', () => {
    // The fingerprints were compared with those of another, tested implementation over the same signals.
    const signal = Int16Array.from([
      ...noise(16_000, 20_000, 7),
      ...noise(16_000, 900, 8),
      ...noise(8_000, 32_767, 9),
    ]);
    const encoded = encode(signal);
    expect(fingerprint(encoded)).toBe('c4ae01fc');
    expect(fingerprint(decode(encoded.subarray(0, 16_000)))).toBe('176b4e5c');
  });

  it('[G722-01] gives the same whatever the length of the packets', () => {
    const signal = voice(16_000, 16_000);
    const encoded = encode(signal);
    for (const frame of [160, 480, 960, 14_000]) expect(encode(signal, frame)).toEqual(encoded);
    const decoded = decode(encoded);
    for (const frame of [80, 480, 960]) expect(decode(encoded, frame)).toEqual(decoded);
  });

  it.each([
    [100, 30],
    [440, 30],
    [1_000, 30],
    [3_000, 30],
    [3_900, 14],
    [5_000, 14],
    [6_500, 14],
  ])('[G722-02] keeps a tone of %i Hz with %i dB to its noise', (frequencyHz, leastDb) => {
    const tone = sine(frequencyHz, 16_000, 16_000);
    expect(snrDb(tone, decode(encode(tone)), delay, 4_000)).toBeGreaterThan(leastDb);
  });

  it('[G722-02] is flat from 50 to 7,000 Hz', () => {
    for (let frequencyHz = 50; frequencyHz <= 7_000; frequencyHz += 278) {
      const tone = sine(frequencyHz, 16_000, 8_000);
      const ratioDb = 20 * Math.log10(rms(decode(encode(tone)), 4_000) / rms(tone, 4_000));
      expect(Math.abs(ratioDb)).toBeLessThan(1);
    }
  });

  it('[G722-02] keeps a voice with 20 dB to its noise', () => {
    const pcm = voice(16_000, 32_000);
    expect(snrDb(pcm, decode(encode(pcm)), delay, 1_000)).toBeGreaterThan(20);
  });

  it('[G722-03] decodes any bytes, at most 120 ms at once', () => {
    const bytes = Uint8Array.from({ length: 2_000 }, (_, i) => (i * 151) & 255);
    const out = new Int16Array(4_000);
    const decoder = g722.createDecoder();
    expect(decoder.decode(bytes, 0, 2_000, out, 0)).toBe(1_920);
    expect(decoder.decode(bytes, 3, 3, out, 0)).toBe(0);
    expect(g722.payloadUnits(bytes, 0, 160)).toBe(160);
    expect(() => g722.createDecoder({ sampleRateHz: 8_000 })).toThrow(/G722 works at 16000 Hz, not 8000/);
  });

  it('[G722-04] is back to its quality within three packets after a loss', () => {
    const pcm = voice(16_000, 32_000);
    const encoded = encode(pcm);
    const whole = decode(encoded);
    const decoder = g722.createDecoder();
    const out = new Int16Array(pcm.length);
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 5) decoder.conceal(320, out, i * 320);
      else decoder.decode(encoded, i * 160, i * 160 + 160, out, i * 320);
    }
    let worst = Number.POSITIVE_INFINITY;
    for (let i = 18; i < 100; i += 10) worst = Math.min(worst, snrDb(whole, out, 0, i * 320, i * 320 + 320));
    expect(worst).toBeGreaterThan(10);
  });

  it('[G722-05] is nearer to the sender after a loss than quantisers that stood still', () => {
    const pcm = voice(16_000, 64_000);
    const encoded = encode(pcm);
    const whole = decode(encoded);
    let sum = 0;
    for (let phase = 0; phase < 10; phase++) {
      const decoder = g722.createDecoder();
      const out = new Int16Array(pcm.length);
      for (let i = 0; i < 200; i++) {
        if (i % 10 === phase) decoder.conceal(320, out, i * 320);
        else decoder.decode(encoded, i * 160, i * 160 + 160, out, i * 320);
        const since = (i + 10 - phase) % 10;
        if (i >= 20 && since >= 1 && since <= 3) sum += snrDb(whole, out, 0, i * 320, i * 320 + 320);
      }
    }
    // Standing still they come to 13.2 dB.
    expect(sum / (10 * 18 * 3)).toBeGreaterThan(14);
  });
});
