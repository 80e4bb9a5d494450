import type { Recording } from '@crosspoint/contracts';
import { error, redirect } from '@sveltejs/kit';
import { ApiError, api } from '#lib/api/client.ts';
import type { PageLoad } from './$types';

/** A recording is heard on the page of its contact, beside what was said and done meanwhile. */
export const load: PageLoad = async ({ parent, params }) => {
  await parent();
  const path = `/recordings/${encodeURIComponent(params.id)}`;
  const recording = await api.get<Recording>(path).catch((failure: unknown) => {
    if (failure instanceof ApiError && failure.status < 500)
      error(failure.status === 403 ? 403 : 404, failure.code);
    throw failure;
  });
  redirect(307, `/contacts/${recording.contactId}`);
};
