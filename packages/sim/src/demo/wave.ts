import type { Random } from './chance.ts';

/** How busy a company is over its day, which is played faster than real time and again and again. */
export type Wave = {
  dayMs: number;
  quietCallsPerMinute: number;
  busyCallsPerMinute: number;
  /** How far into the day the demo begins, 0–1. */
  beginsAt: number;
};

/**
 * A day of a quarter of an hour. In the busiest minutes there is a little more work than the agents can do, so that
 * callers wait; between them the queues empty.
 */
export const demoWave: Wave = {
  dayMs: 900_000,
  quietCallsPerMinute: 1.6,
  busyCallsPerMinute: 11.5,
  beginsAt: 0.24,
};

const humps = [
  { at: 0.3, width: 0.075, height: 1 },
  { at: 0.72, width: 0.09, height: 0.85 },
];

/** Calls a minute at that moment: two humps, the morning's and the afternoon's, with lunch between them. */
export function callsPerMinute(wave: Wave, atMs: number): number {
  const moment = (wave.beginsAt + atMs / wave.dayMs) % 1;
  const shape = humps.reduce((sum, { at, width, height }) => {
    // The nearest way around midnight, so that the end of one day runs into the beginning of the next.
    const distance = Math.abs(moment - at);
    const around = Math.min(distance, 1 - distance);
    return sum + height * Math.exp(-((around / width) ** 2) / 2);
  }, 0);
  const { quietCallsPerMinute, busyCallsPerMinute } = wave;
  return quietCallsPerMinute + (busyCallsPerMinute - quietCallsPerMinute) * Math.min(1, shape);
}

/** Calls a minute on average over a whole day. */
export function meanCallsPerMinute(wave: Wave): number {
  const steps = 1_000;
  let sum = 0;
  for (let step = 0; step < steps; step += 1) sum += callsPerMinute(wave, (step / steps) * wave.dayMs);
  return sum / steps;
}

/** When the next call comes: a Poisson process whose rate follows the wave, by thinning (Lewis and Shedler 1979). */
export function nextArrivalMs(wave: Wave, random: Random, afterMs: number): number {
  const meanGapMs = 60_000 / wave.busyCallsPerMinute;
  let atMs = afterMs;
  do {
    atMs += random.exponential(meanGapMs);
  } while (!random.chance(callsPerMinute(wave, atMs) / wave.busyCallsPerMinute));
  return atMs;
}
