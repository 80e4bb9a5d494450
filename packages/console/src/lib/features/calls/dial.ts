import type { MadeCall } from '@crosspoint/contracts';
import { act } from '#lib/api/act.ts';
import { api } from '#lib/api/client.ts';
import { phone } from '#lib/softphone/phone.svelte.ts';

/**
 * Calls a number or an extension in one's own name. The own telephone is called first: that of this window takes the call by
 * itself, one on the desk rings.
 */
export function dial(to: string): Promise<boolean> {
  return act(async () => {
    const { contactId } = await api.post<MadeCall>('/calls', { to });
    phone.expect(contactId);
  });
}
