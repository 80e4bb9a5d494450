import type { AgentLive, LiveCall } from '@crosspoint/contracts';
import { phone } from '#lib/softphone/phone.svelte.ts';

/**
 * Whether what is offered to this agent is answered in this window: its call is here, is being connected, or can come nowhere else.
 * The stream tells of an offer some milliseconds before the call is here, and nobody shall wait for the buttons that long. While
 * another telephone is there too, the call itself has to say where it rings.
 */
export function ringsInWindow({ contacts, devices }: AgentLive): boolean {
  if (phone.offer !== null) return true;
  if (phone.call !== null) return contacts.some(({ contactId }) => contactId === phone.call?.contactId);
  return (
    phone.state.kind === 'ready' && devices.every(({ kind, reachable }) => kind === 'browser' || !reachable)
  );
}

/**
 * Whether this agent is being called: by a queue, or by a colleague or for a call of one's own, which the agent has from its first ring on.
 *
 * @param leg the own one, if there is any.
 */
export const isRinging = ({ activity }: AgentLive, leg: LiveCall | undefined): boolean =>
  activity === 'offered' || leg?.state === 'ringing';
