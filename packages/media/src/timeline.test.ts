import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alawToLinear, encodeToAlaw, encodeToUlaw, ulawToLinear } from './g711.ts';
import { aheadFramesMax, lateFramesMax, recordedLaw, TimelineTable } from './timeline.ts';

const { ulaw, alaw } = recordedLaw;
const capacity = 8_000;

/** A packet whose every byte tells which one it is. */
function packet(mark: number): Uint8Array {
  return new Uint8Array(160).fill(mark);
}

/** A table with one recording that has begun. */
function begun(): TimelineTable {
  const timeline = new TimelineTable(1, capacity);
  timeline.start(0);
  return timeline;
}

function takeAll(timeline: TimelineTable, until: number): Int16Array {
  const target = new Int16Array(capacity * 2);
  const frames = timeline.take(0, until, target);
  return target.subarray(0, frames * 2);
}

function channel(samples: Int16Array, side: 0 | 1): number[] {
  return Array.from({ length: samples.length / 2 }, (_, frame) => samples[frame * 2 + side] as number);
}

describe('recording timeline', () => {
  it('[TIME-01] puts packets where their timestamps say, in whatever order they come, and keeps gaps silent', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        (order, base) => {
          const timeline = begun();
          timeline.place(0, 0, ulaw, base, packet(0x10), 0, 160, 0);
          for (const i of order)
            timeline.place(0, 0, ulaw, (base + i * 160) >>> 0, packet(0x10 + i), 0, 160, i * 160);
          const left = channel(takeAll(timeline, 8 * 160), 0);
          for (let i = 0; i < 8; i++) {
            const expected = i === 0 || order.includes(i) ? ulawToLinear[0x10 + i] : 0;
            expect(new Set(left.slice(i * 160, i * 160 + 160))).toEqual(new Set([expected]));
          }
        },
      ),
    );
  });

  it('[TIME-01] keeps the channels apart', () => {
    const timeline = begun();
    timeline.place(0, 0, ulaw, 0, packet(0x20), 0, 160, 0);
    timeline.place(0, 1, alaw, 99, packet(0x30), 0, 160, 160);
    const taken = takeAll(timeline, 320);
    expect(channel(taken, 0).slice(0, 160)).toEqual(new Array(160).fill(ulawToLinear[0x20]));
    expect(channel(taken, 1).slice(0, 160)).toEqual(new Array(160).fill(0));
    expect(channel(taken, 1).slice(160)).toEqual(new Array(160).fill(alawToLinear[0x30]));
  });

  it('[TIME-02] anchors anew at the present when a stream is too old or too far ahead', () => {
    const timeline = begun();
    timeline.place(0, 0, ulaw, 0, packet(0x20), 0, 160, 0);
    takeAll(timeline, 7_900);
    timeline.place(0, 0, ulaw, 160, packet(0x21), 0, 160, 160 + lateFramesMax + 1);
    timeline.place(0, 0, ulaw, 320 + aheadFramesMax + 1, packet(0x22), 0, 160, 160 + lateFramesMax + 1);
    const left = channel(takeAll(timeline, 9_000), 0);
    expect(left[160 + lateFramesMax - 7_900]).toBe(0);
    expect(left[161 + lateFramesMax - 7_900]).toBe(ulawToLinear[0x22]);
  });

  it('[TIME-02] keeps a burst together that the network held back', () => {
    const timeline = begun();
    timeline.place(0, 0, ulaw, 0, packet(0x20), 0, 160, 0);
    takeAll(timeline, 1_600);
    // Packets 1 to 17 arrive together, 340 ms after the first; 160 ms of them are already in the file as silence.
    for (let i = 1; i <= 17; i++) timeline.place(0, 0, ulaw, i * 160, packet(0x20 + i), 0, 160, 2_720);
    const left = channel(takeAll(timeline, 6_000), 0);
    for (let i = 1; i <= 17; i++) expect(left[(i - 1) * 160]).toBe(ulawToLinear[0x20 + i]);
    expect(left[17 * 160]).toBe(0);
  });

  it('[TIME-02] asks for room instead of losing sound', () => {
    const timeline = begun();
    expect(timeline.place(0, 0, ulaw, 0, packet(0x20), 0, 160, capacity - 160)).toBe(true);
    expect(timeline.place(0, 0, ulaw, 160, packet(0x21), 0, 160, capacity)).toBe(false);
    takeAll(timeline, 160);
    expect(timeline.place(0, 0, ulaw, 160, packet(0x21), 0, 160, capacity)).toBe(true);
    const left = channel(takeAll(timeline, capacity + 160), 0);
    expect(left.slice(-320, -160)).toEqual(new Array(160).fill(ulawToLinear[0x20]));
    expect(left.slice(-160)).toEqual(new Array(160).fill(ulawToLinear[0x21]));
  });

  it('[TIME-03] gives every frame once, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 20 }), (pieces) => {
        const timeline = begun();
        const frames: number[] = [];
        let placed = 0;
        for (const piece of pieces) {
          const until = Number(timeline.takenFrames[0]) + piece;
          for (; placed * 160 < until + 160; placed++) {
            timeline.place(0, 0, ulaw, placed * 160, packet(placed % 100), 0, 160, placed * 160);
          }
          frames.push(...channel(takeAll(timeline, until), 0));
        }
        expect(timeline.takenFrames[0]).toBe(pieces.reduce((sum, piece) => sum + piece, 0));
        for (const [frame, sample] of frames.entries()) {
          if (sample !== ulawToLinear[Math.floor(frame / 160) % 100])
            expect.fail(`frame ${frame} is ${sample}`);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('[TIME-03] is silent in A-law too', () => {
    const timeline = begun();
    timeline.place(0, 0, alaw, 0, packet(0xd5), 0, 160, 0);
    expect(new Set(takeAll(timeline, 1_000))).toEqual(new Set([0]));
    expect(new Set(takeAll(timeline, 2_000))).toEqual(new Set([0]));
  });

  it('[TIME-04] continues in the law of what still lies in the ring, then takes the new one', () => {
    const timeline = begun();
    const loud = Int16Array.of(8_000);
    const inUlaw = encodeToUlaw(loud)[0] as number;
    const inAlaw = encodeToAlaw(loud)[0] as number;
    timeline.place(0, 0, ulaw, 0, packet(inUlaw), 0, 160, 0);
    timeline.place(0, 0, alaw, 160, packet(inAlaw), 0, 160, 160);
    const mixed = channel(takeAll(timeline, 320), 0);
    expect(mixed[0]).toBe(ulawToLinear[inUlaw]);
    expect(Math.abs((mixed[160] as number) - 8_000)).toBeLessThan(400);
    timeline.place(0, 0, alaw, 320, packet(inAlaw), 0, 160, 320);
    expect(channel(takeAll(timeline, 480), 0)[0]).toBe(alawToLinear[inAlaw]);
  });

  it('[TIME-01] begins a restarted stream at the present', () => {
    const timeline = begun();
    timeline.place(0, 0, ulaw, 1_000_000, packet(0x20), 0, 160, 0);
    timeline.restart(0, 0);
    timeline.place(0, 0, ulaw, 1_000_160, packet(0x21), 0, 160, 1_600);
    const left = channel(takeAll(timeline, 2_000), 0);
    expect(left[160]).toBe(0);
    expect(left[1_600]).toBe(ulawToLinear[0x21]);
  });

  it('[TIME-01] copies four bytes at a time what it would copy one by one, wherever it lies', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            side: fc.constantFrom(0 as const, 1 as const),
            start: fc.integer({ min: 0, max: 40 }),
            count: fc.integer({ min: 0, max: 480 }),
            step: fc.constantFrom(0, 160, 240, 480, 481),
          }),
          { minLength: 1, maxLength: 40 },
        ),
        fc.integer({ min: 0, max: 9 }),
        (packets, phase) => {
          const bytes = Uint8Array.from({ length: 1_024 }, (_, i) => (i * 37 + 11) & 0xff);
          const words = new Int32Array(bytes.buffer);
          const [fast, slow] = [begun(), begun()];
          let timestamp = 0;
          for (const { side, start, count, step } of packets) {
            timestamp += step;
            const now = timestamp + phase;
            const where = [0, side, ulaw, timestamp, bytes, start, start + count, now] as const;
            expect(fast.place(...where, words)).toBe(slow.place(...where));
            if (timestamp > 4_000) expect(takeAll(fast, now - 1_600)).toEqual(takeAll(slow, now - 1_600));
          }
          expect(takeAll(fast, timestamp + 960)).toEqual(takeAll(slow, timestamp + 960));
        },
      ),
    );
  });

  it('[TIME-03] keeps recordings apart, and begins each one empty', () => {
    const recordings = 70;
    const timelines = new TimelineTable(recordings, capacity);
    const target = new Int16Array(capacity * 2);
    for (let index = 0; index < recordings; index++) timelines.start(index);
    for (let index = 0; index < recordings; index++) {
      for (let at = 0; at < capacity; at += 160) {
        timelines.place(index, 0, ulaw, at, packet(index), 0, 160, at);
        timelines.place(index, 1, ulaw, at, packet(index + 80), 0, 160, at);
      }
    }
    timelines.start(33);
    for (let index = 0; index < recordings; index++) {
      expect(timelines.take(index, capacity, target)).toBe(capacity);
      const heard = index === 33 ? [0, 0] : [ulawToLinear[index], ulawToLinear[index + 80]];
      expect([new Set(channel(target, 0)), new Set(channel(target, 1))]).toEqual(
        heard.map((sample) => new Set([sample])),
      );
    }
  });
});
