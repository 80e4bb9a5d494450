import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { exportConfiguration, toYaml } from '../../features/configuration/index.ts';
import { createLog } from '../../platform/index.ts';
import { TENANT_ID } from '../configuration.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';
import { openMigratedStorage } from '../storage.ts';

export function exportCommand(): Command {
  const command = new Command('export')
    .description('Print the configuration as the document that "apply" takes, without passwords.')
    .option('--output <FILE>', 'write it into a file instead')
    .action(async () => {
      const { settings } = settingsOf(command);
      const storage = await openMigratedStorage(settings, createLog({ level: 'warn' }));
      try {
        const text = toYaml(await exportConfiguration({ database: storage.database, tenantId: TENANT_ID }));
        const { output } = command.opts<{ output?: string }>();
        if (output === undefined) process.stdout.write(text);
        else writeFileSync(output, text);
      } finally {
        await storage.close();
      }
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}
