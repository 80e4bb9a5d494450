import { error, redirect } from '@sveltejs/kit';
import { ApiError } from '#lib/api/client.ts';
import { centre } from '#lib/live/centre.svelte.ts';
import { session } from '#lib/session/session.svelte.ts';
import type { LayoutLoad } from './$types';

/** Nobody sees a page of the console without a session; the wanted page comes back after signing in. */
export const load: LayoutLoad = async ({ url }) => {
  const me = await session.resume().catch((failure: unknown) => {
    if (failure instanceof ApiError) error(503, failure.code);
    throw failure;
  });
  if (me) {
    // The stream connects while the page is still being made.
    centre.start();
    return { me };
  }
  const wanted = `${url.pathname}${url.search}`;
  redirect(307, wanted === '/' ? '/login' : `/login?next=${encodeURIComponent(wanted)}`);
};
