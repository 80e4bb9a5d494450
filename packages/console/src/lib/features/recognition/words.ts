import type { RecognitionFault, RecognitionProvider } from '@crosspoint/contracts';
import type { ApiError } from '#lib/api/client.ts';
import { problemWords } from '#lib/api/problems.ts';
import { m } from '#lib/paraglide/messages.js';

export const providerWords: Record<RecognitionProvider, () => string> = {
  offline: m.recognition_offline,
  deepgram: m.recognition_deepgram,
};

const faults: Record<RecognitionFault, () => string> = {
  'not-installed': m.recognition_fault_not_installed,
  'language-unknown': m.recognition_fault_language,
  'words-unknown': m.recognition_fault_words,
  busy: m.recognition_fault_busy,
  'engine-failed': m.recognition_fault_engine,
  'key-refused': m.speech_fault_key,
  'request-refused': m.recognition_fault_request,
  limited: m.speech_fault_limited,
  unavailable: m.speech_fault_unavailable,
  timeout: m.speech_fault_timeout,
  'no-connection': m.speech_fault_connection,
  'address-refused': m.speech_fault_address,
  paused: m.speech_fault_paused,
};

export const faultWords = (fault: RecognitionFault): string => faults[fault]();

/** Why a trial failed, with what the service itself said about it. */
export function trialWords(error: ApiError): { title: string; detail: string } {
  const [code = '', ...said] = error.fields[0]?.message.split(' ') ?? [];
  const words = faults[code as RecognitionFault];
  return words === undefined ? problemWords(error) : { title: words(), detail: said.join(' ') };
}
