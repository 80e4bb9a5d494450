import { Argument, Command } from 'commander';
import { restoreBackup } from '../../platform/backup/index.ts';
import { createLog, lockHolder, PlatformError, prepareDataDirectory } from '../../platform/index.ts';
import { print } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openServerStorage } from '../storage.ts';

export function restoreCommand(): Command {
  const command = new Command('restore')
    .description('Put a backup back into an empty installation. The server must not run.')
    .addArgument(new Argument('<folder>', 'folder that "crosspoint backup" has made'))
    .option('--replace', 'delete the data that is there')
    .action(async (folder: string) => {
      const { settings } = settingsOf(command);
      const dataDir = prepareDataDirectory(settings.dataDir);
      const holder = lockHolder(dataDir);
      if (holder !== undefined) {
        throw new PlatformError(
          'data-directory-in-use',
          `The server runs on ${dataDir} (process ${holder.pid}); a backup is restored while it is stopped.`,
          `Stop it first (kill ${holder.pid}), or restore into another data directory (--data-dir).`,
        );
      }
      const storage = await openServerStorage(settings, createLog({ level: 'warn' }));
      try {
        const replace = command.opts<{ replace?: boolean }>().replace === true;
        const manifest = await restoreBackup({
          database: storage.database,
          dataDir,
          directory: folder,
          replace,
        });
        print(
          `Restored the backup of ${manifest.createdAt}: ${manifest.tables.length} tables, ${manifest.files.length} files.`,
        );
      } finally {
        await storage.close();
      }
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}
