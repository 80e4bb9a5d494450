import { Argument, Command } from 'commander';
import { createBackup } from '../../platform/backup/index.ts';
import { createLog } from '../../platform/index.ts';
import { print } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openMigratedStorage } from '../storage.ts';

const BYTES_PER_MEGABYTE = 1_000_000;

export function backupCommand(): Command {
  const command = new Command('backup')
    .description(
      'Write a backup: every table as of one instant, recordings and secrets. The server may go on running.',
    )
    .addArgument(new Argument('<folder>', 'folder to make; keep it safe, it holds secrets'))
    .action(async (folder: string) => {
      const { settings } = settingsOf(command);
      const storage = await openMigratedStorage(settings, createLog({ level: 'warn' }));
      try {
        const { connection } = storage.database;
        const { dataDir } = settings;
        const manifest = await createBackup({ connection, dataDir, directory: folder, now: new Date() });
        const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
        const bytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
        print(
          `Wrote ${folder}: ${rows} rows of ${manifest.tables.length} tables, ` +
            `${manifest.files.length} files (${(bytes / BYTES_PER_MEGABYTE).toFixed(1)} MB).`,
        );
      } finally {
        await storage.close();
      }
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}
