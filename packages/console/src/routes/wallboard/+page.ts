import { redirect } from '@sveltejs/kit';
import { requirePermission } from '#lib/navigation/require.ts';
import { session } from '#lib/session/session.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async () => {
  if (!(await session.resume())) redirect(307, '/login?next=%2Fwallboard');
  requirePermission('queues.live', 'all');
};
