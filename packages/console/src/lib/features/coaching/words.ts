import type { Intervention, SupervisionMode } from '@crosspoint/contracts';
import { shown } from '#lib/i18n/shown.ts';
import { m } from '#lib/paraglide/messages.js';

const modes: Record<SupervisionMode, () => string> = {
  listen: m.coaching_listened,
  whisper: m.coaching_whispered,
  barge: m.coaching_barged,
};

/** What a supervisor did in a conversation, in turn. */
export function interventionWords(intervention: Intervention): string {
  const done = intervention.modes.map((mode) => modes[mode]());
  return shown.list([...new Set(intervention.tookOver ? [...done, m.coaching_took_over()] : done)]);
}
