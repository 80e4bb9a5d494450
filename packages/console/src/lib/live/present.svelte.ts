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

/** While the stream is lost: the server time that is shown. Counting on would claim what nobody knows. */
let frozenAt = $state<number | null>(null);

/** Stops all times in a state at a time of this device, or lets them run again. */
export function freezeTimesAt(deviceTimeMs: number | null): void {
  frozenAt = deviceTimeMs === null ? null : serverClock.serverTime(deviceTimeMs);
}

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
  return Math.max(0, ((frozenAt ?? present.ms) - Date.parse(instant)) / 1000);
}

/** Seconds until an instant of the server, never negative. */
export function secondsUntil(instant: string | null | undefined): number | null {
  if (!instant) return null;
  return Math.max(0, Math.ceil((Date.parse(instant) - present.ms) / 1000));
}
