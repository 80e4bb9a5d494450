import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JitterBuffer } from './jitter-buffer.ts';
import { type Fate, packetsOf, playLine } from './network-testing.ts';
import { Arrival, Playout } from './port.ts';

const steady = (count: number, delayMs = 10): Fate[] => Array.from({ length: count }, () => ({ delayMs }));
const make = (options = {}) => new JitterBuffer({ clockRateHz: 8_000, ...options });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const payload = new Uint8Array(160);

/** A pseudo-random sequence in [0, 1). */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const fate = fc.record(
  {
    delayMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 5, max: 60 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60, max: 900 }) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    againMs: fc.integer({ min: 0, max: 300 }),
  },
  { requiredKeys: ['delayMs'] },
);

describe('jitter buffer, any line', () => {
  it('[JIT-01] plays each packet at most once and in order, whatever is lost, delayed, repeated or mixed up', () => {
    fc.assert(
      fc.property(
        fc.array(fate, { minLength: 40, maxLength: 300 }),
        fc.nat(0xffff),
        fc.nat(0xffff_ffff),
        fc.constantFrom('buffer', 'caller'),
        fc.integer({ min: -5_000, max: 5_000 }),
        (fates, firstSequence, firstTimestamp, adaptation, ppm) => {
          const buffer = make({ adaptation });
          const clockRatio = 1 + ppm / 1e6;
          const packets = packetsOf(playLine({ buffer, fates, firstSequence, firstTimestamp, clockRatio }));
          for (let i = 1; i < packets.length; i++)
            expect(packets[i] as number).toBeGreaterThan(packets[i - 1] as number);
          for (const packet of packets) expect(fates[packet]?.delayMs).toBeDefined();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('[JIT-02] keeps the delay within its bounds, holds 64 packets at most and answers every call', () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 40, maxLength: 300 }), (fates) => {
        const buffer = make({ delayMaxMs: 150 });
        const played = playLine({
          buffer,
          fates,
          inspect: () => {
            expect(buffer.held).toBeLessThanOrEqual(64);
            expect(buffer.bytes.length).toBeLessThanOrEqual(64 * 192);
          },
        });
        for (const step of played) {
          expect(step.units).toBeGreaterThan(0);
          if (step.kind === Playout.frame) expect(step.delayMs).toBeLessThanOrEqual(150 + 20);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('[JIT-03] accounts for every packet: played, late, repeated, discarded or still held', () => {
    fc.assert(
      fc.property(fc.array(fate, { minLength: 40, maxLength: 300 }), (fates) => {
        const buffer = make();
        const played = packetsOf(playLine({ buffer, fates, tailMs: 2_000 })).length;
        const seen = buffer.statistics();
        expect(played + seen.late + seen.duplicate + seen.discarded + buffer.held).toBe(seen.received);
        expect(seen.playedMs).toBe(played * 20);
        const arrived = fates.filter((one) => one.delayMs !== undefined).length;
        expect(seen.received).toBeGreaterThanOrEqual(arrived);
      }),
      { numRuns: 200 },
    );
  });

  it('[JIT-04] survives any calls in any order', () => {
    const call = fc.oneof(
      fc.record({
        kind: fc.constant('put' as const),
        sequence: fc.oneof(fc.nat(0xffff), fc.nat(100)),
        timestamp: fc.oneof(fc.nat(0xffff_ffff), fc.nat(20_000)),
        duration: fc.constantFrom(0, 80, 160, 480, 960, 5_000),
        length: fc.constantFrom(0, 1, 160, 480, 1_500, 1_501),
      }),
      fc.record({ kind: fc.constant('take' as const) }),
      fc.record({ kind: fc.constant('restart' as const) }),
      fc.record({ kind: fc.constant('skip' as const), sequence: fc.nat(100) }),
    );
    const large = new Uint8Array(2_000);
    fc.assert(
      fc.property(fc.array(fc.tuple(call, fc.nat(100)), { maxLength: 300 }), (calls) => {
        const buffer = make();
        let nowMs = 0;
        for (const [one, waitMs] of calls) {
          nowMs += waitMs;
          if (one.kind === 'put')
            buffer.put(one.sequence, one.timestamp, one.duration, large, 0, one.length, nowMs);
          else if (one.kind === 'skip') buffer.skip(one.sequence);
          else if (one.kind === 'restart') buffer.restart();
          else {
            const kind = buffer.take(nowMs);
            expect(buffer.durationUnits).toBeGreaterThan(0);
            expect(buffer.durationUnits).toBeLessThanOrEqual(960);
            if (kind === Playout.frame) expect(buffer.end).toBeLessThanOrEqual(buffer.bytes.length);
          }
          expect(buffer.held).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('jitter buffer, known lines', () => {
  it('[JIT-05] adds one packet of delay to a steady line and loses nothing', () => {
    const buffer = make();
    const played = playLine({ buffer, fates: steady(500) });
    expect(packetsOf(played)).toEqual(range(0, 500));
    expect(buffer.statistics()).toMatchObject({ lost: 0, late: 0, discarded: 0, concealedMs: 40 + 80 });
    expect(buffer.statistics().delayMs).toBeLessThanOrEqual(40);
    expect(buffer.statistics().jitterMs).toBeLessThan(0.01);
  });

  it('[JIT-06] conceals exactly what is lost, and hands the next payload over to restore it from', () => {
    const buffer = make();
    const fates = steady(200).map((one, i) => (i % 50 === 49 ? { delayMs: undefined } : one));
    const played = playLine({ buffer, fates });
    const inside = played.filter((step) => step.atMs < 3_990 && step.kind === Playout.conceal);
    expect(inside.map((step) => step.recoverable)).toEqual([true, true, true]);
    expect(buffer.statistics().lost).toBe(3);
  });

  it('[JIT-07] puts mixed-up packets in order without concealing once it has learnt the line', () => {
    const random = draws(5);
    const fates = Array.from({ length: 1_500 }, () => ({ delayMs: 10 + 45 * random() }));
    const buffer = make();
    const played = playLine({ buffer, fates });
    const late = played.slice(500, 1_400).filter((step) => step.kind !== Playout.frame);
    expect(late.length).toBeLessThan(30);
    expect(buffer.statistics().reordered).toBeGreaterThan(100);
    expect(buffer.statistics().targetDelayMs).toBeGreaterThanOrEqual(35);
    expect(buffer.statistics().targetDelayMs).toBeLessThanOrEqual(60);
  });

  it('[JIT-08] shortens its delay again after the line has calmed down', () => {
    const random = draws(9);
    const rough = Array.from({ length: 500 }, () => ({ delayMs: 10 + 120 * random() }));
    const buffer = make();
    const played = playLine({ buffer, fates: [...rough, ...steady(2_000)] });
    const before = played.filter((step) => step.atMs < 9_900).at(-1)?.delayMs as number;
    expect(before).toBeGreaterThan(70);
    expect(played.filter((step) => step.kind === Playout.frame).at(-1)?.delayMs).toBeLessThanOrEqual(61);
  });

  it.each([200, -200])('[JIT-09] follows a clock that drifts by %i ppm for half an hour', (ppm) => {
    const buffer = make();
    const count = 90_000;
    const played = playLine({ buffer, fates: steady(count), clockRatio: 1 + ppm / 1e6, tailMs: 2_000 });
    const seen = buffer.statistics();
    // 360 ms of drift are 18 packets.
    expect(seen.discarded).toBeLessThanOrEqual(ppm < 0 ? 20 : 0);
    expect(seen.underruns).toBeLessThanOrEqual(ppm > 0 ? 20 : 1);
    expect(seen.lost + seen.late).toBe(0);
    expect(packetsOf(played).length).toBe(count - seen.discarded - buffer.held);
    for (const step of played) if (step.kind === Playout.frame) expect(step.delayMs).toBeLessThanOrEqual(62);
  });

  it('[JIT-10] is at once back in time after the line stood still', () => {
    // One second in which nothing comes through, then all of it together.
    const fates = steady(300).map((one, i) => (i >= 100 && i < 150 ? { delayMs: 10 + (150 - i) * 20 } : one));
    const buffer = make();
    const played = playLine({ buffer, fates });
    const after = played.filter((step) => step.kind === Playout.frame && step.atMs > 3_100);
    expect(after.at(-1)?.packet).toBe(299);
    for (const step of after) expect(step.delayMs).toBeLessThanOrEqual(62);
  });

  it('[JIT-11] follows a sender that pauses, jumps, restarts and changes its clock', () => {
    const buffer = make();
    let nowMs = 0;
    const stretch = (sequence: number, timestamp: number, count: number) => {
      const kinds: Playout[] = [];
      for (let i = 0; i < count; i++, nowMs += 20) {
        buffer.put((sequence + i) & 0xffff, (timestamp + i * 160) >>> 0, 160, payload, 0, 160, nowMs);
        kinds.push(buffer.take(nowMs + 5));
      }
      return kinds.slice(-Math.floor(count / 2)).every((kind) => kind === Playout.frame);
    };
    expect(stretch(100, 0, 50)).toBe(true);
    // A pause with a timestamp that goes on, as with voice activity detection.
    for (let i = 0; i < 100; i++, nowMs += 20) buffer.take(nowMs + 5);
    expect(stretch(150, 150 * 160, 50)).toBe(true);
    // On hold, with a timestamp that stood still.
    for (let i = 0; i < 200; i++, nowMs += 20) buffer.take(nowMs + 5);
    expect(stretch(200, 200 * 160, 50)).toBe(true);
    // The same sequence with another time axis.
    expect(stretch(250, 3_000_000_000, 50)).toBe(true);
    expect(stretch(300, 5, 50)).toBe(true);
    // Another stream altogether.
    expect(stretch(40_000, 77, 50)).toBe(true);
    expect(buffer.statistics().restarts).toBe(1);
  });

  it('[JIT-12] gives silence instead of concealment after comfort noise', () => {
    const buffer = make();
    let nowMs = 0;
    for (let i = 0; i < 20; i++, nowMs += 20) {
      buffer.put(i, i * 160, 160, payload, 0, 160, nowMs);
      buffer.take(nowMs + 5);
    }
    buffer.put(20, 20 * 160, 0, payload, 0, 1, nowMs);
    const kinds: Playout[] = [];
    let comfort = 0;
    for (let i = 0; i < 10; i++, nowMs += 20) {
      kinds.push(buffer.take(nowMs + 5));
      if (buffer.comfortNoise) comfort++;
    }
    expect(comfort).toBe(1);
    expect(kinds.filter((kind) => kind === Playout.conceal)).toHaveLength(0);
  });

  it('[JIT-14] takes running dry after an announced pause for silence, and for a loss without one', () => {
    for (const pauses of [true, false]) {
      const buffer = make();
      let nowMs = 0;
      for (let i = 0; i < 20; i++, nowMs += 20) {
        buffer.put(i, i * 160, 160, payload, 0, 160, nowMs, pauses && i === 19);
        buffer.take(nowMs + 5);
      }
      const kinds = Array.from({ length: 10 }, (_, i) => buffer.take(nowMs + 5 + i * 20));
      expect(kinds.includes(Playout.conceal)).toBe(!pauses);
      expect(buffer.statistics().underruns).toBe(pauses ? 0 : 1);
    }
  });

  it('[JIT-15] does not miss the packets of a digit, and is silent under it', () => {
    const buffer = make();
    let sequence = 65_530;
    const kinds: Playout[] = [];
    const frames = (from: number, to: number, isDigit: boolean) => {
      for (let i = from; i < to; i++) {
        if (isDigit) buffer.skip(sequence++ & 0xffff);
        else buffer.put(sequence++ & 0xffff, i * 160, 160, payload, 0, 160, i * 20);
        kinds.push(buffer.take(i * 20 + 5));
      }
    };
    frames(0, 50, false);
    // 160 ms and the two repetitions of the end.
    frames(50, 58, true);
    buffer.skip(sequence++ & 0xffff);
    buffer.skip(sequence++ & 0xffff);
    frames(58, 100, false);
    expect(kinds.filter((kind) => kind === Playout.conceal)).toHaveLength(0);
    expect(kinds.slice(52, 58)).toEqual(new Array(6).fill(Playout.silence));
    expect(kinds.slice(60)).toEqual(new Array(40).fill(Playout.frame));
    expect(buffer.statistics()).toMatchObject({ lost: 0, underruns: 0, discarded: 0, playedMs: 20 * 91 });
  });

  it('[JIT-13] tells what it did with a packet, and refuses impossible bounds', () => {
    const buffer = make();
    const put = (sequence: number, atMs: number, bytes = 160) =>
      buffer.put(sequence, sequence * 160, 160, new Uint8Array(2_000), 0, bytes, atMs);
    expect(put(5, 0)).toBe(Arrival.queued);
    expect(put(5, 1)).toBe(Arrival.duplicate);
    expect(put(4, 2)).toBe(Arrival.queued);
    expect(put(6, 3, 1_501)).toBe(Arrival.stray);
    expect(put(30_000, 4)).toBe(Arrival.stray);
    for (let nowMs = 40; nowMs < 200; nowMs += 20) buffer.take(nowMs);
    expect(put(3, 200)).toBe(Arrival.late);
    expect(put(5, 201)).toBe(Arrival.duplicate);
    expect(() => make({ delayMinMs: 300 })).toThrow(/delayMinMs, delayMaxMs/);
  });
});
