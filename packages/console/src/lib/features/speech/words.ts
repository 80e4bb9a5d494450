import type { SpeechFault, SpeechProvider } from '@crosspoint/contracts';
import { serviceFaults } from '#lib/features/voice-services/faults.ts';
import { m } from '#lib/paraglide/messages.js';

export const providerWords: Record<SpeechProvider, () => string> = {
  offline: m.speech_offline,
  openai: m.speech_openai,
  google: m.speech_google,
  azure: m.speech_azure,
  elevenlabs: m.speech_elevenlabs,
};

export const faultWords: Record<SpeechFault, () => string> = {
  ...serviceFaults,
  'no-sound': m.speech_fault_sound,
};
