import {
  createOpus,
  g722,
  levelDbm0,
  meetingRates,
  opusPayloadMs,
  pcma,
  pcmu,
  StreamReceiver,
  synthesizeTone,
  toneLevelDbm0,
  Transcoder,
} from '@crosspoint/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadOpusLibrary } from './opus-library.ts';

let opus: ReturnType<typeof createOpus>;
beforeAll(async () => {
  opus = createOpus(await loadOpusLibrary());
});

/** Lets what was resolved already run: the decoder's creation. */
const turn = () => Promise.resolve().then(() => Promise.resolve());

/** A hoarse voice: harmonics of a moving pitch, louder and softer as syllables are. */
function voice(rateHz: number, ms: number): Int16Array {
  const samples = new Int16Array((rateHz * ms) / 1000);
  let phase = 0;
  for (let i = 0; i < samples.length; i++) {
    const seconds = i / rateHz;
    const pitchHz = 120 + 20 * Math.sin(2 * Math.PI * seconds);
    phase += pitchHz / rateHz;
    let sum = 0;
    for (let h = 1; h < 20; h++)
      sum += Math.sin(2 * Math.PI * phase * h) * Math.exp(-Math.abs(h * pitchHz - 600) / 400);
    samples[i] = 2_500 * sum * (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * seconds));
  }
  return samples;
}

async function pair(sampleRateHz: 8_000 | 16_000 | 48_000, options = {}) {
  const encoder = opus.createEncoder({ sampleRateHz, ...options });
  const decoder = opus.createDecoder({ sampleRateHz });
  await turn();
  return { encoder, decoder };
}

/** Encodes in 20 ms packets. */
function encodeAll(encoder: ReturnType<typeof opus.createEncoder>, pcm: Int16Array): Uint8Array[] {
  const frame = 20 * encoder.samplesPerMs;
  const payload = new Uint8Array(opus.payloadBytesMax);
  const payloads: Uint8Array[] = [];
  for (let at = 0; at + frame <= pcm.length; at += frame)
    payloads.push(payload.slice(0, encoder.encode(pcm, at, frame, payload, 0)));
  return payloads;
}

describe('Opus through its libraries', () => {
  it.each([8_000, 16_000, 48_000] as const)('[OPUS-01] keeps a tone at %i Hz', async (rate) => {
    const { encoder, decoder } = await pair(rate);
    const tone = Int16Array.from(
      { length: rate },
      (_, i) => 8_000 * Math.sin((2 * Math.PI * 1_000 * i) / rate),
    );
    const out = new Int16Array(rate + 120 * decoder.samplesPerMs);
    let at = 0;
    for (const payload of encodeAll(encoder, tone)) {
      expect(opus.payloadUnits(payload, 0, payload.length)).toBe(960);
      at += decoder.decode(payload, 0, payload.length, out, at);
    }
    expect(at).toBe(rate);
    const settled = out.subarray(rate / 2, at);
    // Levels are defined at 8,000 Hz; every nth sample of a 1,000 Hz tone is the same tone.
    const thinned = settled.filter((_, i) => i % (rate / 8_000) === 0);
    expect(toneLevelDbm0(thinned, 1_000)).toBeGreaterThan(levelDbm0(tone) - 1.5);
    expect(toneLevelDbm0(thinned, 1_000)).toBeLessThan(levelDbm0(tone) + 1.5);
  });

  it('[OPUS-02] restores a lost packet from the next one better than by guessing', async () => {
    const pcm = voice(16_000, 4_000);
    const { encoder } = await pair(16_000, { inbandFec: true, expectedLossPercent: 25, bitrate: 32_000 });
    const payloads = encodeAll(encoder, pcm);
    const play = async (fill: 'nothing' | 'conceal' | 'recover') => {
      const decoder = opus.createDecoder({ sampleRateHz: 16_000 });
      await turn();
      const out = new Int16Array(pcm.length);
      for (const [i, payload] of payloads.entries()) {
        const lost = fill !== 'nothing' && i % 5 === 4 && i + 1 < payloads.length;
        const next = payloads[i + 1] as Uint8Array;
        if (!lost) decoder.decode(payload, 0, payload.length, out, i * 320);
        else if (fill === 'conceal') decoder.conceal(320, out, i * 320);
        else decoder.recover(next, 0, next.length, 320, out, i * 320);
      }
      decoder.close();
      return out;
    };
    const whole = await play('nothing');
    const error = (other: Int16Array) =>
      other.reduce((sum, v, i) => sum + (v - (whole[i] as number)) ** 2, 0);
    const concealed = error(await play('conceal'));
    const recovered = error(await play('recover'));
    expect(concealed).toBeGreaterThan(0);
    expect(recovered).toBeLessThan(concealed * 0.6);
  });

  it('[OPUS-03] survives damaged payloads and conceals any length', async () => {
    const { decoder } = await pair(8_000);
    const out = new Int16Array(8 * 500);
    for (let first = 0; first < 256; first++) {
      const payload = Uint8Array.from({ length: 40 }, (_, i) =>
        i === 0 ? first : (i * 89 + first * 7) & 255,
      );
      const samples = decoder.decode(payload, 0, payload.length, out, 0);
      expect(samples).toBe(opusPayloadMs(payload, 0, payload.length) * 8);
    }
    expect(decoder.decode(out as unknown as Uint8Array, 5, 5, out, 0)).toBe(0);
    for (const samples of [1, 79, 160, 961, 3_000]) expect(decoder.conceal(samples, out, 0)).toBe(samples);
    decoder.close();
    expect(decoder.conceal(160, out, 0)).toBe(160);
    expect(levelDbm0(out.subarray(0, 160))).toBeLessThan(-60);
  });

  it('[OPUS-04] sends nothing during silence when DTX was agreed', async () => {
    const { encoder } = await pair(16_000, { dtx: true });
    const silence = encodeAll(encoder, new Int16Array(16_000 * 2)).slice(50);
    expect(silence.filter((payload) => payload.length > 0).length).toBeLessThan(silence.length / 4);
    const tone = encodeAll(encoder, synthesizeTone({ frequenciesHz: [425], levelDbm0: -10, onMs: 1_000 }));
    expect(tone.filter((payload) => payload.length > 0).length).toBeGreaterThan(tone.length / 2);
  });

  it('[OPUS-04] bridges the pauses of a sender with DTX without taking them for losses', async () => {
    const encoder = opus.createEncoder({ sampleRateHz: 16_000, dtx: true });
    const receiver = new StreamReceiver({ codec: opus, sampleRateHz: 16_000 });
    await turn();
    const pcm = voice(16_000, 6_000);
    for (let i = 16_000 * 2; i < 16_000 * 4; i++) pcm[i] = (i * 7_919) % 31;
    const payload = new Uint8Array(opus.payloadBytesMax);
    const out = new Int16Array(320);
    let sequence = 0;
    let unsent = 0;
    const levels: number[] = [];
    for (let ms = 0; ms < 6_000; ms += 20) {
      const bytes = encoder.encode(pcm, ms * 16, 320, payload, 0);
      if (bytes === 0) unsent++;
      else receiver.put(sequence++, ms * 48, payload, 0, bytes, ms);
      receiver.read(out, 0, 320, ms + 5);
      levels.push(levelDbm0(out));
    }
    expect(unsent).toBeGreaterThan(50);
    expect(receiver.statistics()).toMatchObject({ lost: 0, underruns: 0, concealedMs: 0 });
    expect(Math.max(...levels.slice(150, 195))).toBeLessThan(-40);
    expect(Math.max(...levels.slice(220, 300))).toBeGreaterThan(-25);
  });

  it('[OPUS-05] obeys bit rate, error correction and packet time', async () => {
    const bytes = (payloads: Uint8Array[]) => payloads.reduce((sum, payload) => sum + payload.length, 0);
    const pcm = voice(16_000, 2_000);
    const low = bytes(encodeAll((await pair(16_000, { bitrate: 12_000 })).encoder, pcm));
    const high = bytes(encodeAll((await pair(16_000, { bitrate: 40_000 })).encoder, pcm));
    expect(low).toBeLessThan((12_000 / 8) * 2 * 1.3);
    expect(high).toBeGreaterThan(low * 1.5);
    const { encoder } = await pair(16_000);
    const payload = new Uint8Array(opus.payloadBytesMax);
    for (const packetTimeMs of opus.packetTimesMs) {
      const length = encoder.encode(pcm, 0, packetTimeMs * 16, payload, 0);
      expect(opusPayloadMs(payload, 0, length)).toBe(packetTimeMs);
    }
    expect(() => opus.createEncoder({ sampleRateHz: 44_100 as 48_000 })).toThrow(/sampleRateHz.*44100/);
  });
});

describe('transcoding with Opus', () => {
  const tone = (rateHz: number) =>
    Int16Array.from({ length: rateHz * 2 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 800 * i) / rateHz));

  it.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)(
    '[XCODE-03] to and from %s at any packet time',
    async (name) => {
      const other = { PCMU: pcmu, PCMA: pcma, G722: g722, opus }[name];
      for (const [from, to] of [
        [opus, other],
        [other, opus],
      ] as const) {
        for (const [fromMs, toMs] of [
          [20, 20],
          [60, 20],
          [20, 60],
        ] as const) {
          const { fromHz, toHz } = meetingRates(from, to);
          const transcoder = new Transcoder({
            from,
            to,
            packetTimeMs: toMs,
            delayMinMs: 60,
            encoder: { bitrate: 32_000 },
          });
          const encoder = from.createEncoder({ sampleRateHz: fromHz });
          const decoder = to.createDecoder({ sampleRateHz: toHz });
          await turn();
          const pcm = tone(fromHz);
          const payload = new Uint8Array(2_000);
          const heard = new Int16Array(toHz * 2);
          let at = 0;
          for (let ms = 0; ms < 1_920; ms += 20) {
            if (ms % fromMs === 0) {
              const samples = fromMs * encoder.samplesPerMs;
              const bytes = encoder.encode(pcm, (ms * fromHz) / 1000, samples, payload, 0);
              transcoder.put(ms / fromMs, (ms * from.clockRateHz) / 1000, payload, 0, bytes, ms);
            }
            if (ms % toMs !== 0) continue;
            const bytes = transcoder.take(ms + 2, payload, 0);
            at += decoder.decode(payload, 0, bytes, heard, at);
          }
          expect(at).toBeGreaterThan(toHz * 1.8);
          const settled = heard.subarray(at / 2, at).filter((_, i) => i % (toHz / 8_000) === 0);
          expect(toneLevelDbm0(settled, 800)).toBeCloseTo(levelDbm0(pcm), -0.3);
          expect(transcoder.statistics()).toMatchObject({ lost: 0, discarded: 0 });
          transcoder.close();
        }
      }
    },
  );
});
