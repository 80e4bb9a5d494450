/**
 * The cost of the simulator: contacts per CPU second with five hundred agents in ten queues, with abandons, wrap-up and skills.
 * `node packages/sim/bench/whatif.ts`
 */
import { QueueSettings } from '@crosspoint/contracts';
import { runWhatIf, type WhatIfCentre } from '../src/whatif/index.ts';

const agentCount = 500;
const queueCount = 10;

const centre: WhatIfCentre = {
  queues: Array.from({ length: queueCount }, (_, index) => ({
    name: `queue-${index}`,
    settings: QueueSettings.parse({
      name: `queue-${index}`,
      maxSize: 1_000,
      wrapUp: { mode: 'timed', seconds: 20 },
      requirementSteps: index % 2 === 0 ? [] : [{ requirement: { skill: 'billing', level: 3 }, seconds: 30 }],
    }),
    arrivalsPerHour: 800,
    patience: { meanSeconds: 120, spread: 'exponential' },
    talk: { meanSeconds: 180, spread: 'log-normal' },
    wrapUp: { meanSeconds: 20, spread: 'exponential' },
  })),
  agents: Array.from({ length: agentCount }, (_, index) => ({
    name: `agent-${index}`,
    capacity: 1,
    skills: { billing: 1 + (index % 5) },
    languages: ['en'],
    queues: [0, 3].map((step) => ({
      name: `queue-${(index + step) % queueCount}`,
      priority: 1,
      delaySeconds: 0,
      weight: 1,
    })),
    answer: { meanSeconds: 3, spread: 'exponential' },
    doesNotAnswer: 0.01,
  })),
  numbers: new Map(),
};

runWhatIf({ centre, seed: 1, hours: 2 });
const before = process.cpuUsage();
const { contacts, inputs, occupancy, queues } = runWhatIf({ centre, seed: 2, hours: 40 });
const { user, system } = process.cpuUsage(before);
const cpuSeconds = (user + system) / 1e6;
console.log(`${agentCount} agents, ${queueCount} queues, node ${process.version}`);
console.log(`${contacts} contacts, ${inputs} inputs in ${cpuSeconds.toFixed(2)} CPU seconds`);
console.log(
  `${Math.round(contacts / cpuSeconds)} contacts and ${Math.round(inputs / cpuSeconds)} inputs per CPU second`,
);
console.log(
  `occupancy ${(occupancy * 100).toFixed(1)} %, abandoned ${queues[0]?.counts.abandoned} of ${queues[0]?.counts.offered}`,
);
