/**
 * How long whoever holds a phone waits for what takes a moment: a machine may stand still for half a minute, and a phone that
 * waits for long costs nothing when all is well.
 */
export const patienceMs = 90_000;

/**
 * Settles as `promise` does, or rejects when that takes longer than `timeoutMs`; the promise itself goes on.
 *
 * @param what what is waited for, as it should read in the error: "the call to be answered"
 */
export function within<T>(what: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Waited ${timeoutMs} ms for ${what}.`)), timeoutMs);
    promise.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
