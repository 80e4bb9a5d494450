import { until } from '../wait.ts';

/** The strongest frequency that a page hears, and its level in dB. */
export type HeardTone = { hz: number; db: number };

/**
 * Resolves once that frequency is the strongest, five times in a row and for `forMs`. Chromium conceals the end of a stream
 * for a quarter of a second: to tell sound from its echo, ask for more.
 */
export async function steadyTone(
  who: string,
  hz: number,
  look: () => Promise<HeardTone>,
  forMs = 0,
): Promise<void> {
  let inRow = 0;
  let sinceMs = 0;
  let heard: HeardTone = { hz: 0, db: 0 };
  await until(
    `${who} to hear ${hz} Hz`,
    async () => {
      heard = await look();
      const isHeard = heard.db > -40 && Math.abs(heard.hz - hz) < 12;
      if (isHeard && inRow === 0) sinceMs = performance.now();
      inRow = isHeard ? inRow + 1 : 0;
      return inRow >= 5 && performance.now() - sinceMs >= forMs;
    },
    { seen: () => heard },
  );
}
