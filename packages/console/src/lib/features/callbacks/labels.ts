import type { CallbackState } from '@crosspoint/contracts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';

const states: Record<CallbackState, { label: () => string; tone: Tone }> = {
  scheduled: { label: m.callback_state_scheduled, tone: 'idle' },
  waiting: { label: m.callback_state_waiting, tone: 'waiting' },
  resting: { label: m.callback_state_resting, tone: 'break' },
  done: { label: m.callback_state_done, tone: 'talk' },
  failed: { label: m.callback_state_failed, tone: 'bad' },
  cancelled: { label: m.callback_state_cancelled, tone: 'off' },
};

export const callbackStateLabel = (state: CallbackState): string => states[state].label();
export const callbackTone = (state: CallbackState): Tone => states[state].tone;

/** The value of a field for date and time, in the time of this browser, so much later than that instant. */
export function localInput(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

/** The instant that such a field shows; undefined while it is not filled in. */
export function instantOf(input: string): string | undefined {
  const ms = Date.parse(input);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
