import { RecognitionSettingsInput } from '@crosspoint/contracts';
import { ServiceStore } from '../voice-services/index.ts';

/** Who understands the callers of each tenant. */
export const recognitionStore = new ServiceStore(
  'recognition_settings',
  RecognitionSettingsInput.omit({ key: true }),
);
