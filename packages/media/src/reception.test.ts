import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reception, ReceptionTable } from './reception.ts';

describe('reception statistics', () => {
  it('[RX-01] counts exactly the packets that were taken away, over wraps', () => {
    const missing = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 10, maxLength: 300 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff }), missing, (first, steps) => {
        const table = new ReceptionTable(1);
        let sequence = first;
        table.update(0, 7, sequence);
        for (const step of steps) {
          sequence = (sequence + step) & 0xffff;
          expect(table.update(0, 7, sequence)).toBe(Reception.inOrder);
        }
        const taken = steps.reduce((sum, step) => sum + step - 1, 0);
        expect(table.lost(0)).toBe(taken);
        expect(table.received[0]).toBe(steps.length + 1);
        expect(table.gaps[0]).toBe(steps.filter((step) => step > 1).length);
      }),
    );
  });

  it('[RX-01] counts late and repeated packets as received', () => {
    const table = new ReceptionTable(2);
    for (const sequence of [10, 12, 11, 12]) table.update(1, 7, sequence);
    expect(table.lost(1)).toBe(-1);
    expect(table.hasStream(0)).toBe(false);
  });

  it('[RX-01] gives the lost share of each interval once', () => {
    const table = new ReceptionTable(1);
    for (const sequence of [0, 1, 3, 4, 5, 7]) table.update(0, 7, sequence);
    expect(table.takeFractionLost(0)).toBe(64);
    for (const sequence of [8, 9]) table.update(0, 7, sequence);
    expect(table.takeFractionLost(0)).toBe(0);
  });

  it('[RX-02] starts anew only when a second packet confirms the jump, and keeps the totals', () => {
    const table = new ReceptionTable(1);
    expect(table.update(0, 7, 100)).toBe(Reception.started);
    expect(table.update(0, 7, 101)).toBe(Reception.inOrder);
    expect(table.update(0, 7, 40_000)).toBe(Reception.stray);
    expect(table.update(0, 7, 102)).toBe(Reception.inOrder);
    expect(table.update(0, 7, 40_000)).toBe(Reception.stray);
    expect(table.update(0, 7, 40_001)).toBe(Reception.started);
    expect(table.update(0, 8, 5)).toBe(Reception.started);
    expect(table.received[0]).toBe(5);
    expect(table.lost(0)).toBe(0);
    table.clear(0);
    expect(table.received[0]).toBe(0);
  });

  it('[RX-02] holds its limits: 2,999 ahead and 99 back belong to the stream, one more does not', () => {
    const at = (step: number): number => {
      const table = new ReceptionTable(1);
      table.update(0, 7, 10_000);
      return table.update(0, 7, 10_000 + step);
    };
    expect(at(2_999)).toBe(Reception.inOrder);
    expect(at(3_000)).toBe(Reception.stray);
    expect(at(-99)).toBe(Reception.late);
    expect(at(-100)).toBe(Reception.stray);
  });

  it('[RX-03] is zero for a regular stream and converges to a regular shake', () => {
    const table = new ReceptionTable(1);
    table.update(0, 7, 0);
    for (let i = 0; i < 500; i++) table.updateJitter(0, (0xffff_f000 + i * 160) >>> 0, 1000 + i * 20);
    expect(table.jitter[0]).toBeCloseTo(0, 6);
    for (let i = 0; i < 500; i++) table.updateJitter(0, i * 160, 20_000 + i * 20 + (i % 2) * 5);
    expect((table.jitter[0] as number) / 8).toBeCloseTo(5, 1);
    const before = table.jitter[0];
    table.updateJitter(0, 500 * 160, 90_000);
    expect(table.jitter[0]).toBe(before);
  });
});
