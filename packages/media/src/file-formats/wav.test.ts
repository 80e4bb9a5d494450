import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeakMeter } from '../peaks.ts';
import { decodeWavFrames, Resampler } from '../sound.ts';
import { toneLevelDbm0 } from '../tones.ts';
import {
  parseWavHeader,
  repairWavHeader,
  type WavFormat,
  wavDataBytesMax,
  wavFrameBytes,
  writeWavHeader,
} from './wav.ts';

const format: fc.Arbitrary<WavFormat> = fc.record({
  encoding: fc.constantFrom('pcm16', 'ulaw', 'alaw'),
  channels: fc.constantFrom(1, 2),
  rateHz: fc.integer({ min: 8_000, max: 48_000 }),
});
const stereo: WavFormat = { encoding: 'pcm16', channels: 2, rateHz: 8000 };

function sine(frequencyHz: number, rateHz: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)),
  );
}

describe('WAV', () => {
  it('[WAV-02] reads the header that it wrote', () => {
    fc.assert(
      fc.property(format, fc.integer({ min: 0, max: wavDataBytesMax }), (wanted, dataBytes) => {
        const bytes = new Uint8Array(44);
        writeWavHeader(bytes, wanted, dataBytes);
        expect(parseWavHeader(bytes)).toEqual({ ...wanted, dataStart: 44, dataBytes });
      }),
    );
    expect(() => writeWavHeader(new Uint8Array(44), stereo, wavDataBytesMax + 1)).toThrow(/dataBytes/);
  });

  it('[WAV-02] survives any bytes with a problem that says what to do', () => {
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 60 }), fc.nat(60), (wanted, noise, at) => {
        const bytes = new Uint8Array(120);
        writeWavHeader(bytes, wanted, 76);
        bytes.set(noise, Math.min(at, 60));
        const info = parseWavHeader(bytes.subarray(0, 44 + at));
        if ('problem' in info) expect(info.problem.length).toBeGreaterThan(20);
        else expect(info.channels === 1 || info.channels === 2).toBe(true);
      }),
    );
    expect(parseWavHeader(new Uint8Array(0))).toHaveProperty('problem');
  });

  it('[WAV-02] skips chunks that it does not know, and names what it cannot play', () => {
    const plain = new Uint8Array(44);
    writeWavHeader(plain, { encoding: 'ulaw', channels: 1, rateHz: 8000 }, 0);
    const bytes = new Uint8Array(44 + 12);
    bytes.set(plain.subarray(0, 12));
    bytes.set([0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0], 12);
    bytes.set(plain.subarray(12), 24);
    expect(parseWavHeader(bytes)).toMatchObject({ encoding: 'ulaw', dataStart: 56 });
    for (const [offset, value, word] of [
      [20, 85, /format 85/],
      [22, 6, /channels.*6/],
      [24, 1, /sample rate/],
      [36, 0, /no data chunk/],
    ] as const) {
      const changed = Uint8Array.from(plain);
      changed[offset] = value;
      const info = parseWavHeader(changed);
      expect('problem' in info && info.problem).toMatch(word);
    }
  });

  it('[WAV-03] states what is there after a crash, once', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (stated, present) => {
        const header = new Uint8Array(44);
        writeWavHeader(header, stereo, stated * 4);
        const repair = repairWavHeader(header, 44 + present);
        if ('problem' in repair) throw new Error(repair.problem);
        expect(repair.dataBytes).toBe(present - (present % 4));
        expect(repair.fileBytes).toBe(44 + repair.dataBytes);
        expect(repair.durationSeconds).toBeCloseTo(repair.dataBytes / 32_000, 9);
        expect(parseWavHeader(header)).toMatchObject({ dataBytes: repair.dataBytes });
        expect(repairWavHeader(header, repair.fileBytes)).toMatchObject({ repaired: false });
      }),
    );
    expect(repairWavHeader(new Uint8Array(44), 43)).toHaveProperty('problem');
    expect(repairWavHeader(new Uint8Array(44), 5_000)).toHaveProperty('problem');
  });

  it('[WAV-02] decodes frames of every kind to mono', () => {
    const pcm = new Uint8Array(new Int16Array([100, 300, -200, -400]).buffer);
    expect(Array.from(decodeWavFrames(pcm, { ...stereo, dataStart: 0, dataBytes: 8 }))).toEqual([200, -300]);
    const ulaw = { encoding: 'ulaw', channels: 1, rateHz: 8000, dataStart: 0, dataBytes: 2 } as const;
    expect(Array.from(decodeWavFrames(Uint8Array.of(0xff, 0x80), ulaw))).toEqual([0, 32_124]);
    expect(wavFrameBytes(ulaw)).toBe(1);
  });
});

describe('resampling', () => {
  it('[RES-01] keeps tones of the telephone band and removes what lies above, in any pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(11_025, 16_000, 22_050, 32_000, 44_100, 48_000),
        fc.integer({ min: 3, max: 34 }),
        fc.integer({ min: 100, max: 5_000 }),
        (rateHz, hundreds, pieceLength) => {
          const frequencyHz = hundreds * 100;
          const input = sine(frequencyHz, rateHz, rateHz);
          const resampler = new Resampler(rateHz);
          const output: number[] = [];
          for (let at = 0; at < input.length; at += pieceLength)
            output.push(...resampler.push(input.subarray(at, at + pieceLength)));
          output.push(...resampler.finish());
          expect(Math.abs(output.length - 8000)).toBeLessThanOrEqual(1);
          const level = toneLevelDbm0(output, frequencyHz, 8000, 400, 7_600);
          expect(Math.abs(level - toneLevelDbm0(input, frequencyHz, rateHz))).toBeLessThan(0.5);
        },
      ),
      { numRuns: 25 },
    );
    const above = new Resampler(48_000).push(sine(4_600, 48_000, 48_000));
    expect(toneLevelDbm0(above, 3_400, 8000, 400, 7_600)).toBeLessThan(-55);
    expect(() => new Resampler(7_999)).toThrow(/rateHz/);
  });
});

describe('peaks', () => {
  it('[PEAK-01] finds the highest level of each stretch, whatever the pieces', () => {
    const samples = fc.int16Array({ minLength: 2, maxLength: 400 });
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 30 }),
        (all, framesPerPeak, piece) => {
          const whole = all.subarray(0, all.length - (all.length % 2));
          const meter = new PeakMeter(2, framesPerPeak);
          for (let at = 0; at < whole.length; at += piece * 2) meter.push(whole.subarray(at, at + piece * 2));
          const [left = [], right = []] = meter.finish();
          expect(left).toHaveLength(Math.ceil(whole.length / 2 / framesPerPeak));
          for (const [side, peaks] of [left, right].entries()) {
            for (const [i, peak] of peaks.entries()) {
              let highest = 0;
              for (
                let frame = i * framesPerPeak;
                frame < (i + 1) * framesPerPeak && frame * 2 < whole.length;
                frame++
              ) {
                highest = Math.max(highest, Math.abs(whole[frame * 2 + side] as number));
              }
              expect(Math.abs(peak - highest / 32_768)).toBeLessThan(0.001);
            }
          }
        },
      ),
    );
  });

  it('[PEAK-01] has a limit', () => {
    const meter = new PeakMeter(1, 1, 3);
    meter.push(Int16Array.of(1, 2, 3, 4));
    expect(meter.finish()[0]).toHaveLength(3);
    expect(() => new PeakMeter(3, 1)).toThrow(/channels/);
    expect(() => new PeakMeter(1, 0)).toThrow(/framesPerPeak/);
  });
});
