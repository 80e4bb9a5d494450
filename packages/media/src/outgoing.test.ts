import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutgoingTable } from './outgoing.ts';

interface Sent {
  sequence: number;
  timestamp: number;
  atMs: number;
}

function relay(
  table: OutgoingTable,
  source: number,
  ssrc: number,
  seq: number,
  ts: number,
  atMs: number,
): Sent {
  if (!table.follows(0, source, ssrc)) table.adopt(0, source, ssrc, seq, ts, atMs);
  const sequence = table.mappedSequence(0, seq);
  const timestamp = table.mappedTimestamp(0, ts);
  table.sent(0, sequence, timestamp, 160, atMs);
  return { sequence, timestamp, atMs };
}

function generate(table: OutgoingTable, atMs: number): Sent {
  const timestamp = table.nextGeneratedTimestamp(0, 160, atMs);
  const sequence = ((table.sequence[0] as number) + 1) & 0xffff;
  table.sent(0, sequence, timestamp, 160, atMs);
  return { sequence, timestamp, atMs };
}

describe('outgoing stream', () => {
  it('[TX-01] stays continuous whatever feeds it', () => {
    const step = fc.record({
      source: fc.integer({ min: -1, max: 2 }),
      ssrc: fc.integer({ min: 1, max: 2 }),
      pauseMs: fc.integer({ min: 0, max: 3_000 }),
      packets: fc.integer({ min: 1, max: 5 }),
      interrupt: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 0, max: 0xffff }), (steps, first) => {
        const table = new OutgoingTable(1);
        table.start(0, 9, first, 0xffff_ff00);
        const clocks = new Map<string, { sequence: number; timestamp: number }>();
        let nowMs = 1000;
        let last: Sent | undefined;
        for (const { source, ssrc, pauseMs, packets, interrupt } of steps) {
          nowMs += pauseMs;
          if (interrupt) table.interrupt(0);
          for (let i = 0; i < packets; i++) {
            nowMs += 20;
            const key = `${source}/${ssrc}`;
            const clock = clocks.get(key) ?? { sequence: 65_530 + source * 7, timestamp: 4_294_967_000 };
            const sent =
              source === -1
                ? generate(table, nowMs)
                : relay(table, source, ssrc, clock.sequence & 0xffff, clock.timestamp >>> 0, nowMs);
            clocks.set(key, { sequence: clock.sequence + 1, timestamp: clock.timestamp + 160 });
            if (last !== undefined) {
              expect(sent.sequence).toBe((last.sequence + 1) & 0xffff);
              expect((sent.timestamp - last.timestamp) | 0).toBeGreaterThanOrEqual(160);
            }
            last = sent;
          }
        }
        expect(table.packets[0]).toBe(steps.reduce((sum, { packets }) => sum + packets, 0));
      }),
    );
  });

  it('[TX-02] advances with real time when the source changes, and by 20 ms at least', () => {
    const table = new OutgoingTable(1);
    table.start(0, 9, 0, 0);
    const first = relay(table, 1, 5, 77, 1000, 0);
    const second = generate(table, 500);
    expect(second.timestamp - first.timestamp).toBe(4000);
    const third = relay(table, 2, 6, 900, 123_456, 503);
    expect(third.timestamp - second.timestamp).toBe(160);
  });

  it('[TX-03] keeps losses of a relayed source visible, and late packets in their place', () => {
    const table = new OutgoingTable(1);
    table.start(0, 9, 0, 0);
    const sequences = [10, 12, 11, 13].map((seq, i) => relay(table, 1, 5, seq, seq * 160, i * 20).sequence);
    expect(sequences).toEqual([1, 3, 2, 4]);
    expect(generate(table, 100).sequence).toBe(5);
  });
});
