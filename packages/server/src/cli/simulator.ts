import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ConfigurationDocument } from '@crosspoint/contracts';
import { INSTALLATION_DIR, PlatformError } from '../platform/index.ts';

/** What is assumed of the people, who are not part of a configuration. */
export interface SimulationAssumptions {
  readonly hours: number;
  /** Each seed is one run; several give ranges of confidence. */
  readonly seeds: readonly number[];
  /** To each queue, or by its name with one for `*`. */
  readonly callsPerHour: number | Readonly<Record<string, number>>;
  readonly patienceSecondsMean: number;
  readonly talkSecondsMean: number;
  readonly answerSecondsMean: number;
}

/** A mean over the runs, and how far the truth may be from it with 95 % confidence; null for a single run. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number | null;
}

export interface SimulationSummary {
  readonly contacts: number;
  readonly inputs: number;
  readonly occupancy: Estimate;
  readonly occupancyByInterval: readonly Estimate[];
  readonly queues: readonly {
    readonly name: string;
    /** By the names of the catalogue of metrics. */
    readonly figures: Readonly<Record<string, Estimate>>;
    readonly intervals: readonly {
      readonly fromSeconds: number;
      readonly offered: Estimate;
      readonly serviceLevel: Estimate | null;
      readonly asaSeconds: Estimate | null;
    }[];
  }[];
}

export interface SimulationResult {
  readonly summary: SimulationSummary;
  /** With a second configuration: its summary, and what it changes seed by seed. */
  readonly compared?: {
    readonly summary: SimulationSummary;
    readonly changes: readonly {
      readonly name: string;
      readonly figures: Readonly<Record<string, Estimate>>;
    }[];
  };
}

type Run = object;
interface RandomTime {
  readonly meanSeconds: number;
  readonly spread: 'exponential' | 'log-normal' | 'fixed';
}

interface Simulator {
  readonly usualAssumptions: Readonly<Record<'patience' | 'talk' | 'wrapUp' | 'answer', RandomTime>> & {
    readonly doesNotAnswer: number;
  };
  centreOf(document: ConfigurationDocument, assumptions: object): object;
  runWhatIf(options: { centre: object; seed: number; hours: number }): Run;
  summarise(runs: readonly Run[]): SimulationSummary;
  compare(
    before: readonly Run[],
    after: readonly Run[],
  ): NonNullable<SimulationResult['compared']>['changes'];
}

const SIMULATOR_FILE = join(INSTALLATION_DIR, 'packages/sim/src/index.ts');

/** Runs a configuration on virtual time with the production distributor, and a second one with the same callers. */
export async function runSimulation(
  document: ConfigurationDocument,
  assumptions: SimulationAssumptions,
  other?: ConfigurationDocument,
): Promise<SimulationResult> {
  const simulator = await loadSimulator();
  const runs = runsOf(simulator, document, assumptions);
  const summary = simulator.summarise(runs);
  if (other === undefined) return { summary };
  const otherRuns = runsOf(simulator, other, assumptions);
  const changes = simulator.compare(runs, otherRuns);
  return { summary, compared: { summary: simulator.summarise(otherRuns), changes } };
}

function runsOf(
  { centreOf, runWhatIf, usualAssumptions }: Simulator,
  document: ConfigurationDocument,
  assumptions: SimulationAssumptions,
): Run[] {
  const { callsPerHour, hours, seeds, patienceSecondsMean, talkSecondsMean, answerSecondsMean } = assumptions;
  const { patience, talk, answer, ...usual } = usualAssumptions;
  const centre = centreOf(document, {
    ...usual,
    callsPerHour,
    patience: { ...patience, meanSeconds: patienceSecondsMean },
    talk: { ...talk, meanSeconds: talkSecondsMean },
    answer: { ...answer, meanSeconds: answerSecondsMean },
  });
  return seeds.map((seed) => runWhatIf({ centre, seed, hours }));
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
