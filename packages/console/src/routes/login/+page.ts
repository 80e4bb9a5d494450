import { redirect } from '@sveltejs/kit';
import { homeOf, session } from '#lib/session/session.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async () => {
  const me = await session.resume();
  if (me) redirect(307, homeOf(me));
};
