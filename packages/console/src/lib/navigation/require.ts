import type { Permission } from '@crosspoint/contracts';
import { error } from '@sveltejs/kit';
import { session } from '#lib/session/session.svelte.ts';

/**
 * Stops loading a page that the person's role does not open; the error page says so. The server decides on every
 * request anyway, this only spares the person a page full of refusals.
 */
export function requirePermission(permission: Permission, reach?: 'all'): void {
  const granted = session.reach(permission);
  if (granted === undefined || (reach === 'all' && granted !== 'all')) error(403, 'forbidden');
}
