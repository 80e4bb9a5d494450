import { tick } from 'svelte';

/** Marks where the focus goes on when nothing else on the page has a better claim to it. */
export const focusHome = '[data-focus-home]';

/** Which place takes the focus for what goes away within another one. */
const homes = new WeakMap<Element, HTMLElement>();

/**
 * Where whoever works by keyboard goes on should this element go away: at the row of the table in which it stands, or the one
 * that has come to its place, else where `keepFocus` says.
 *
 * @returns the function that tells it then; null: nowhere on the page.
 */
export function placeOf(element: Element): () => HTMLElement | null {
  const row = element.closest('tr');
  const rows = row?.parentElement;
  const at = row && rows ? [...rows.children].indexOf(row) : -1;
  const kept: HTMLElement[] = [];
  for (let each: Element | null = element; each !== null; each = each.parentElement) {
    const home = homes.get(each);
    if (home !== undefined) kept.push(home);
  }
  return () => {
    const next = row?.isConnected
      ? row
      : rows?.isConnected
        ? rows.children[Math.min(at, rows.children.length - 1)]
        : null;
    if (next instanceof HTMLElement) {
      next.tabIndex = -1;
      return next;
    }
    return kept.find((home) => home.isConnected) ?? null;
  };
}

/**
 * Keeps whoever works by keyboard at the place: when the element that had the focus goes away with what it did, its row of a table,
 * else `home`, takes the focus itself. It is no button, so that a key that is still held, or pressed twice, does nothing there.
 *
 * @param home can be focused (`tabindex="-1"`), and stays on the page.
 * @param within what may go away, when that is not within `home`.
 * @returns the function that stops it.
 */
export function keepFocus(home: HTMLElement, within: HTMLElement = home): () => void {
  let last: { element: HTMLElement; place: () => HTMLElement | null } | null = null;
  const noted = ({ target }: FocusEvent): void => {
    last = target instanceof HTMLElement ? { element: target, place: placeOf(target) } : null;
  };
  const left = ({ relatedTarget }: FocusEvent): void => {
    // Somebody moved on; an element that is removed, or disabled, loses the focus to nothing.
    if (relatedTarget !== null) last = null;
  };
  const observer = new MutationObserver(() => {
    if (last === null || (last.element.isConnected && !last.element.matches(':disabled'))) return;
    const { place } = last;
    last = null;
    const now = document.activeElement;
    if (now === null || now === document.body) place()?.focus({ preventScroll: true });
  });
  homes.set(within, home);
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
    homes.delete(within);
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
