/** The key of the desk that was pressed; null while somebody types, or with a modifier, or when it repeats by itself. */
export function deskKey(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return null;
  const target = event.target;
  if (
    target instanceof HTMLElement &&
    target.closest('input:not([type=radio], [type=checkbox]), textarea, select, [role=menu], [role=dialog]')
  ) {
    return null;
  }
  return event.key.toLowerCase();
}
