import type { Permission } from '@crosspoint/contracts';
import { error } from '@sveltejs/kit';
import { session } from '#lib/session/session.svelte.ts';

/**
 * Stops loading a page that the person's role does not open; the error page says so. The server decides on every
 * request anyway, this only spares the person a page full of refusals.
 *
 * @param reach `all`: not enough to reach only one's own. `whole`: nor to answer for some teams only.
 */
export function requirePermission(permission: Permission, reach?: 'all' | 'whole'): void {
  const granted = session.reach(permission);
  if (
    granted === undefined ||
    (reach === 'whole' && session.bounded) ||
    (reach === 'all' && granted !== 'all')
  )
    error(403, 'forbidden');
}
