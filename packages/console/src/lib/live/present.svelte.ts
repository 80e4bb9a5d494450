import { createSubscriber } from 'svelte/reactivity';
import { createServerClock } from './clock.ts';

/** Shared by everything that counts up: fed by the session and the stream. */
export const serverClock = createServerClock();

const subscribe = createSubscriber((update) => {
  let timer: ReturnType<typeof setTimeout>;
  const tick = (): void => {
    update();
    // Aligned to whole seconds of the server's clock, so that all counters step together.
    timer = setTimeout(tick, 1000 - (serverClock.serverTime(Date.now()) % 1000) + 5);
  };
  timer = setTimeout(tick, 1000 - (serverClock.serverTime(Date.now()) % 1000) + 5);
  return () => clearTimeout(timer);
});

/** Server time in milliseconds. Read in a template or effect it steps once a second; the timer runs only while read. */
export const present = {
  get ms(): number {
    subscribe();
    return serverClock.serverTime(Date.now());
  },
};

/** Seconds since an instant of the server, never negative; null without an instant. */
export function secondsSince(instant: string | null | undefined): number | null {
  if (!instant) return null;
  return Math.max(0, (present.ms - Date.parse(instant)) / 1000);
}

/** Seconds until an instant of the server, never negative. */
export function secondsUntil(instant: string | null | undefined): number | null {
  if (!instant) return null;
  return Math.max(0, Math.ceil((Date.parse(instant) - present.ms) / 1000));
}
