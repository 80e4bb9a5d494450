import type { RecognitionFault, RecognitionProvider } from '@crosspoint/contracts';
import { serviceFaults } from '#lib/features/voice-services/faults.ts';
import { m } from '#lib/paraglide/messages.js';

export const providerWords: Record<RecognitionProvider, () => string> = {
  offline: m.recognition_offline,
  deepgram: m.recognition_deepgram,
};

export const faultWords: Record<RecognitionFault, () => string> = {
  ...serviceFaults,
  'not-installed': m.recognition_fault_not_installed,
  'language-unknown': m.recognition_fault_language,
  'words-unknown': m.recognition_fault_words,
  busy: m.recognition_fault_busy,
  'engine-failed': m.recognition_fault_engine,
  'request-refused': m.recognition_fault_request,
};
