import type { ConfigurationChange, ConfigurationResult } from '@crosspoint/contracts';
import { Argument, Command } from 'commander';
import { applyDocument, describeErrors, DocumentRefused, reportRefusal } from '../configuration.ts';
import { readTextFile } from '../files.ts';
import { print } from '../output.ts';
import { addSettingsOptions, DATA_SETTINGS, settingsOf } from '../settings-options.ts';

export function applyCommand(): Command {
  const command = new Command('apply')
    .description(
      'Bring the configuration to what a document says, and print what changes. Applying it again changes nothing.',
    )
    .addArgument(new Argument('<file>', 'YAML or JSON document; "-" reads standard input'))
    .option('--dry-run', 'only print what would change')
    .action(async (file: string) => {
      const document = readTextFile(file);
      const { settings } = settingsOf(command);
      const dryRun = command.opts<{ dryRun?: boolean }>().dryRun === true;
      try {
        print(describeResult(await applyDocument(settings, { document, dryRun }), file));
      } catch (error) {
        if (!(error instanceof DocumentRefused)) throw error;
        reportRefusal(file, error);
      }
    });
  return addSettingsOptions(command, DATA_SETTINGS);
}

/** The changes as a person reads a diff. */
export function describeResult(result: ConfigurationResult, file: string): string {
  const lines = result.changes.flatMap(describeChange);
  for (const warning of result.warnings) lines.push(`warning: ${describeErrors(file, [warning])}`);
  const { length } = result.changes;
  const verb = result.dryRun ? 'would change' : 'changed';
  lines.push(
    length === 0
      ? `Everything is as ${file} says (${result.unchanged} unchanged).`
      : `${length} ${verb}, ${result.unchanged} unchanged.`,
  );
  return lines.join('\n');
}

function describeChange({ action, subject, name, fields }: ConfigurationChange): string[] {
  const mark = action === 'create' ? '+' : '~';
  return [
    `${mark} ${subject} ${name}`,
    ...fields.map(({ path, before, after }) =>
      action === 'create'
        ? `    ${path}: ${JSON.stringify(after)}`
        : `    ${path}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
    ),
  ];
}
