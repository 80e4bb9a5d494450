import { onMount } from 'svelte';
import type { Resource } from './resource.svelte.ts';

/** Reads views anew every `everyMs` while the component is there and somebody can see the page. */
export function reloadEvery(everyMs: number, ...views: readonly Pick<Resource<unknown>, 'reload'>[]): void {
  onMount(() => {
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible') return;
      for (const view of views) view.reload();
    }, everyMs);
    return () => clearInterval(timer);
  });
}
