export { SETTING_DEFINITIONS, type SettingDefinition, type Settings } from './definitions.ts';
export {
  loadSettings,
  SettingsError,
  type LoadedSettings,
  type SettingProblem,
  type SettingsInput,
} from './load.ts';
