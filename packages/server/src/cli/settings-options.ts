import { type Command, Option } from 'commander';
import { type LoadedSettings, loadSettings, SETTING_DEFINITIONS } from '../platform/index.ts';

/** Adds an option for each of the named settings, or for all of them. */
export function addSettingsOptions(command: Command, paths?: readonly string[]): Command {
  for (const definition of SETTING_DEFINITIONS) {
    if (paths !== undefined && !paths.includes(definition.path)) continue;
    const shownDefault =
      definition.fallbackText ??
      (typeof definition.fallback === 'function' ? '' : String(definition.fallback ?? ''));
    const defaultText = shownDefault === '' ? '' : `, default ${shownDefault}`;
    const help = `${definition.help} (${definition.environment}${defaultText})`;
    command.addOption(new Option(`${definition.flag} <${definition.placeholder}>`, help));
  }
  return command;
}

/** Settings that decide where the data is: enough for every command but `start`. */
export const DATA_SETTINGS = ['configFile', 'dataDir', 'databaseUrl', 'logLevel'] as const;

/** The settings of a run, with those flags of the command that are settings. */
export function settingsOf(command: Command): LoadedSettings {
  const options = command.optsWithGlobals<Record<string, unknown>>();
  const flags: Record<string, string> = {};
  for (const definition of SETTING_DEFINITIONS) {
    const value = options[new Option(definition.flag).attributeName()];
    if (typeof value === 'string') flags[definition.path] = value;
  }
  return loadSettings({ flags });
}
