import { requirePermission } from '#lib/navigation/require.ts';
import type { PageLoad } from './$types';

/** A new one is only for who may make it. */
export const load: PageLoad = async ({ parent, params }) => {
  await parent();
  if (params.id === 'new') requirePermission('scorecards.write');
};
