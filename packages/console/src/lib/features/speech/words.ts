import type { SpeechFault, SpeechProvider } from '@crosspoint/contracts';
import type { ApiError } from '#lib/api/client.ts';
import { problemWords } from '#lib/api/problems.ts';
import { m } from '#lib/paraglide/messages.js';

export const providerWords: Record<SpeechProvider, () => string> = {
  offline: m.speech_offline,
  openai: m.speech_openai,
  google: m.speech_google,
  azure: m.speech_azure,
  elevenlabs: m.speech_elevenlabs,
};

const faults: Record<SpeechFault, () => string> = {
  'key-refused': m.speech_fault_key,
  'request-refused': m.speech_fault_request,
  limited: m.speech_fault_limited,
  unavailable: m.speech_fault_unavailable,
  timeout: m.speech_fault_timeout,
  'no-connection': m.speech_fault_connection,
  'address-refused': m.speech_fault_address,
  'no-sound': m.speech_fault_sound,
  paused: m.speech_fault_paused,
};

export const faultWords = (fault: SpeechFault): string => faults[fault]();

/** Why a trial failed, with what the service itself said about it. */
export function trialWords(error: ApiError): { title: string; detail: string } {
  const [code = '', ...said] = error.fields[0]?.message.split(' ') ?? [];
  const words = faults[code as SpeechFault];
  return words === undefined ? problemWords(error) : { title: words(), detail: said.join(' ') };
}
