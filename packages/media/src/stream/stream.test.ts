import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, g722, packetTimesMs, pcma, pcmu } from '../codec/index.ts';
import { fingerprint, noise, rms, sine, voice } from '../../test/signals.ts';
import { encodeComfortNoise } from '../comfort-noise/index.ts';
import { transcodeInPlace } from '../g711.ts';
import { StreamReceiver } from './stream-receiver.ts';
import { StreamSender } from './stream-sender.ts';
import { stretchFrame } from './time-stretch.ts';
import { directTable, meetingRates, Transcoder } from './transcoder.ts';

const codecs: readonly Codec[] = [pcmu, pcma, g722];
const rateOf = (codec: Codec) => codec.sampleRatesHz[0] as number;

/** Payloads of a signal at the codec's rate. */
function packetsOf(codec: Codec, pcm: Int16Array, packetTimeMs: number): Uint8Array[] {
  const encoder = codec.createEncoder();
  const length = packetTimeMs * encoder.samplesPerMs;
  const out = new Uint8Array(codec.payloadBytesMax);
  const packets: Uint8Array[] = [];
  for (let at = 0; at + length <= pcm.length; at += length)
    packets.push(out.slice(0, encoder.encode(pcm, at, length, out, 0)));
  return packets;
}

interface Reception {
  readonly packetTimeMs: number;
  readonly readMs: number;
  readonly clockRatio?: number;
  readonly delayMs?: (packet: number) => number | undefined;
}

/** Sends packets over a line and reads what comes out. */
function receive(receiver: StreamReceiver, packets: readonly Uint8Array[], line: Reception): Int16Array {
  const samples = (receiver.sampleRateHz / 1000) * line.readMs;
  const arrivals = packets
    .map((payload, i) => ({
      payload,
      i,
      atMs: i * line.packetTimeMs * (line.clockRatio ?? 1) + (line.delayMs?.(i) ?? 0),
    }))
    .filter(({ i }) => line.delayMs === undefined || line.delayMs(i) !== undefined)
    .sort((a, b) => a.atMs - b.atMs);
  const reads = Math.floor((packets.length * line.packetTimeMs) / line.readMs);
  const out = new Int16Array(reads * samples);
  let next = 0;
  for (let read = 0; read < reads; read++) {
    const nowMs = read * line.readMs + 3;
    for (; next < arrivals.length && (arrivals[next]?.atMs as number) <= nowMs; next++) {
      const { i, payload, atMs } = arrivals[next] as (typeof arrivals)[number];
      const timestamp = i * line.packetTimeMs * 8;
      receiver.put(i & 0xffff, timestamp, payload, 0, payload.length, atMs);
    }
    receiver.read(out, read * samples, samples, nowMs);
  }
  return out;
}

/** The steepest step between neighbours. */
function steepest(pcm: Int16Array): number {
  let most = 0;
  for (let i = 1; i < pcm.length; i++)
    most = Math.max(most, Math.abs((pcm[i] as number) - (pcm[i - 1] as number)));
  return most;
}

describe('stream receiver', () => {
  const lengths = packetTimesMs.flatMap((packetTimeMs) =>
    packetTimesMs.map((readMs) => [packetTimeMs, readMs]),
  );

  it.each(lengths)(
    '[STR-01] turns packets of %i ms into reads of %i ms without a seam',
    (packetTimeMs, readMs) => {
      for (const codec of codecs) {
        const rateHz = rateOf(codec);
        const tone = sine(400, rateHz, rateHz * 2);
        const receiver = new StreamReceiver({ codec, delayMinMs: 70 });
        const out = receive(receiver, packetsOf(codec, tone, packetTimeMs), {
          packetTimeMs: packetTimeMs as number,
          readMs: readMs as number,
        });
        const settled = out.subarray(rateHz / 2);
        expect(rms(settled) / rms(tone)).toBeGreaterThan(0.97);
        expect(steepest(settled)).toBeLessThan(8_000 * 2 * Math.PI * (400 / rateHz) * 1.25);
        expect(receiver.statistics()).toMatchObject({ lost: 0, concealedMs: 0, discarded: 0 });
      }
    },
  );

  it.each([300, -300])(
    '[STR-02] follows a clock that drifts by %i ppm for five minutes without a gap or a step',
    (ppm) => {
      const tone = sine(400, 8_000, 8_000 * 300);
      const receiver = new StreamReceiver({ codec: pcmu });
      const out = receive(receiver, packetsOf(pcmu, tone, 20), {
        packetTimeMs: 20,
        readMs: 20,
        clockRatio: 1 + ppm / 1e6,
      });
      // 90 ms of drift are at least four packets, none of which is missed.
      expect(receiver.statistics()).toMatchObject({ lost: 0, discarded: 0, late: 0 });
      expect(receiver.statistics().delayMs).toBeLessThan(65);
      expect(receiver.statistics().concealedMs).toBeLessThanOrEqual(100);
      const settled = out.subarray(8_000);
      expect(steepest(settled)).toBeLessThan(8_000 * 2 * Math.PI * (400 / 8_000) * 1.5);
      expect(rms(settled) / rms(tone)).toBeGreaterThan(0.98);
    },
  );

  it('[STR-03] shortens the delay while somebody speaks, once the line has calmed down', () => {
    const pcm = voice(8_000, 8_000 * 40);
    const receiver = new StreamReceiver({ codec: pcmu });
    const random = noise(2_000, 32_767, 4);
    const rough = (i: number) => (i < 500 ? 60 + (random[i] as number) / 546 : 60);
    receive(receiver, packetsOf(pcmu, pcm, 20), { packetTimeMs: 20, readMs: 20, delayMs: rough });
    expect(receiver.statistics().delayMs).toBeLessThan(50);
    expect(receiver.statistics().discarded).toBe(0);
  });

  it('[STR-04] conceals 5 % of loss so that no step is heard and the level stays', () => {
    const tone = sine(400, 8_000, 8_000 * 4);
    const receiver = new StreamReceiver({ codec: pcma });
    const out = receive(receiver, packetsOf(pcma, tone, 20), {
      packetTimeMs: 20,
      readMs: 20,
      delayMs: (i) => (i % 20 === 7 ? undefined : 5),
    });
    const settled = out.subarray(8_000);
    expect(receiver.statistics().lost).toBe(10);
    expect(rms(settled) / rms(tone)).toBeGreaterThan(0.95);
    expect(steepest(settled)).toBeLessThan(8_000 * 2 * Math.PI * (400 / 8_000) * 2);
  });

  it('[STR-05] plays comfort noise until somebody speaks again', () => {
    const receiver = new StreamReceiver({ codec: pcmu, seed: 7 });
    const hiss = noise(1_600, 300);
    const payload = new Uint8Array(16);
    const bytes = encodeComfortNoise(hiss, 0, hiss.length, payload, 0);
    const speech = packetsOf(pcmu, sine(400, 8_000, 16_000), 20);
    const out = new Int16Array(160);
    let nowMs = 0;
    const levels: number[] = [];
    for (let i = 0; i < 100; i++, nowMs += 20) {
      const packet = speech[i] as Uint8Array;
      if (i < 20 || i >= 70) receiver.put(i < 20 ? i : i - 49, i * 160, packet, 0, packet.length, nowMs);
      if (i === 20) receiver.putComfortNoise(20, 20 * 160, payload, 0, bytes, nowMs);
      receiver.read(out, 0, 160, nowMs + 5);
      levels.push(rms(out));
    }
    for (const level of levels.slice(25, 70)) {
      expect(level).toBeGreaterThan(rms(hiss) * 0.6);
      expect(level).toBeLessThan(rms(hiss) * 1.6);
    }
    expect(levels.at(-1)).toBeGreaterThan(5_000);
    expect(receiver.statistics().concealedMs).toBe(0);
  });

  it('[STR-06] begins anew with another stream, and refuses reads that are too long', () => {
    const receiver = new StreamReceiver({ codec: pcmu });
    const packets = packetsOf(pcmu, sine(400, 8_000, 8_000), 20);
    receive(receiver, packets, { packetTimeMs: 20, readMs: 20 });
    receiver.restart();
    const out = new Int16Array(480);
    receiver.read(out, 0, 160, 5_000);
    expect(rms(out)).toBe(0);
    expect(() => receiver.read(new Int16Array(1_000), 0, 488, 5_000)).toThrow(/at most 60 ms/);
    expect(receiver.put(1, 1, new Uint8Array(4), 2, 2, 0)).toBe(3);
    receiver.close();
  });
});

describe('stream receiver, any input', () => {
  const event = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('packet', 'noise'),
        skip: fc.nat(4),
        bytes: fc.nat(1_400),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('read'),
        skip: fc.integer({ min: 1, max: 6 }),
        bytes: fc.nat(30),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom('jump', 'restart'),
        skip: fc.nat(70_000),
        bytes: fc.nat(),
      }),
    },
  );

  it('[STR-09] gives the samples asked for, whatever comes and whenever', () => {
    const payload = Uint8Array.from({ length: 1_500 }, (_, i) => (i * 167) & 255);
    fc.assert(
      fc.property(
        fc.constantFrom(...codecs),
        fc.array(event, { minLength: 20, maxLength: 200 }),
        (codec, events) => {
          const receiver = new StreamReceiver({ codec });
          const out = new Int16Array(60 * 16 + 1);
          let [sequence, timestamp, nowMs] = [65_500, 4_294_960_000, 0];
          for (const { kind, skip, bytes } of events) {
            if (kind === 'packet' || kind === 'noise') {
              sequence = (sequence + skip) & 0xffff;
              timestamp = (timestamp + skip * 160) >>> 0;
              if (kind === 'packet') receiver.put(sequence, timestamp, payload, 0, bytes, nowMs);
              else receiver.putComfortNoise(sequence, timestamp, payload, 0, bytes, nowMs);
            } else if (kind === 'read') {
              nowMs += bytes;
              const samples = skip * 10 * (receiver.sampleRateHz / 1000);
              out.fill(1_234);
              receiver.read(out, 0, samples, nowMs);
              expect(out[samples]).toBe(1_234);
            } else if (kind === 'restart') receiver.restart();
            else {
              sequence = skip & 0xffff;
              timestamp = bytes >>> 0;
            }
          }
          expect(receiver.statistics().playedMs).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('time stretching', () => {
  it.each([8_000, 16_000])('[STR-07] takes out or puts in whole periods of a voice at %i Hz', (rateHz) => {
    const spm = rateHz / 1000;
    for (const excessMs of [30, -30]) {
      const sound = new Int16Array(40 * spm);
      sound.set(sine(250, rateHz, 20 * spm));
      const length = stretchFrame(sound, 0, 20 * spm, spm, excessMs);
      const change = (length - 20 * spm) / spm;
      expect(Math.abs(change)).toBeGreaterThanOrEqual(2.5);
      expect(Math.abs(change)).toBeLessThanOrEqual(10);
      expect(Math.sign(change)).toBe(-Math.sign(excessMs));
      // The tone goes on as if nothing had happened.
      expect(steepest(sound.subarray(0, length))).toBeLessThan(8_000 * 2 * Math.PI * (250 / rateHz) * 1.1);
    }
  });

  it('[STR-07] leaves noise alone unless the delay is far off', () => {
    const sound = new Int16Array(320);
    sound.set(noise(160, 8_000));
    const before = fingerprint(sound);
    expect(stretchFrame(sound, 0, 160, 8, 30)).toBe(160);
    expect(fingerprint(sound)).toBe(before);
    expect(stretchFrame(sound, 0, 160, 8, 100)).toBeLessThan(160);
    expect(stretchFrame(new Int16Array(320), 0, 160, 8, 30)).toBeLessThan(160);
  });
});

describe('stream sender', () => {
  it('[STR-08] makes packets of its time from pieces of any length', () => {
    for (const codec of codecs) {
      const pcm = voice(rateOf(codec), rateOf(codec));
      const whole = packetsOf(codec, pcm, 20).flatMap((packet) => [...packet]);
      for (const packetTimeMs of packetTimesMs) {
        for (const pieceMs of [10, 20, 33, 60]) {
          const sender = new StreamSender({ codec, packetTimeMs });
          expect(sender.unitsPerPacket).toBe(packetTimeMs * 8);
          const piece = (pieceMs * rateOf(codec)) / 1000;
          const out = new Uint8Array(codec.payloadBytesMax);
          const bytes: number[] = [];
          for (let at = 0; at + piece <= pcm.length; at += piece) {
            sender.write(pcm, at, piece);
            for (let n = sender.read(out, 0); n >= 0; n = sender.read(out, 0))
              bytes.push(...out.subarray(0, n));
          }
          expect(bytes.length).toBeGreaterThan(7_000);
          expect(bytes).toEqual(whole.slice(0, bytes.length));
        }
      }
    }
  });

  it('[STR-08] refuses more sound than it may hold', () => {
    const sender = new StreamSender({ codec: pcmu });
    expect(sender.read(new Uint8Array(480), 0)).toBe(-1);
    expect(() => sender.write(new Int16Array(1_000), 0, 1_000)).toThrow(/read the packets/);
  });
});

describe('transcoder', () => {
  const pairs = codecs.flatMap((from) =>
    codecs.map((to) => ({ from, to, name: `${from.name} to ${to.name}` })),
  );

  it.each(pairs)('[XCODE-01] turns $name at any packet times', ({ from, to }) => {
    const rateHz = rateOf(from);
    const tone = sine(1_000, rateHz, rateHz * 2);
    for (const fromMs of [10, 20, 60]) {
      for (const toMs of [10, 20, 60]) {
        const transcoder = new Transcoder({ from, to, packetTimeMs: toMs, delayMinMs: 70 });
        const packets = packetsOf(from, tone, fromMs);
        const decoder = to.createDecoder();
        const out = new Uint8Array(to.payloadBytesMax);
        const heard = new Int16Array(rateOf(to) * 2);
        let at = 0;
        for (let ms = 0; ms < 1_980; ms += 10) {
          const packet = packets[ms / fromMs];
          if (packet !== undefined) transcoder.put(ms / fromMs, ms * 8, packet, 0, packet.length, ms);
          if (ms % toMs !== 0) continue;
          const bytes = transcoder.take(ms + 2, out, 0);
          expect(bytes).toBe(toMs * 8);
          at += decoder.decode(out, 0, bytes, heard, at);
        }
        const level = rms(heard, at / 2, at) / rms(tone);
        expect(20 * Math.log10(level)).toBeGreaterThan(-0.5);
        expect(20 * Math.log10(level)).toBeLessThan(0.5);
        expect(transcoder.unitsPerPacket).toBe(toMs * 8);
        expect(rms(transcoder.sound)).toBeGreaterThan(5_000);
      }
    }
  });

  it('[XCODE-02] needs no sound between the two laws of G.711', () => {
    const table = directTable(pcmu, pcma) as Uint8Array;
    const back = directTable(pcma, pcmu) as Uint8Array;
    const pcm = voice(8_000, 8_000);
    const [packet] = packetsOf(pcmu, pcm, 60);
    const turned = Uint8Array.from(packet as Uint8Array);
    transcodeInPlace(turned, 0, turned.length, table);
    const decoded = new Int16Array(480);
    pcma.createDecoder().decode(turned, 0, 480, decoded, 0);
    expect(rms(decoded) / rms(pcm, 0, 480)).toBeCloseTo(1, 1);
    transcodeInPlace(turned, 0, turned.length, back);
    pcmu.createDecoder().decode(turned, 0, 480, decoded, 0);
    expect(rms(decoded) / rms(pcm, 0, 480)).toBeCloseTo(1, 1);
    expect(directTable(pcmu, pcmu)).toBeUndefined();
    expect(directTable(pcmu, g722)).toBeUndefined();
    expect(meetingRates(pcmu, pcma)).toEqual({ fromHz: 8_000, toHz: 8_000 });
    expect(meetingRates(g722, pcma)).toEqual({ fromHz: 16_000, toHz: 8_000 });
  });
});
