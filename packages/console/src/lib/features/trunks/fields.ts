import type { TrunkState } from '@crosspoint/contracts';
import type { Label } from '#lib/i18n/labels.ts';
import type { Tone } from '#lib/components/tone.ts';
import { m } from '#lib/paraglide/messages.js';

const labels: Record<string, () => string> = {
  name: m.trunk_name,
  enabled: m.trunk_enabled,
  host: m.trunk_host,
  port: m.trunk_port,
  transport: m.trunk_transport,
  alternates: m.trunk_alternates,
  match: m.trunk_match,
  keepAliveSeconds: m.trunk_keep_alive,
  concurrentCallsMax: m.trunk_calls_max,
  callsPerSecondMax: m.trunk_calls_per_second,
  tls: m.trunk_certificate,
  srtp: m.srtp,
  numbering: m.trunk_section_numbers,
  identity: m.trunk_section_identity,
  outgoing: m.trunk_section_outgoing,
  registers: m.trunk_registers,
  register: m.trunk_section_account,
  authenticates: m.trunk_authenticates,
  authentication: m.trunk_authenticates,
};
/** The name of a trunk's setting for people. */
export const trunkFieldLabel = (field: string): string => labels[field]?.() ?? field;

const states: Record<TrunkState, [() => string, Tone]> = {
  off: [m.trunk_state_off, 'off'],
  registering: [m.trunk_state_registering, 'waiting'],
  registered: [m.trunk_state_registered, 'talk'],
  refused: [m.trunk_state_refused, 'bad'],
  reachable: [m.trunk_state_reachable, 'talk'],
  unreachable: [m.trunk_state_unreachable, 'bad'],
  unchecked: [m.trunk_state_unchecked, 'idle'],
};
export function trunkStateLabel(state: TrunkState): Label {
  const [text, tone] = states[state];
  return { text: text(), tone };
}
