/** What may end in three dots. */
const mayBeCut = 'td, h1, .truncate, .aside, .row-link';

/** Tells the whole of a text that does not fit where it stands, when the pointer comes to it. */
export function tellFullText({ target }: PointerEvent): void {
  const element = target instanceof Element ? target.closest<HTMLElement>(mayBeCut) : null;
  if (element === null) return;
  // One that was told here is told anew: what it says may have changed since. Any other title stays.
  const isOurs = element.dataset['cut'] !== undefined;
  if (element.title !== '' && !isOurs) return;
  if (element.scrollWidth > element.clientWidth && getComputedStyle(element).textOverflow === 'ellipsis') {
    element.title = element.innerText.trim();
    element.dataset['cut'] = '';
  } else if (isOurs) {
    element.removeAttribute('title');
    delete element.dataset['cut'];
  }
}
