import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rms, sine } from '../../test/signals.ts';
import { Ducker } from './ducker.ts';
import { softLimit } from './limiter.ts';
import { inaudibleMax, Mixer, partiesMax, supervise } from './mixer.ts';

/** A mixer whose party `i` says the constant `levels[i]`; undefined says nothing. */
function conference(levels: readonly (number | undefined)[]) {
  const mixer = new Mixer({ sampleRateHz: 8_000 });
  const parties = levels.map(() => mixer.add());
  const mix = (frames = 1) => {
    for (let frame = 0; frame < frames; frame++) {
      for (const [i, level] of levels.entries()) {
        if (level === undefined || mixer.input(parties[i] as number) === undefined) continue;
        mixer.input(parties[i] as number).fill(level);
        mixer.fed(parties[i] as number);
      }
      mixer.mix();
    }
  };
  /** What a party hears at the end of the frame. */
  const heard = (i: number) => mixer.output(parties[i] as number).at(-1) as number;
  return { mixer, parties, mix, heard };
}

describe('mixer', () => {
  it('[MIX-01] gives everybody the sum of the others, however many they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: -400, max: 400 }), { nil: undefined }), {
          minLength: 1,
          maxLength: 40,
        }),
        (levels) => {
          const { mix, heard, mixer } = conference(levels);
          mix();
          const said = levels.map((level = 0) => (Math.abs(level) > inaudibleMax ? level : 0));
          const total = said.reduce((sum, level) => sum + level, 0);
          for (const [i, level] of said.entries()) expect(heard(i)).toBe(total - level);
          expect(mixer.toEverybody()[0]).toBe(total);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('[MIX-09] who sends what cannot be heard hears the same as who says nothing; a step louder, or amplified, it counts', () => {
    const idle = conference([1_000, inaudibleMax, -inaudibleMax, undefined]);
    idle.mix();
    for (const i of [1, 2, 3]) expect(idle.mixer.output(i)).toBe(idle.mixer.toEverybody());
    expect([idle.heard(0), idle.heard(1)]).toEqual([0, 1_000]);
    const louder = conference([1_000, inaudibleMax + 1]);
    louder.mix();
    expect([louder.heard(0), louder.heard(1)]).toEqual([inaudibleMax + 1, 1_000]);
    idle.mixer.setGain(1, 4);
    idle.mix(2);
    expect(idle.heard(0)).toBe(4 * inaudibleMax);
  });

  it('[MIX-02] obeys any routing, gain and mute, as a plain sum over the matrix would', () => {
    const change = fc.record({
      listener: fc.nat(5),
      speaker: fc.nat(5),
      hears: fc.boolean(),
      gain: fc.constantFrom(0, 0.5, 1, 2),
      muted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const levels = [100, 200, 400, 800, 1_600, 3_200];
        const { mixer, mix, heard } = conference(levels);
        const gains = levels.map(() => 1);
        for (const { listener, speaker, hears, gain, muted } of changes) {
          mixer.setHears(listener, speaker, hears);
          mixer.setGain(speaker, gain);
          mixer.setMuted(listener, muted);
          gains[speaker] = gain;
        }
        const muted = levels.map((_, i) => changes.findLast((entry) => entry.listener === i)?.muted ?? false);
        mix(2);
        for (const listener of levels.keys()) {
          let expected = 0;
          for (const [speaker, level] of levels.entries())
            if (mixer.hears(listener, speaker) && muted[speaker] !== true)
              expected += level * (gains[speaker] as number);
          expect(heard(listener)).toBe(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('[MIX-03] lets a supervisor listen, whisper and barge; a whisper stays one for those who join', () => {
    const { mixer, mix, heard, parties } = conference([100, 200, 400]);
    const [customer, agent, supervisor] = parties as [number, number, number];
    supervise(mixer, supervisor, agent, 'listen');
    mix(2);
    expect([heard(0), heard(1), heard(2)]).toEqual([200, 100, 300]);
    supervise(mixer, supervisor, agent, 'whisper');
    const late = mixer.add();
    mix(2);
    expect([heard(0), heard(1), heard(2)]).toEqual([200, 500, 300]);
    expect(mixer.output(late)[0]).toBe(300);
    // What is recorded of them all holds no whisper, nor what is said to nobody.
    expect(mixer.toEverybody()[0]).toBe(300);
    mixer.setAudience(supervisor, []);
    mix();
    expect(mixer.toEverybody()[0]).toBe(300);
    supervise(mixer, supervisor, agent, 'barge');
    mix(2);
    expect([heard(0), heard(1), heard(2)]).toEqual([600, 500, 300]);
    expect(mixer.toEverybody()[0]).toBe(700);
    mixer.remove(supervisor);
    expect(() => mixer.output(supervisor)).toThrow(/party: 2/);
    expect(mixer.hears(customer, agent)).toBe(true);
  });

  it('[MIX-04] changes gain within one frame without a step', () => {
    const { mixer, mix, parties } = conference([8_000, undefined]);
    mix();
    mixer.setMuted(parties[0] as number, true);
    mix();
    const fading = mixer.output(parties[1] as number);
    for (let i = 1; i < fading.length; i++)
      expect(Math.abs((fading[i] as number) - (fading[i - 1] as number))).toBeLessThanOrEqual(51);
    expect(fading.at(-1)).toBe(0);
  });

  it('[MIX-05] shares one array among all who hear everybody and say nothing', () => {
    const { mixer, mix, parties } = conference([500, undefined, undefined, 300]);
    mix();
    expect(mixer.output(parties[1] as number)).toBe(mixer.output(parties[2] as number));
    expect(mixer.output(parties[1] as number)).toBe(mixer.toEverybody());
    expect(mixer.output(parties[0] as number)).not.toBe(mixer.toEverybody());
    mixer.mix();
    expect(mixer.output(parties[0] as number)).toBe(mixer.toEverybody());
    expect(mixer.toEverybody()[0]).toBe(0);
  });

  it('[MIX-06] limits softly: in order, in 16 bits, and unchanged below the knee', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e7, max: 1e7 }), fc.integer({ min: -1e7, max: 1e7 }), (a, b) => {
        const [low, high] = [softLimit(Math.min(a, b)), softLimit(Math.max(a, b))];
        expect(low).toBeLessThanOrEqual(high);
        expect(softLimit(-a) + softLimit(a)).toBe(0);
        expect(Math.abs(softLimit(a))).toBeLessThanOrEqual(32_767);
        if (Math.abs(a) <= 24_576) expect(softLimit(a)).toBe(a);
      }),
    );
  });

  it('[MIX-08] leaves a single voice as it is, bit by bit, up to full scale', () => {
    const { mixer, mix, heard, parties } = conference([32_767, undefined]);
    mix();
    expect(heard(1)).toBe(32_767);
    expect(mixer.toEverybody()[0]).toBe(32_767);
    mixer.setGain(parties[0] as number, 2);
    mix(2);
    expect(heard(1)).toBe(softLimit(65_534));
    const two = conference([30_000, 20_000, undefined]);
    two.mix();
    expect([two.heard(0), two.heard(1), two.heard(2)]).toEqual([20_000, 30_000, softLimit(50_000)]);
  });

  it('[MIX-07] refuses what cannot be', () => {
    const mixer = new Mixer({ sampleRateHz: 16_000, frameMs: 10 });
    expect(mixer.frameSamples).toBe(160);
    expect(() => mixer.setGain(0, 1)).toThrow(/party: 0/);
    const party = mixer.add();
    expect(() => mixer.setGain(party, 9)).toThrow(/gain: 0–8, not 9/);
    expect(() => new Mixer({ sampleRateHz: 8_000, frameMs: 5 })).toThrow(/frameMs/);
    for (let i = 1; i < partiesMax; i++) mixer.add();
    expect(() => mixer.add()).toThrow(/at most 1000/);
    mixer.remove(17);
    expect(mixer.add()).toBe(17);
  });
});

describe('ducker', () => {
  it('[DUCK-01] lets the music step back under the prompt and return after it', () => {
    const ducker = new Ducker({ sampleRateHz: 8_000 });
    const music = sine(300, 8_000, 160, 6_000);
    const prompt = sine(1_000, 8_000, 160, 8_000);
    const out = new Int16Array(160);
    const play = (foreground: Int16Array | undefined, frames: number) => {
      for (let i = 0; i < frames; i++) ducker.mix(music, foreground, out, 160);
      return rms(out);
    };
    expect(play(undefined, 5)).toBeCloseTo(rms(music), 0);
    play(prompt, 5);
    expect(20 * Math.log10(ducker.gain)).toBeCloseTo(-14, 1);
    // A pause between two words does not bring the music back.
    play(new Int16Array(160), 15);
    expect(20 * Math.log10(ducker.gain)).toBeCloseTo(-14, 1);
    expect(play(undefined, 60)).toBeCloseTo(rms(music), 0);
    expect(ducker.gain).toBe(1);
  });
});
