import type { SimulatedAgent, SimulationConfiguration } from '../world/index.ts';

/** Three busy queues with every wrap-up mode, small limits and unreliable people: whatever can go wrong does, often. */
export const largeCentre: SimulationConfiguration = {
  queues: [
    {
      name: 'orders',
      settings: {
        ringTimeoutSeconds: 10,
        wrapUp: { mode: 'timed', seconds: 15 },
        maxSize: 20,
        maxWaitSeconds: 60,
      },
      callers: { arrivalsPerHour: [800, 2_600], patienceSecondsMean: 60, talkSecondsMean: 150 },
    },
    {
      name: 'complaints',
      settings: { wrapUp: { mode: 'mandatory' }, rejectDelaySeconds: 0, noAnswerDelaySeconds: 0 },
      callers: { arrivalsPerHour: 500, patienceSecondsMean: 120, talkSecondsMean: 300 },
    },
    {
      name: 'service',
      settings: { wrapUp: { mode: 'optional', seconds: 30 }, recording: 'never', maxNonResponses: 2 },
      callers: { arrivalsPerHour: [200, 1_200], patienceSecondsMean: 60, talkSecondsMean: 120 },
    },
  ],
  agents: Array.from({ length: 140 }, (_, index) => agent(index)),
};

function agent(index: number): SimulatedAgent {
  const all = ['orders', 'complaints', 'service'];
  const own = all[index % 3] ?? 'orders';
  const helps = all[(index + 1) % 3] ?? 'service';
  return {
    name: `agent-${index + 1}`,
    capacity: index % 20 === 0 ? 2 : 1,
    queues: [{ name: own }, { name: helps, priority: 2, delaySeconds: index % 2 === 0 ? 15 : 0 }],
    behaviour: {
      rejects: 0.05,
      isBusy: 0.03,
      doesNotAnswer: 0.05,
      deviceFails: 0.03,
      vanishes: 0.02,
      holds: 0.3,
      breaksPerHour: 1,
      breakSecondsMean: 300,
    },
  };
}
