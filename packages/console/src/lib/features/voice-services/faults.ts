import type { ServiceFault } from '@crosspoint/contracts';
import type { ApiError } from '#lib/api/client.ts';
import { problemWords } from '#lib/api/problems.ts';
import { m } from '#lib/paraglide/messages.js';

/** Faults that every service may have, in words. */
export const serviceFaults: Record<ServiceFault, () => string> = {
  'key-refused': m.speech_fault_key,
  'request-refused': m.speech_fault_request,
  limited: m.speech_fault_limited,
  unavailable: m.speech_fault_unavailable,
  timeout: m.speech_fault_timeout,
  'no-connection': m.speech_fault_connection,
  'address-refused': m.speech_fault_address,
  paused: m.speech_fault_paused,
};

export interface Trouble {
  title: string;
  /** What the service itself said about it. */
  detail: string;
}

/** Why a trial failed, by the fault that stands first in its problem. */
export function trialTrouble(error: ApiError, faults: Readonly<Record<string, () => string>>): Trouble {
  const [code = '', ...said] = error.fields[0]?.message.split(' ') ?? [];
  const words = faults[code];
  return words === undefined ? problemWords(error) : { title: words(), detail: said.join(' ') };
}
