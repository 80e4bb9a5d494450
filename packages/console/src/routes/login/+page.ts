import { redirect } from '@sveltejs/kit';
import { safeNext } from '#lib/session/next.ts';
import { homeOf, session } from '#lib/session/session.svelte.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
  const me = await session.resume({ begunElsewhere: url.searchParams.get('sso') === 'done' });
  if (me) redirect(307, safeNext(url.searchParams.get('next')) ?? homeOf(me));
};
