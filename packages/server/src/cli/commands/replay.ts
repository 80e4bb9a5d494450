import type { ContactFact, ContactId } from '@crosspoint/contracts';
import { type ContactEffect, type JournaledInput, replayContact } from '@crosspoint/core';
import { Argument, Command } from 'commander';
import { findJournaledContact, journaledContacts, storedFacts } from '../../features/calls/index.ts';
import { createLog, type Database, PlatformError, type Settings } from '../../platform/index.ts';
import { TENANT_ID } from '../configuration.ts';
import { print } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openMigratedStorage } from '../storage.ts';

/** What happened this long ago is in the database while that is there. */
const storedWithinMs = 10_000;

export function replayCommand(): Command {
  const command = new Command('replay')
    .description(
      'Run a contact again from what it was told, and compare what comes of it with what is stored.',
    )
    .addArgument(new Argument('[contact id]', 'as the contacts page and the API show it'))
    .option('--all', 'every contact that the journal knows; shows those of which something else comes')
    .option('--json', 'everything as JSON, of one contact')
    .helpOption('-h, --help', 'show help')
    .action(async (contactId: string | undefined) => {
      const { settings } = settingsOf(command);
      const { all, json } = command.opts<{ all?: boolean; json?: boolean }>();
      if (all === true) return replayAll(settings);
      if (contactId === undefined) command.error('error: name a contact, or say --all');
      else await replayOne(settings, contactId as ContactId, json === true);
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}

async function replayOne(settings: Settings, id: ContactId, isJson: boolean): Promise<void> {
  const inputs = findJournaledContact(settings.dataDir, id);
  if (inputs === undefined) {
    throw new PlatformError(
      'contact-not-journaled',
      `The journal of calls knows no contact ${id}.`,
      'Give the id of a contact of the last days, from the server on whose data directory it was.',
    );
  }
  const steps: Step[] = [];
  const { facts } = replayContact(id, inputs, (entry, effects, fault) =>
    steps.push({ entry, effects, ...(fault === undefined ? {} : { fault: String(fault) }) }),
  );
  const stored = await withDatabase(settings, (database) => storedFacts(database, TENANT_ID, id));
  const difference = firstDifference(facts, stored);
  if (isJson) {
    print(JSON.stringify({ contactId: id, steps, difference: difference ?? null }, undefined, 2));
  } else print(describe(steps, facts.length, difference));
  if (difference !== undefined) process.exitCode = 1;
}

async function replayAll(settings: Settings): Promise<void> {
  let contacts = 0;
  let others = 0;
  await withDatabase(settings, async (database) => {
    for (const [id, inputs] of journaledContacts(settings.dataDir)) {
      contacts += 1;
      const told = await verdictOn(database, id, inputs);
      if (told === undefined) continue;
      others += 1;
      print(`Contact ${id}: ${told}`);
    }
  });
  print(`${contacts} contacts were run again, and something else came of ${others} of them.`);
  if (others > 0) process.exitCode = 1;
}

/** What is different when it is run again; undefined: nothing. */
async function verdictOn(
  database: Database,
  id: ContactId,
  inputs: readonly JournaledInput[],
): Promise<string | undefined> {
  try {
    const { facts, isClosed } = replayContact(id, inputs);
    const stored = await storedFacts(database, TENANT_ID, id);
    const difference = firstDifference(facts, stored);
    if (difference !== undefined) return differenceText(difference);
    const isOver = isClosed && (facts.at(-1)?.at ?? 0) < Date.now() - storedWithinMs;
    return isOver && stored.length < facts.length
      ? `of its ${facts.length} facts ${stored.length} are stored.`
      : undefined;
  } catch (error) {
    return `it cannot be run again: ${String(error)}`;
  }
}

async function withDatabase<Result>(
  settings: Settings,
  act: (database: Database) => Promise<Result>,
): Promise<Result> {
  const storage = await openMigratedStorage(settings, createLog({ level: 'warn' }));
  try {
    return await act(storage.database);
  } finally {
    await storage.close();
  }
}

interface Step {
  entry: JournaledInput;
  effects: readonly ContactEffect[];
  /** The machine failed at this, as it did then. */
  fault?: string;
}

interface Difference {
  seq: number;
  again: string;
  stored: string;
}

/** The first fact that is another one now. How a leg was heard is not decided by the machine, and stays out of it. */
function firstDifference(
  again: readonly ContactFact[],
  stored: readonly ContactFact[],
): Difference | undefined {
  // What is not stored yet is on its way: the last moments of a contact that lives.
  for (const [index, fact] of stored.entries()) {
    const [now, then] = [again[index], fact].map((each) => (each === undefined ? 'nothing' : textOf(each)));
    if (now !== then) return { seq: fact.seq, again: now ?? '', stored: then ?? '' };
  }
  return undefined;
}

/** The database does not keep the order of the fields. */
function textOf({ seq, at, type, data }: ContactFact): string {
  const { quality: _heard, ...decided } = data as Record<string, unknown>;
  const ordered = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, each]) => [name, ordered(each)]),
        )
      : Array.isArray(value)
        ? value.map(ordered)
        : value;
  return `${seq} ${at} ${type} ${JSON.stringify(ordered(decided))}`;
}

function describe(steps: readonly Step[], facts: number, difference: Difference | undefined): string {
  const first = steps[0]?.entry.at ?? 0;
  const lines = steps.flatMap(({ entry: { at, input }, effects, fault }) => {
    const { type, ...rest } =
      input.type === 'fact' ? { ...input.fact.data, type: `fact ${input.fact.type}` } : input;
    return [
      `${((at - first) / 1000).toFixed(3).padStart(9)} s  ${type} ${JSON.stringify(rest)}`,
      ...effects
        .filter(({ type: kind }) => kind !== 'touched')
        .map((effect) => `             → ${effectText(effect)}`),
      ...(fault === undefined ? [] : [`             ✗ the machine failed: ${fault}`]),
    ];
  });
  const verdict =
    difference === undefined
      ? `The same decisions: all ${facts} facts are as they are stored.`
      : differenceText(difference);
  return `${lines.join('\n')}\n\n${verdict}`;
}

function differenceText({ seq, stored, again }: Difference): string {
  return [`Fact ${seq} is another one now:`, `  stored  ${stored}`, `  again   ${again}`].join('\n');
}

function effectText(effect: ContactEffect): string {
  if (effect.type === 'fact') return `fact ${effect.fact.type} ${JSON.stringify(effect.fact.data)}`;
  const { type, ...rest } = effect;
  return Object.keys(rest).length === 0 ? type : `${type} ${JSON.stringify(rest)}`;
}
