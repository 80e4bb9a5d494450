import { Command, InvalidArgumentError } from 'commander';
import { createLog, migrateDown, migrateUp, migrationStates } from '../../platform/index.ts';
import { print, table } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openCommandStorage, type Storage } from '../storage.ts';

function stepsOf(text: string): number | 'all' {
  if (text === 'all') return 'all';
  const steps = Number(text);
  if (Number.isSafeInteger(steps) && steps >= 1) return steps;
  throw new InvalidArgumentError('Use a number from 1 on, or "all".');
}

async function withStorage(command: Command, work: (storage: Storage) => Promise<void>): Promise<void> {
  const { settings } = settingsOf(command);
  const storage = await openCommandStorage(settings, createLog({ level: 'warn' }));
  try {
    await work(storage);
  } finally {
    await storage.close();
  }
}

export function migrateCommand(): Command {
  const up = new Command('up').description('Apply every pending migration.').action(async () => {
    await withStorage(up, async ({ database }) => {
      const names = await migrateUp(database);
      print(
        names.length === 0
          ? 'The database is up to date.'
          : names.map((name) => `applied ${name}`).join('\n'),
      );
    });
  });
  const down = new Command('down')
    .description(
      'Take back the last migration, or more of them. This deletes the data of the tables they made.',
    )
    .option('--steps <N>', 'how many to take back, or "all"', stepsOf, 1)
    .action(async () => {
      await withStorage(down, async ({ database }) => {
        const names = await migrateDown(database, down.opts<{ steps: number | 'all' }>().steps);
        print(
          names.length === 0 ? 'Nothing to take back.' : names.map((name) => `took back ${name}`).join('\n'),
        );
      });
    });
  const status = new Command('status')
    .description('List every migration and when it was applied.')
    .action(async () => {
      await withStorage(status, async ({ database }) => {
        const states = await migrationStates(database);
        print(table(states.map(({ name, appliedAt }) => [name, appliedAt?.toISOString() ?? 'pending'])));
      });
    });
  const command = new Command('migrate').description(
    'Change the tables of the database to those of this release.',
  );
  for (const child of [up, down, status]) command.addCommand(addSettingsOptions(child, DATA_SETTINGS));
  return command;
}
