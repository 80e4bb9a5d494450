import { describe, expect, it } from 'vitest';
import { Concealment } from './concealment.ts';
import { noise, rms, sine, snrDb, voice } from '../../test/signals.ts';

/** Plays `pcm` in frames of 20 ms of which those in `lost` do not arrive. */
function play(pcm: Int16Array, rateHz: number, lost: (frame: number) => boolean): Int16Array {
  const frame = rateHz / 50;
  const concealment = new Concealment(rateHz);
  const out = Int16Array.from(pcm);
  for (let at = 0, i = 0; at + frame <= out.length; at += frame, i++) {
    if (lost(i)) concealment.conceal(out, at, frame);
    else concealment.received(out, at, frame);
  }
  return out;
}

describe.each([8_000, 16_000])('concealment at %i Hz', (rateHz) => {
  const frame = rateHz / 50;

  it('[PLC-01] leaves sound without losses as it is', () => {
    const pcm = noise(rateHz);
    expect(play(pcm, rateHz, () => false)).toEqual(pcm);
  });

  it('[PLC-02] goes on with a tone for 10 ms so that the loss is hardly there', () => {
    for (const frequencyHz of [200, 425, 1_000]) {
      const pcm = sine(frequencyHz, rateHz, rateHz);
      const out = play(pcm, rateHz, (i) => i === 20);
      expect(snrDb(pcm, out, 0, 20 * frame, 20 * frame + frame / 2)).toBeGreaterThan(15);
    }
  });

  it('[PLC-02] comes nearer to a voice than silence and than repeating the packet before', () => {
    const pcm = voice(rateHz, 2 * rateHz);
    const isLost = (i: number) => i % 10 === 9;
    const concealed = play(pcm, rateHz, isLost);
    let made = 0;
    let repeated = 0;
    let silent = 0;
    for (let i = 19; i < 99; i += 10) {
      for (let k = i * frame; k < (i + 1) * frame; k++) {
        const wanted = pcm[k] as number;
        made += (wanted - (concealed[k] as number)) ** 2;
        repeated += (wanted - (pcm[k - frame] as number)) ** 2;
        silent += wanted ** 2;
      }
    }
    expect(made).toBeLessThan(silent * 0.4);
    expect(made).toBeLessThan(repeated / 4);
  });

  it('[PLC-03] has no step at either end of a gap', () => {
    const pcm = sine(313, rateHz, rateHz, 10_000);
    const steepest = 10_000 * 2 * Math.PI * (313 / rateHz);
    const out = play(pcm, rateHz, (i) => i === 20 || i === 25 || i === 26);
    for (let i = 1; i < out.length; i++)
      expect(Math.abs((out[i] as number) - (out[i - 1] as number))).toBeLessThan(steepest * 2.2);
  });

  it('[PLC-04] fades by 20 % per 10 ms and is silent after 60 ms', () => {
    const pcm = sine(400, rateHz, rateHz);
    const out = play(pcm, rateHz, (i) => i >= 20);
    const level = (ms: number) =>
      rms(out, 20 * frame + (ms * rateHz) / 1000, 20 * frame + ((ms + 5) * rateHz) / 1000);
    const full = rms(pcm);
    expect(level(0) / full).toBeGreaterThan(0.9);
    expect(level(25) / full).toBeGreaterThan(0.55);
    expect(level(25) / full).toBeLessThan(0.8);
    expect(level(50) / full).toBeLessThan(0.25);
    expect(level(62)).toBe(0);
  });

  it('[PLC-05] keeps noise noisy: as loud as before, and never louder', () => {
    const pcm = noise(rateHz, 4_000);
    const out = play(pcm, rateHz, (i) => i % 4 === 3);
    for (let i = 7; i < 49; i += 4) {
      const ratio = rms(out, i * frame, i * frame + frame / 2) / rms(pcm);
      expect(ratio).toBeGreaterThan(0.6);
      expect(ratio).toBeLessThan(1.4);
    }
  });

  it('[PLC-06] makes nothing of nothing', () => {
    expect(rms(play(new Int16Array(rateHz), rateHz, (i) => i % 2 === 1))).toBe(0);
  });
});
