import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigurationDocument, QueueSettings } from '@crosspoint/contracts';
import { INSTALLATION_DIR, PlatformError } from '../platform/index.ts';

/** What is assumed of the callers, who are not part of a configuration. */
export interface SimulationAssumptions {
  readonly seed: number;
  readonly hours: number;
  /** Of each queue. */
  readonly callsPerHour: number;
  readonly patienceSecondsMean: number;
  readonly talkSecondsMean: number;
}

interface SimulatedQueueResult {
  readonly name: string;
  readonly counts: Readonly<
    Record<'offered' | 'answered' | 'abandoned' | 'overflowed' | 'deflected', number>
  >;
  /** By the names of the catalogue of metrics. */
  readonly figures: Readonly<Record<string, number | null>>;
}

/** The part of the simulator's result that is shown. */
export interface SimulationResult {
  readonly contacts: number;
  readonly inputs: number;
  readonly queues: readonly SimulatedQueueResult[];
  readonly repairs: readonly string[];
}

interface SimulatedQueue {
  readonly name: string;
  readonly settings: Omit<QueueSettings, 'name' | 'requirementSteps' | 'overflow'>;
  readonly callers: {
    readonly arrivalsPerHour: number;
    readonly patienceSecondsMean: number;
    readonly talkSecondsMean: number;
  };
}

interface SimulatedAgent {
  readonly name: string;
  readonly capacity: number;
  readonly queues: readonly {
    readonly name: string;
    readonly priority: number;
    readonly delaySeconds: number;
  }[];
}

interface Simulator {
  simulate(options: {
    readonly seed: number;
    readonly hours: number;
    readonly configuration: { readonly queues: SimulatedQueue[]; readonly agents: SimulatedAgent[] };
  }): SimulationResult;
}

const SIMULATOR_FILE = join(INSTALLATION_DIR, 'packages/sim/src/index.ts');

/** Runs a configuration on virtual time with the production machines. */
export async function runSimulation(
  document: ConfigurationDocument,
  assumptions: SimulationAssumptions,
): Promise<SimulationResult> {
  const { seed, hours } = assumptions;
  const { simulate } = await loadSimulator();
  return simulate({
    seed,
    hours,
    configuration: { queues: queuesOf(document, assumptions), agents: agentsOf(document) },
  });
}

/** The simulator is a room that the server never imports; only this command knows it, and only by its file. */
async function loadSimulator(): Promise<Simulator> {
  if (existsSync(SIMULATOR_FILE)) return (await import(pathToFileURL(SIMULATOR_FILE).href)) as Simulator;
  throw new PlatformError(
    'command-unavailable',
    `The simulator is not part of this installation: ${SIMULATOR_FILE} does not exist.`,
    'Run the command in a complete checkout.',
  );
}

function queuesOf(document: ConfigurationDocument, assumptions: SimulationAssumptions): SimulatedQueue[] {
  const { callsPerHour: arrivalsPerHour, patienceSecondsMean, talkSecondsMean } = assumptions;
  return document.queues.map(
    ({ name, agents: _agents, requirementSteps: _steps, overflow: _overflow, ...settings }) => ({
      name,
      settings,
      callers: { arrivalsPerHour, patienceSecondsMean, talkSecondsMean },
    }),
  );
}

function agentsOf(document: ConfigurationDocument): SimulatedAgent[] {
  return document.agents.map(({ username, capacity }) => ({
    name: username,
    capacity,
    queues: document.queues.flatMap(({ name, agents }) => {
      const entry = agents.find((agent) => usernameOf(agent).toLowerCase() === username.toLowerCase());
      if (entry === undefined) return [];
      const { priority, delaySeconds } = typeof entry === 'string' ? { priority: 1, delaySeconds: 0 } : entry;
      return [{ name, priority, delaySeconds }];
    }),
  }));
}

function usernameOf(agent: ConfigurationDocument['queues'][number]['agents'][number]): string {
  return typeof agent === 'string' ? agent : agent.username;
}
