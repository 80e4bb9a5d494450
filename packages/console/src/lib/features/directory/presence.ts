import type { Presence } from '@crosspoint/contracts';
import type { Label } from '#lib/i18n/labels.ts';
import { m } from '#lib/paraglide/messages.js';

const labels: Record<Presence, () => Label> = {
  free: () => ({ text: m.presence_free(), tone: 'talk' }),
  busy: () => ({ text: m.presence_busy(), tone: 'hold' }),
  break: () => ({ text: m.activity_break(), tone: 'break' }),
  offline: () => ({ text: m.activity_offline(), tone: 'off' }),
  unreachable: () => ({ text: m.activity_unreachable(), tone: 'bad' }),
};

/** Whether a colleague can be called, in words and colour. */
export const presenceLabel = (presence: Presence): Label => labels[presence]();
