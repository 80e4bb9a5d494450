import { toasts } from '#lib/components/toasts.svelte.ts';
import { wordsOf } from './problems.ts';

/**
 * Does something at the server and says how it went: the notice on success, the problem and its remedy otherwise.
 * True when it was done.
 */
export async function act(doing: () => Promise<unknown>, done?: string): Promise<boolean> {
  try {
    await doing();
  } catch (error) {
    const words = wordsOf(error);
    toasts.show('bad', words.title, words.detail);
    return false;
  }
  if (done !== undefined) toasts.show('good', done);
  return true;
}
