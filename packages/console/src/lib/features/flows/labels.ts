import type { Flow } from '@crosspoint/contracts';
import type { Label } from '#lib/i18n/labels.ts';
import { m } from '#lib/paraglide/messages.js';

/** What callers meet of a flow. Null: it was never stored. */
export function flowState(flow: Flow | null): Label {
  if (flow === null) return { text: m.flow_state_new(), tone: 'off' };
  if (flow.state === 'archived') return { text: m.flow_state_archived(), tone: 'off' };
  if (flow.version === null) return { text: m.flow_state_draft(), tone: 'wrap' };
  return { text: m.flow_state_published({ version: flow.version }), tone: 'talk' };
}
