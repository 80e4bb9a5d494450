import { patienceMs } from '@crosspoint/sim/phones';

/**
 * Waits until `probe` returns something other than undefined or false, and returns it. An exception of the probe
 * ends the wait at once, so that a broken probe is not mistaken for a slow product.
 *
 * @param what what is waited for, as it should read in the error: "alice to be idle"
 */
export function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
  options: { timeoutMs?: number; everyMs?: number; seen?: () => unknown } = {},
): Promise<T> {
  const { timeoutMs = patienceMs, everyMs = 20, seen } = options;
  const deadlineMs = performance.now() + timeoutMs;
  return new Promise<T>((resolve, reject) => {
    const attempt = async (): Promise<void> => {
      const value = await probe();
      if (value !== undefined && value !== false) {
        resolve(value);
      } else if (performance.now() >= deadlineMs) {
        const last = seen === undefined ? '' : `; seen: ${JSON.stringify(seen())}`;
        reject(new Error(`Waited ${timeoutMs} ms for ${what}${last}`));
      } else {
        setTimeout(() => attempt().catch(reject), everyMs);
      }
    };
    attempt().catch(reject);
  });
}
