import type { Queue, QueueId } from '@crosspoint/contracts';
import { SvelteMap } from 'svelte/reactivity';
import { listAll } from '#lib/api/pages.ts';

const queues = new SvelteMap<string, Queue>();
const staleMs = 60_000;
let askedAt = 0;

/** What the desk needs of the queues that the agent serves: dispositions and the screen-pop link. */
export const queueSettings = {
  of(id: QueueId | null): Queue | undefined {
    return id === null ? undefined : queues.get(id);
  },
  /** Reads them when they are old or unknown; a failure leaves what is known, and the next contact asks again. */
  async refresh(id: QueueId | null): Promise<void> {
    const now = Date.now();
    if (now - askedAt < staleMs && (id === null || queues.has(id))) return;
    askedAt = now;
    try {
      for (const queue of await listAll<Queue>('/queues')) queues.set(queue.id, queue);
    } catch {
      askedAt = 0;
    }
  },
};
