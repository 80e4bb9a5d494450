import { m } from '#lib/paraglide/messages.js';
import type { MicrophoneFault } from '#lib/softphone/audio.ts';

const words: Record<MicrophoneFault, () => string> = {
  insecure: m.phone_microphone_insecure,
  refused: m.phone_microphone_refused,
  missing: m.phone_microphone_missing,
  busy: m.phone_microphone_busy,
};

/** Why there is no microphone, and the way on. */
export function microphoneWords(fault: MicrophoneFault): string {
  return words[fault]();
}
