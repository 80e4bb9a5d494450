import { updated } from '$app/state';
import { toasts } from '#lib/components/toasts.svelte.ts';
import { m } from '#lib/paraglide/messages.js';

const noteKey = 'crosspoint.renewed';

/** So that the next page of this window can say why it was loaded: the server has another console than this page was made of. */
export function noteRenewal(): void {
  sessionStorage.setItem(noteKey, 'yes');
}

/** Says once that the page is a new one. */
export function tellRenewal(): void {
  if (sessionStorage.getItem(noteKey) === null) return;
  sessionStorage.removeItem(noteKey);
  toasts.show('good', m.renewal_done_title(), m.renewal_done_detail());
}

/**
 * Loads a part of the console that comes when it is needed. When it is gone, because the console was built anew on the server, the
 * whole page is loaded again, which says so; where it only could not be reached a notice says that, and there is no part.
 */
export async function lazily<Part>(load: () => Promise<Part>): Promise<Part | undefined> {
  try {
    return await load();
  } catch {
    if (await updated.check().catch(() => false)) {
      noteRenewal();
      location.reload();
    } else toasts.show('bad', m.renewal_missing_title(), m.renewal_missing_detail());
    return undefined;
  }
}
