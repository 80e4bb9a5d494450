import { requirePermission } from '#lib/navigation/require.ts';
import type { LayoutLoad } from './$types';

export const load: LayoutLoad = async ({ parent }) => {
  await parent();
  requirePermission('audit.read', 'whole');
};
