import { describe, expect, test } from 'vitest';
import { simulate } from '../world/index.ts';
import { largeCentre } from './large-centre.ts';
import { supportCentre } from './support-centre.ts';

/**
 * `simulate` throws at the first fact that could not have happened, at a broken invariant, at a queue that does not add
 * up and at a contact that never ends. A failing run prints its seed; make it a test of its own by adding it here.
 */
const seed = Number(process.env['SIMULATION_SEED'] ?? 20_260_101);

describe('simulation', () => {
  test('[ACD-9 ACD-20 CALL-16] twenty thousand contacts with unreliable people: nothing is lost or stuck', () => {
    const result = simulate({ seed, configuration: largeCentre, hours: 8, checkEvery: 400 });
    const summary = `seed ${seed}: ${result.contacts} contacts, ${JSON.stringify(result.outcomes)}`;
    process.stdout.write(`${summary}\n`);
    expect(result.contacts, summary).toBeGreaterThan(20_000);
    expect(result.repairs, summary).toEqual([]);
    const outcomes = Object.values(result.outcomes).reduce((sum, count) => sum + count, 0);
    expect(outcomes, summary).toBe(result.contacts);
    expect(Object.keys(result.outcomes).sort(), summary).toEqual([
      'abandoned',
      'answered',
      'deflected',
      'overflowed',
    ]);
  });

  test.each([1, 2, 3, 4, 5, 6])('[ACD-3 ACD-16] every decision keeps the invariants, seed %i', (each) => {
    const result = simulate({ seed: each, configuration: largeCentre, hours: 0.3, checkEvery: 1 });
    expect(result.repairs).toEqual([]);
  });

  test.each([11, 12, 13, 14])(
    '[CALL-8 ACD-14] messages that cross between the machines change nothing, seed %i',
    (each) => {
      const result = simulate({
        seed: each,
        configuration: largeCentre,
        hours: 0.5,
        latencyMsMean: 300,
        machineDelayMsMean: 80,
        checkEvery: 20,
      });
      expect(result.repairs).toEqual([]);
    },
  );

  test('[SIM-1] a seed is the whole of a run', () => {
    const run = () => simulate({ seed, configuration: supportCentre, hours: 1 });
    expect(run()).toEqual(run());
  });

  test('[SIM-4] a queue without agents and with endless patience still comes to rest', () => {
    const callers = { arrivalsPerHour: 20, patienceSecondsMean: 86_400, talkSecondsMean: 60 };
    const configuration = { queues: [{ name: 'nobody', callers }], agents: [] };
    const { queues, outcomes, contacts } = simulate({ seed, configuration, hours: 1, checkEvery: 1 });
    expect(outcomes).toEqual({ abandoned: contacts });
    expect(queues[0]?.counts).toMatchObject({ answered: 0, waiting: 0 });
  });

  test('[SIM-4] an agent who names a queue that does not exist is an error', () => {
    const configuration = { queues: [], agents: [{ name: 'ann', queues: [{ name: 'none' }] }] };
    expect(() => simulate({ seed, configuration, hours: 1 })).toThrow('Queue "none" is not configured');
  });

  test('[MET-3 MET-4] the figures are those of a real day', () => {
    const { queues, agents } = simulate({ seed, configuration: supportCentre, hours: 10 });
    for (const { name, counts, figures } of queues) {
      expect(counts.waiting, name).toBe(0);
      expect(figures['serviceLevel'], name).toBeGreaterThan(0.5);
      expect(figures['averageHandleSeconds'], name).toBeGreaterThan(200);
    }
    for (const { name, occupancy, answered } of agents) {
      expect(answered, name).toBeGreaterThan(0);
      expect(occupancy, name).toBeGreaterThan(0.1);
      expect(occupancy, name).toBeLessThanOrEqual(1);
    }
  });
});
