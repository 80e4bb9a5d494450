import type { SupervisionAsked } from '@crosspoint/contracts';
import { m } from '#lib/paraglide/messages.js';
import { session } from '#lib/session/session.svelte.ts';

const modes: readonly { value: SupervisionAsked; words: () => string }[] = [
  { value: 'listen', words: m.call_listen },
  { value: 'whisper', words: m.call_whisper },
  { value: 'barge', words: m.call_barge },
  { value: 'take-over', words: m.call_take_over },
];

/** How one may take part in a conversation of others. */
export const allowedModes = (): { value: SupervisionAsked; label: string }[] =>
  modes
    .filter(({ value }) => session.can(`calls.${value}`))
    .map(({ value, words }) => ({ value, label: words() }));
