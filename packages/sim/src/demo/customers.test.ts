import { describe, expect, it } from 'vitest';
import { agents, queues } from './company.ts';
import { type CallPlan, calls, customer } from './customers.ts';
import { recordedBytesPerHour } from './footprint.ts';
import { callsPerMinute, demoWave, meanCallsPerMinute, type Wave } from './wave.ts';

const hourMs = 3_600_000;

function callsUntil(seed: number, untilMs: number, wave: Wave = demoWave): CallPlan[] {
  const plans: CallPlan[] = [];
  for (const plan of calls(seed, wave)) {
    if (plan.atMs >= untilMs) break;
    plans.push(plan);
  }
  return plans;
}

describe('calls', () => {
  it('[DEMO-01] are the same for the same seed and others for another', () => {
    expect(callsUntil(1, hourMs)).toEqual(callsUntil(1, hourMs));
    expect(callsUntil(1, hourMs)).not.toEqual(callsUntil(2, hourMs));
  });

  it('[DEMO-05] come as often as the wave says, over a long time and in its busy hours', () => {
    const days = 40;
    const plans = callsUntil(3, days * demoWave.dayMs);
    const expected = (meanCallsPerMinute(demoWave) * days * demoWave.dayMs) / 60_000;
    // Four standard deviations of a Poisson number.
    expect(Math.abs(plans.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    const rateAt = (plan: CallPlan): number => callsPerMinute(demoWave, plan.atMs);
    const meanRateOfCalls = plans.reduce((sum, plan) => sum + rateAt(plan), 0) / plans.length;
    // A process that follows its rate λ(t) meets it on average at E[λ²] / E[λ]; a steady one would at E[λ].
    const rates = Array.from({ length: 900 }, (_, second) => callsPerMinute(demoWave, second * 1000));
    const squares = rates.reduce((sum, rate) => sum + rate * rate, 0) / rates.length;
    const expectedRate = squares / meanCallsPerMinute(demoWave);
    expect(expectedRate).toBeGreaterThan(1.15 * meanCallsPerMinute(demoWave));
    expect(Math.abs(meanRateOfCalls / expectedRate - 1)).toBeLessThan(0.02);
  });

  it('[DEMO-05] give every queue its share and come in order of time', () => {
    const plans = callsUntil(4, 24 * hourMs);
    for (const queue of queues) {
      const share = plans.filter((plan) => plan.queue.key === queue.key).length / plans.length;
      expect(Math.abs(share - queue.share)).toBeLessThan(0.03);
    }
    const shareOf = (door: CallPlan['door']): number =>
      plans.filter((plan) => plan.door === door).length / plans.length;
    expect(Math.abs(shareOf('reception') - 0.3)).toBeLessThan(0.03);
    expect(Math.abs(shareOf('rules') - 0.2)).toBeLessThan(0.03);
    expect(plans.every((plan, index) => index === 0 || plan.atMs > (plans[index - 1]?.atMs ?? 0))).toBe(true);
  });

  it('[DEMO-06] leave some callers without patience, and everybody with a limit', () => {
    const patience = callsUntil(5, 24 * hourMs).map(({ patienceMs }) => patienceMs);
    expect(Math.min(...patience)).toBeGreaterThanOrEqual(1_500);
    expect(Math.max(...patience)).toBeLessThanOrEqual(300_000);
    const shorter = patience.filter((ms) => ms < 20_000).length / patience.length;
    expect(shorter).toBeGreaterThan(0.07);
    expect(shorter).toBeLessThan(0.3);
  });

  it('[DEMO-11] are more than the agents can take in the busy minutes, and few between', () => {
    const plans = callsUntil(6, 24 * hourMs);
    const talkMeanMs = plans.reduce((sum, { talkMs }) => sum + talkMs, 0) / plans.length;
    // Ringing and wrap-up beside the talk; a fifth of the agents is on a break.
    const handleMinutes = (talkMeanMs + 4_000 + 12_000) / 60_000;
    const staffed = agents.length * 0.8;
    const busy = (demoWave.busyCallsPerMinute * handleMinutes) / staffed;
    expect(busy).toBeGreaterThan(0.95);
    expect(busy).toBeLessThan(1.2);
    expect((demoWave.quietCallsPerMinute * handleMinutes) / staffed).toBeLessThan(0.2);
    // Over the whole day they have time for a coffee.
    expect((meanCallsPerMinute(demoWave) * handleMinutes) / staffed).toBeLessThan(0.6);
  });

  it('[DEMO-10] fill the disk no faster than the opening line says', () => {
    const hours = 24;
    const recordedMs = callsUntil(7, hours * hourMs)
      .filter(({ queue }) => queue.settings.recording === 'always')
      .reduce((sum, { talkMs }) => sum + talkMs, 0);
    const bytesPerHour = (recordedMs / 1000 / hours) * 32_000;
    expect(bytesPerHour / recordedBytesPerHour(demoWave)).toBeGreaterThan(0.9);
    expect(bytesPerHour / recordedBytesPerHour(demoWave)).toBeLessThan(1.1);
    expect(recordedBytesPerHour(demoWave)).toBeLessThan(250e6);
  });
});

describe('customer', () => {
  it('[DEMO-01] is always the same person with a number of his or her own', () => {
    const everybody = () =>
      queues.flatMap((queue) => Array.from({ length: 60 }, (_, index) => customer(1, queue, index)));
    const people = everybody();
    expect(new Set(people.map(({ phone }) => phone)).size).toBe(people.length);
    expect(everybody()).toEqual(people);
  });
});
