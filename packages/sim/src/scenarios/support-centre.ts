import type { SimulatedAgent, SimulationConfiguration } from '../world/index.ts';

/**
 * A company of the middle size on a weekday: calls rise until eleven, fall over noon and rise again; sales agents help
 * the support queue after half a minute, and every agent does what people do.
 */
export const supportCentre: SimulationConfiguration = {
  queues: [
    {
      name: 'support',
      settings: { wrapUp: { mode: 'timed', seconds: 20 }, maxSize: 60, maxWaitSeconds: 600 },
      callers: {
        arrivalsPerHour: [240, 380, 460, 480, 330, 340, 430, 400, 310, 180],
        patienceSecondsMean: 150,
        talkSecondsMean: 210,
      },
    },
    {
      name: 'sales',
      settings: { wrapUp: { mode: 'mandatory' }, maxSize: 30 },
      callers: {
        arrivalsPerHour: [60, 90, 120, 130, 90, 80, 120, 110, 80, 40],
        patienceSecondsMean: 90,
        talkSecondsMean: 300,
      },
    },
  ],
  agents: [
    ...team('support', 24, [{ name: 'support' }]),
    ...team('sales', 12, [{ name: 'sales' }, { name: 'support', priority: 2, delaySeconds: 30 }]),
    ...team('expert', 4, [
      { name: 'support', priority: 2 },
      { name: 'sales', priority: 2 },
    ]),
  ],
};

function team(name: string, size: number, queues: SimulatedAgent['queues']): SimulatedAgent[] {
  return Array.from({ length: size }, (_, index) => ({ name: `${name}-${index + 1}`, queues }));
}
