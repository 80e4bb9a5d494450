import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, rms, sine, snrDb, voice } from '../../test/signals.ts';
import { packetTimeFor } from './choice.ts';
import { g722 } from './g722.ts';
import { createOpus } from './opus.ts';
import { formatOpusFormat, opusPayloadMs, parseOpusFormat } from './opus-payload.ts';
import { pcma, pcmu } from './pcmu-pcma.ts';
import type { OpusEncoderSettings, OpusLibrary } from './port.ts';

describe('codec door', () => {
  it.each([pcmu, pcma])('[CODEC-01] $name keeps a voice with 30 dB to its noise', (codec) => {
    const pcm = voice(8_000, 8_000);
    const bytes = new Uint8Array(8_000);
    const out = new Int16Array(8_000);
    expect(codec.createEncoder().encode(pcm, 0, 8_000, bytes, 0)).toBe(8_000);
    const decoder = codec.createDecoder();
    for (let at = 0; at < 8_000; at += 160) expect(decoder.decode(bytes, at, at + 160, out, at)).toBe(160);
    expect(snrDb(pcm, out)).toBeGreaterThan(30);
  });

  it.each([pcmu, pcma, g722])('[CODEC-02] $name writes only where it was told to', (codec) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...codec.packetTimesMs),
        fc.nat(50),
        fc.nat(50),
        (ms, offset, outOffset) => {
          const encoder = codec.createEncoder();
          const decoder = codec.createDecoder();
          const samples = ms * encoder.samplesPerMs;
          const bytes = new Uint8Array(600).fill(0x5a);
          const length = encoder.encode(sine(500, 8_000, 1_100), offset, samples, bytes, outOffset);
          expect(length).toBe(ms * 8);
          expect(length).toBeLessThanOrEqual(codec.payloadBytesMax);
          expect(bytes.subarray(0, outOffset).every((byte) => byte === 0x5a)).toBe(true);
          expect(bytes.subarray(outOffset + length).every((byte) => byte === 0x5a)).toBe(true);
          const out = new Int16Array(1_200).fill(77);
          expect(decoder.decode(bytes, outOffset, outOffset + length, out, offset)).toBe(samples);
          expect(out.subarray(0, offset).every((sample) => sample === 77)).toBe(true);
          expect(out.subarray(offset + samples).every((sample) => sample === 77)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([pcmu, pcma, g722])('[CODEC-03] $name begins anew after reset', (codec) => {
    const rateHz = codec.sampleRatesHz[0] as number;
    const pcm = voice(rateHz, rateHz / 5);
    const encoder = codec.createEncoder();
    const decoder = codec.createDecoder();
    const once = () => {
      const bytes = new Uint8Array(1_600);
      const length = encoder.encode(pcm, 0, pcm.length, bytes, 0);
      const out = new Int16Array(pcm.length);
      decoder.decode(bytes, 0, length / 2, out, 0);
      decoder.recover(bytes, 0, 160, 160, out, 0);
      encoder.reset();
      decoder.reset();
      return fingerprint(bytes) + fingerprint(out);
    };
    const first = once();
    expect(once()).toBe(first);
    encoder.expectLoss(5);
    encoder.close();
    decoder.close();
  });

  it('[CODEC-04] picks the packet time that was asked for, or the next shorter one', () => {
    const opus = createOpus(fakeLibrary([]));
    expect([5, 10, 25, 30, 60, 100].map((ms) => packetTimeFor(pcmu, ms))).toEqual([10, 10, 20, 30, 60, 60]);
    expect([10, 30, 50, 60].map((ms) => packetTimeFor(opus, ms))).toEqual([10, 20, 40, 60]);
  });
});

/** A library that writes down how it is used. */
function fakeLibrary(log: string[], settings: OpusEncoderSettings[] = []): OpusLibrary {
  return {
    createEncoder(wanted) {
      settings.push(wanted);
      return {
        encode: (pcm) => {
          log.push(`encode ${pcm.length}`);
          return rms(pcm) === 0 ? Uint8Array.of(0x08) : Uint8Array.of(0x08, 1, 2, 3);
        },
        setExpectedLossPercent: (percent) => log.push(`loss ${percent}`),
        close: () => log.push('close encoder'),
      };
    },
    createDecoder: () => ({
      decode: (payload) => {
        if (payload[1] === 0xff) throw new Error('damaged');
        log.push(`decode ${payload.length}`);
        return new Int16Array(320).fill(1);
      },
      recover: (_payload, samples) => {
        log.push(`recover ${samples}`);
        return new Int16Array(samples).fill(2);
      },
      conceal: (samples) => {
        log.push(`conceal ${samples}`);
        return new Int16Array(samples).fill(3);
      },
      close: () => log.push('close decoder'),
    }),
  };
}

describe('Opus codec over any library', () => {
  it('[OPUS-06] asks for what was agreed, within what Opus can', () => {
    const settings: OpusEncoderSettings[] = [];
    const opus = createOpus(fakeLibrary([], settings));
    opus.createEncoder();
    opus.createEncoder({ sampleRateHz: 8_000, bitrate: 1, complexity: 99, expectedLossPercent: 300 });
    opus.createEncoder({ sampleRateHz: 48_000, maxPlaybackRateHz: 12_500, inbandFec: true, dtx: true });
    expect(settings).toEqual([
      {
        sampleRateHz: 16_000,
        bitrate: 24_000,
        complexity: 1,
        inbandFec: false,
        expectedLossPercent: 0,
        dtx: false,
        maxBandwidthRateHz: 16_000,
      },
      {
        sampleRateHz: 8_000,
        bitrate: 6_000,
        complexity: 10,
        inbandFec: false,
        expectedLossPercent: 100,
        dtx: false,
        maxBandwidthRateHz: 8_000,
      },
      {
        sampleRateHz: 48_000,
        bitrate: 32_000,
        complexity: 1,
        inbandFec: true,
        expectedLossPercent: 0,
        dtx: true,
        maxBandwidthRateHz: 12_000,
      },
    ]);
  });

  it('[OPUS-06] tells the library about losses only when error correction was agreed, and once per change', () => {
    const log: string[] = [];
    const opus = createOpus(fakeLibrary(log));
    opus.createEncoder().expectLoss(10);
    const encoder = opus.createEncoder({ inbandFec: true });
    for (const percent of [0, 10, 10, 3.4]) encoder.expectLoss(percent);
    encoder.reset();
    encoder.close();
    expect(log).toEqual(['loss 10', 'loss 3', 'close encoder', 'close encoder']);
  });

  it('[OPUS-03] conceals what is damaged, restores as far as the next packet reaches, and the rest by guessing', () => {
    const log: string[] = [];
    const decoder = createOpus(fakeLibrary(log)).createDecoder();
    const out = new Int16Array(2_000);
    // Configuration 1: SILK, narrow band, 20 ms.
    const payload = Uint8Array.of(0x08, 1, 2, 3);
    expect(decoder.decode(payload, 0, 4, out, 0)).toBe(320);
    expect(decoder.decode(Uint8Array.of(0x08, 0xff), 0, 2, out, 0)).toBe(320);
    expect(out[0]).toBe(3);
    expect(decoder.recover(payload, 0, 4, 640, out, 0)).toBe(640);
    expect([out[0], out[319], out[320], out[639]]).toEqual([3, 3, 2, 2]);
    expect(decoder.recover(payload, 0, 0, 320, out, 0)).toBe(320);
    expect(log).toEqual(['decode 4', 'conceal 320', 'conceal 320', 'recover 320', 'conceal 320']);
  });

  it('[OPUS-04] announces a pause and keeps what follows back, only when DTX was agreed', () => {
    const opus = createOpus(fakeLibrary([]));
    const out = new Uint8Array(10);
    const silence = new Int16Array(320);
    const pausing = opus.createEncoder({ dtx: true });
    expect([0, 0, 0].map(() => pausing.encode(silence, 0, 320, out, 0))).toEqual([1, 0, 0]);
    expect(opus.pausesAfter(out, 0, 1)).toBe(true);
    expect(pausing.encode(sine(400, 16_000, 320), 0, 320, out, 0)).toBe(4);
    expect(opus.pausesAfter(out, 0, 4)).toBe(false);
    expect(pausing.encode(silence, 0, 320, out, 0)).toBe(1);
    expect(opus.createEncoder().encode(silence, 0, 320, out, 0)).toBe(1);
  });
});

describe('Opus payloads and parameters', () => {
  it('[OPUS-07] reads the length of a payload from its first bytes (RFC 6716 §3.1)', () => {
    const ms = (...bytes: number[]) => opusPayloadMs(Uint8Array.from(bytes), 0, bytes.length);
    // SILK 10, 20, 40, 60 ms; hybrid 10, 20; CELT 2.5, 5, 10, 20.
    expect([0, 1, 2, 3, 12, 13, 28, 29, 30, 31].map((configuration) => ms(configuration << 3, 0))).toEqual([
      10, 20, 40, 60, 10, 20, 2.5, 5, 10, 20,
    ]);
    expect(ms(0x09, 0, 0)).toBe(40);
    expect(ms(0x0a, 1, 0, 0)).toBe(40);
    expect(ms(0x0b, 3, 0, 0, 0)).toBe(60);
    expect(ms(0x0b, 7, 0, 0, 0)).toBe(0);
    expect(ms(0x0b)).toBe(0);
    expect(ms()).toBe(0);
    expect(opusPayloadMs(Uint8Array.of(9, 9, 0x08, 1), 2, 4)).toBe(20);
  });

  it('[OPUS-08] reads and writes fmtp parameters with the defaults of RFC 7587 §6.1', () => {
    const plain = parseOpusFormat('');
    expect(plain).toEqual({
      maxPlaybackRateHz: 48_000,
      maxAverageBitrate: undefined,
      stereo: false,
      inbandFec: false,
      dtx: false,
      constantBitrate: false,
    });
    const rich = parseOpusFormat(
      ' maxplaybackrate=16000; MaxAverageBitrate=20000;stereo=1; useinbandfec=1 ;usedtx=1;cbr=1;x=y;z',
    );
    expect(rich).toEqual({
      maxPlaybackRateHz: 16_000,
      maxAverageBitrate: 20_000,
      stereo: true,
      inbandFec: true,
      dtx: true,
      constantBitrate: true,
    });
    expect(parseOpusFormat(formatOpusFormat(rich))).toEqual(rich);
    expect(parseOpusFormat(formatOpusFormat(plain))).toEqual(plain);
    expect(formatOpusFormat({ inbandFec: true })).toBe('stereo=0;useinbandfec=1');
    expect(parseOpusFormat('maxplaybackrate=1;maxaveragebitrate=x')).toEqual(plain);
  });

  it('[OPUS-08] reads anything without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const format = parseOpusFormat(text);
        expect(parseOpusFormat(formatOpusFormat(format))).toEqual(format);
      }),
    );
  });
});
