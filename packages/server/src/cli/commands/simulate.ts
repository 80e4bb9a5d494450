import type { ConfigurationDocument } from '@crosspoint/contracts';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { exportConfiguration, readDocument } from '../../features/configuration/index.ts';
import { createLog, type Settings } from '../../platform/index.ts';
import { DocumentRefused, reportRefusal, TENANT_ID } from '../configuration.ts';
import { readTextFile } from '../files.ts';
import { print, table } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { runSimulation, type SimulationAssumptions, type SimulationResult } from '../simulator.ts';
import { openMigratedStorage } from '../storage.ts';

interface SimulateOptions {
  readonly seed: number;
  readonly hours: number;
  readonly calls: number;
  readonly patience: number;
  readonly talk: number;
}

function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a number from ${min} to ${max}.`);
  };
}

function option(flags: string, help: string, fallback: number, min: number, max: number): Option {
  return new Option(flags, help).argParser(numberBetween(min, max)).default(fallback);
}

export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('Try a configuration on virtual time, with the machines that route real calls.')
    .addArgument(new Argument('[file]', 'document as "apply" takes it (default: the present configuration)'))
    .addOption(option('--seed <N>', 'the same seed gives the same result', 1, 0, 2 ** 32 - 1))
    .addOption(option('--hours <N>', 'how long callers arrive', 8, 0.1, 168))
    .addOption(option('--calls <N>', 'calls per hour to each queue', 60, 0, 100_000))
    .addOption(option('--patience <SECONDS>', 'mean time until a waiting caller gives up', 120, 1, 86_400))
    .addOption(option('--talk <SECONDS>', 'mean length of a conversation', 180, 1, 86_400))
    .action(async (file: string | undefined) => {
      const { settings } = settingsOf(command);
      const { seed, hours, calls, patience, talk } = command.opts<SimulateOptions>();
      const assumptions: SimulationAssumptions = {
        seed,
        hours,
        callsPerHour: calls,
        patienceSecondsMean: patience,
        talkSecondsMean: talk,
      };
      try {
        const document = file === undefined ? await presentConfiguration(settings) : readFile(file);
        print(describeSimulation(await runSimulation(document, assumptions), assumptions));
      } catch (error) {
        if (!(error instanceof DocumentRefused)) throw error;
        reportRefusal(file ?? 'configuration', error);
      }
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}

async function presentConfiguration(settings: Settings): Promise<ConfigurationDocument> {
  const { database, close } = await openMigratedStorage(settings, createLog({ level: 'warn' }));
  try {
    return await exportConfiguration({ database, tenantId: TENANT_ID });
  } finally {
    await close();
  }
}

function readFile(file: string): ConfigurationDocument {
  const read = readDocument(readTextFile(file));
  if (read.ok) return read.located.document;
  throw new DocumentRefused(read.errors);
}

const percent = (ratio: number | null | undefined): string =>
  ratio === null || ratio === undefined ? '–' : `${(ratio * 100).toFixed(1)} %`;
const seconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${value.toFixed(1)} s`;

/** A table of the queues, with the same figures that the live board shows. */
export function describeSimulation(result: SimulationResult, { hours, seed }: SimulationAssumptions): string {
  const rows = result.queues.map(({ name, counts, figures }) => [
    name,
    String(counts.offered),
    String(counts.answered),
    String(counts.abandoned),
    String(counts.overflowed),
    String(counts.deflected),
    percent(figures['serviceLevel']),
    seconds(figures['averageSpeedOfAnswerSeconds']),
    seconds(figures['averageHandleSeconds']),
  ]);
  const head = [
    'queue',
    'offered',
    'answered',
    'abandoned',
    'overflowed',
    'deflected',
    'service level',
    'ASA',
    'AHT',
  ];
  return [
    `${result.contacts} contacts in ${hours} hours, ${result.inputs} decisions, seed ${seed}`,
    '',
    table([head, ...rows]),
    ...result.repairs.map((repair) => `repaired: ${repair}`),
  ].join('\n');
}
