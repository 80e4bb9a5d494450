import { tick } from 'svelte';

/** Marks where the focus goes on when nothing else on the page has a better claim to it. */
export const focusHome = '[data-focus-home]';

/**
 * Keeps whoever works by keyboard at the place: when the element that had the focus goes away with what it did, `home`
 * takes the focus itself. It is no button, so that a key that is still held, or pressed twice, does nothing there.
 *
 * @param home can be focused (`tabindex="-1"`), and stays on the page.
 * @param within what may go away, when that is not within `home`.
 * @returns the function that stops it.
 */
export function keepFocus(home: HTMLElement, within: HTMLElement = home): () => void {
  let last: EventTarget | null = null;
  const noted = ({ target }: FocusEvent): void => {
    last = target;
  };
  const left = ({ relatedTarget }: FocusEvent): void => {
    // Somebody moved on; an element that is removed, or disabled, loses the focus to nothing.
    if (relatedTarget !== null) last = null;
  };
  const observer = new MutationObserver(() => {
    if (!(last instanceof HTMLElement) || (last.isConnected && !last.matches(':disabled'))) return;
    last = null;
    const now = document.activeElement;
    if (now === null || now === document.body) home.focus({ preventScroll: true });
  });
  within.addEventListener('focusin', noted);
  within.addEventListener('focusout', left);
  observer.observe(within, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['disabled'],
  });
  return () => {
    observer.disconnect();
    within.removeEventListener('focusin', noted);
    within.removeEventListener('focusout', left);
  };
}

const refused = '[aria-invalid="true"], [data-refused="true"] input';

/**
 * Once a form within the place was sent, the first field that was refused takes the focus: at once, or when the server has said
 * so. Whoever types meanwhile is left alone.
 *
 * @returns the function that stops it.
 */
export function focusRefused(place: HTMLElement): () => void {
  let isAwaited = false;
  const look = (): void => {
    const field = isAwaited ? place.querySelector<HTMLElement>(refused) : null;
    if (field === null) return;
    isAwaited = false;
    field.focus();
  };
  const sent = (): void => {
    isAwaited = true;
    void tick().then(look);
  };
  const typed = (): void => {
    isAwaited = false;
  };
  const observer = new MutationObserver(look);
  place.addEventListener('submit', sent);
  place.addEventListener('input', typed);
  observer.observe(place, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['aria-invalid', 'data-refused'],
  });
  return () => {
    observer.disconnect();
    place.removeEventListener('submit', sent);
    place.removeEventListener('input', typed);
  };
}
