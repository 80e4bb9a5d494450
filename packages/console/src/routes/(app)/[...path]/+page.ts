import { error, redirect } from '@sveltejs/kit';
import { aliasOf } from '#lib/navigation/aliases.ts';
import { openGroups } from '#lib/navigation/open.ts';
import type { PageLoad } from './$types';

/** Whatever is no page: another address of one, a section, whose first open page is shown, or nothing, said beside the navigation. */
export const load: PageLoad = async ({ parent, url }) => {
  await parent();
  const section = `${url.pathname.replace(/\/$/, '')}/`;
  const places = openGroups().flatMap((group) => group.places);
  const page = aliasOf(url.pathname) ?? places.find((place) => place.path.startsWith(section))?.path;
  if (page === undefined) error(404, 'not-found');
  redirect(307, `${page}${url.search}`);
};
