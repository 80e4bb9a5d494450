/**
 * Lets somebody without a mouse scroll a box by the arrow keys: it takes the focus while it has more than it shows, and only then,
 * so that nobody comes past it for nothing.
 */
export function scrollable(box: HTMLElement): () => void {
  function look(): void {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
  const watcher = new ResizeObserver(look);
  watcher.observe(box);
  for (const child of box.children) watcher.observe(child);
  return () => watcher.disconnect();
}
