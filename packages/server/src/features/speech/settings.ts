import { SpeechSettingsInput } from '@crosspoint/contracts';
import { ServiceStore } from '../voice-services/index.ts';

/** Who speaks for each tenant. */
export const speechStore = new ServiceStore('speech_settings', SpeechSettingsInput.omit({ key: true }));
