import { overwriteGetLocale } from '#lib/paraglide/runtime.js';
import { detectLanguage, type Language } from './detect.ts';

const storageKey = 'crosspoint.language';

let current = $state<Language>(detectLanguage(localStorage.getItem(storageKey), navigator.languages));

let chosenHere = false;

/**
 * The language of the console. Messages read it through paraglide's `getLocale`, so every text that is on the screen
 * changes at once when another language is chosen; nothing is reloaded and nothing typed is lost.
 */
export const language = {
  get current(): Language {
    return current;
  },
  /** True when the person chose the language on this device since the page was opened. */
  get chosenHere(): boolean {
    return chosenHere;
  },
  /** The person's own choice; it is kept on this device. */
  choose(next: Language): void {
    chosenHere = true;
    language.adopt(next);
  },
  /** What the profile says. */
  adopt(next: Language): void {
    current = next;
    localStorage.setItem(storageKey, next);
    document.documentElement.lang = next;
  },
};

overwriteGetLocale(() => current);
document.documentElement.lang = language.current;
