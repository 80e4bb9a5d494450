import { untrack } from 'svelte';

let text = $state('');

/** What screen readers are told besides what the page shows: the outcome of a key that leaves no other trace. */
export const announcements = {
  get text(): string {
    return text;
  },
  /** Says this at the next pause. */
  say(words: string): void {
    // The same words twice in a row are news as well; an invisible mark makes them differ.
    text = untrack(() => text) === words ? `${words}\u00a0` : words;
  },
};
