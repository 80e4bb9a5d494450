import { goto } from '$app/navigation';
import { page } from '$app/state';

type Change = string | readonly string[] | null;

/** A parameter of the address; empty when it is not there. Reactive. */
export const addressValue = (name: string): string => page.url.searchParams.get(name) ?? '';

/** All values of a repeated parameter. Reactive. */
export const addressValues = <Value extends string>(name: string): Value[] =>
  page.url.searchParams.getAll(name) as Value[];

/**
 * Writes the state of a list into the address, so that a link shows the same thing. Any change of a filter starts
 * from the first page. A page turned is a step of the history; a filter changed is not.
 */
export function setAddress(changes: Record<string, Change>, turned = false): void {
  const url = new URL(page.url.href);
  if (!turned) url.searchParams.delete('cursor');
  for (const [name, change] of Object.entries(changes)) {
    url.searchParams.delete(name);
    if (change === null || change === '') continue;
    for (const value of Array.isArray(change) ? change : [change as string])
      url.searchParams.append(name, value);
  }
  if (url.href === page.url.href) return;
  void goto(url, { replace: !turned, reset: turned });
}
