import { error, redirect } from '@sveltejs/kit';
import { ApiError } from '#lib/api/client.ts';
import { requirePermission } from '#lib/navigation/require.ts';
import { session } from '#lib/session/session.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async () => {
  const me = await session.resume().catch((failure: unknown) => {
    if (failure instanceof ApiError) error(503, failure.code);
    throw failure;
  });
  if (!me) redirect(307, '/login?next=%2Fwallboard');
  requirePermission('queues.live', 'all');
};
