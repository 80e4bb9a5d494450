import type { ConfigurationDocument } from '@crosspoint/contracts';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { exportConfiguration, readDocument } from '../../features/configuration/index.ts';
import { createLog, type Settings } from '../../platform/index.ts';
import { DocumentRefused, reportRefusal, TENANT_ID } from '../configuration.ts';
import { readTextFile } from '../files.ts';
import { print, table } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import {
  type Estimate,
  runSimulation,
  type SimulationAssumptions,
  type SimulationResult,
  type SimulationSummary,
} from '../simulator.ts';
import { openMigratedStorage } from '../storage.ts';

interface SimulateOptions {
  readonly seed: number;
  readonly seeds: number;
  readonly hours: number;
  readonly calls: number | Record<string, number>;
  readonly patience: number;
  readonly talk: number;
  readonly answer: number;
  readonly compare?: string;
  readonly intervals?: boolean;
  readonly json?: boolean;
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

const callsMax = 100_000;

/** One number for every queue, or `support=120,sales=40,*=10`. */
function callsOf(text: string): number | Record<string, number> {
  const one = numberBetween(0, callsMax);
  if (!text.includes('=')) return one(text);
  return Object.fromEntries(
    text.split(',').map((part) => {
      const at = part.lastIndexOf('=');
      if (at < 1) throw new InvalidArgumentError('Write each as NAME=CALLS, with * for all others.');
      return [part.slice(0, at).trim(), one(part.slice(at + 1))];
    }),
  );
}

export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description('Try a configuration on virtual time, with the distributor that routes real calls.')
    .addArgument(new Argument('[file]', 'document as "apply" takes it (default: the present configuration)'))
    .addOption(option('--seed <N>', 'the same seed gives the same result', 1, 0, 2 ** 32 - 1))
    .addOption(option('--seeds <N>', 'runs with as many seeds, for ranges of confidence', 1, 1, 100))
    .addOption(option('--hours <N>', 'how long callers arrive', 8, 0.1, 168))
    .addOption(
      new Option('--calls <N>', 'calls per hour to each queue, or NAME=N,NAME=N,*=N')
        .argParser(callsOf)
        .default(60),
    )
    .addOption(option('--patience <SECONDS>', 'mean time until a waiting caller gives up', 120, 1, 86_400))
    .addOption(option('--talk <SECONDS>', 'mean length of a conversation', 180, 1, 86_400))
    .addOption(option('--answer <SECONDS>', 'mean time until an agent answers', 3, 0, 300))
    .addOption(new Option('--compare <FILE>', 'a second document, tried with the same callers'))
    .addOption(new Option('--intervals', 'show every quarter of an hour'))
    .addOption(new Option('--json', 'everything as JSON'))
    .action(async (file: string | undefined) => {
      const { settings } = settingsOf(command);
      const options = command.opts<SimulateOptions>();
      const assumptions: SimulationAssumptions = {
        hours: options.hours,
        seeds: Array.from({ length: options.seeds }, (_, index) => options.seed + index),
        callsPerHour: options.calls,
        patienceSecondsMean: options.patience,
        talkSecondsMean: options.talk,
        answerSecondsMean: options.answer,
      };
      try {
        const document = file === undefined ? await presentConfiguration(settings) : readFile(file);
        const other = options.compare === undefined ? undefined : readFile(options.compare);
        const result = await runSimulation(document, assumptions, other);
        print(
          options.json === true
            ? JSON.stringify(result, null, 2)
            : describeSimulation(result, assumptions, options.intervals === true),
        );
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

type Show = (value: number) => string;
const percent: Show = (ratio) => `${(ratio * 100).toFixed(1)} %`;
const seconds: Show = (value) => `${value.toFixed(1)} s`;
const count: Show = (value) => String(Math.round(value));

function range(estimate: Estimate | null | undefined, show: Show): string {
  if (estimate === null || estimate === undefined) return '–';
  const { mean, halfWidth } = estimate;
  return halfWidth === null ? show(mean) : `${show(mean)} ± ${show(halfWidth)}`;
}

/** What a configuration changes has a sign. */
function change(estimate: Estimate | undefined, show: Show): string {
  if (estimate === undefined) return '–';
  const text = range(estimate, show);
  return estimate.mean > 0 ? `+${text}` : text;
}

const COLUMNS: readonly [title: string, metric: string, show: Show][] = [
  ['offered', 'offered', count],
  ['answered', 'answered', count],
  ['abandoned', 'abandoned', count],
  ['overflowed', 'overflowed', count],
  ['deflected', 'deflected', count],
  ['service level', 'serviceLevel', percent],
  ['ASA', 'averageSpeedOfAnswerSeconds', seconds],
  ['AHT', 'averageHandleSeconds', seconds],
];
const HEAD = ['queue', ...COLUMNS.map(([title]) => title)];

function queueTable({ queues }: SimulationSummary): string {
  const rows = queues.map(({ name, figures }) => [
    name,
    ...COLUMNS.map(([, metric, show]) => range(figures[metric], show)),
  ]);
  return table([HEAD, ...rows]);
}

function intervalTable({ queues, occupancyByInterval }: SimulationSummary): string {
  const clock = (fromSeconds: number) => {
    const minutes = Math.round(fromSeconds / 60);
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  };
  const rows = queues.flatMap(({ name, intervals }) =>
    intervals.map(({ fromSeconds, offered, serviceLevel, asaSeconds }, index) => [
      clock(fromSeconds),
      name,
      range(offered, (value) => value.toFixed(1)),
      range(serviceLevel, percent),
      range(asaSeconds, seconds),
      range(occupancyByInterval[index], percent),
    ]),
  );
  return table([['from', 'queue', 'offered', 'service level', 'ASA', 'occupancy'], ...rows]);
}

/** Tables of the queues, with the same figures that the live board shows; ± is the range of 95 % confidence. */
export function describeSimulation(
  { summary, compared }: SimulationResult,
  { hours, seeds }: SimulationAssumptions,
  withIntervals: boolean,
): string {
  const runs =
    seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} runs of ${hours} hours, means ± 95 %`;
  const parts = [
    `${summary.contacts} contacts in ${hours} hours, ${summary.inputs} decisions, ${runs}`,
    queueTable(summary),
    `occupancy of the agents: ${range(summary.occupancy, percent)}`,
  ];
  if (withIntervals) parts.push(intervalTable(summary));
  if (compared !== undefined) {
    const rows = compared.changes.map(({ name, figures }) => [
      name,
      ...COLUMNS.map(([, metric, show]) => change(figures[metric], show)),
    ]);
    parts.push('the second configuration, with the same callers:', queueTable(compared.summary));
    parts.push(`occupancy of the agents: ${range(compared.summary.occupancy, percent)}`);
    parts.push('what it changes, seed by seed:', table([HEAD, ...rows]));
  }
  return parts.join('\n\n');
}
