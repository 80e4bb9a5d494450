import { describe, expect, test } from 'vitest';
import { VirtualClock } from './clock.ts';
import { Random } from './random.ts';

const draws = (random: Random, count = 20_000) => Array.from({ length: count }, () => random);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('chance and time', () => {
  test('[SIM-1] one seed gives one sequence, another seed another', () => {
    const sequence = (seed: number) => draws(new Random(seed), 5).map((random) => random.unit());
    expect(sequence(1)).toEqual(sequence(1));
    expect(sequence(1)).not.toEqual(sequence(2));
  });

  test('[SIM-1] the distributions have the means they promise', () => {
    const random = new Random(7);
    expect(mean(draws(random).map((each) => each.unit()))).toBeCloseTo(0.5, 1);
    expect(mean(draws(random).map((each) => each.exponential(100))) / 100).toBeCloseTo(1, 1);
    expect(mean(draws(random).map((each) => each.logNormal(100, 0.7))) / 100).toBeCloseTo(1, 1);
    expect(mean(draws(random).map((each) => Number(each.chance(0.2))))).toBeCloseTo(0.2, 1);
    expect(Math.min(...draws(random).map((each) => each.uniform(3, 4)))).toBeGreaterThanOrEqual(3);
  });

  test('[SIM-2] alarms ring in their order, once, and not when they are cancelled', () => {
    const clock = new VirtualClock(100);
    const rung: string[] = [];
    clock.at(300, () => rung.push(`c ${clock.now}`));
    clock.after(50.2, () => rung.push(`a ${clock.now}`));
    clock.at(0, () => rung.push(`past ${clock.now}`));
    clock.at(151, () => rung.push(`b ${clock.now}`));
    clock.at(200, () => rung.push('cancelled'))();
    while (clock.step(299)) expect(clock.now).toBeLessThan(300);
    expect(rung).toEqual(['past 100', 'a 151', 'b 151']);
    expect(clock.step()).toBe(true);
    expect(clock.step()).toBe(false);
    expect(rung.at(-1)).toBe('c 300');
  });
});
