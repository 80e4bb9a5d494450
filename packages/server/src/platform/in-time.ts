/**
 * What `work` resolves to, when it does so in time. The work is not stopped by being late; what still becomes of it concerns nobody.
 *
 * @param late the message of the error after `timeoutMs` milliseconds.
 */
export async function inTime<T>(work: Promise<T>, timeoutMs: number, late: string): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(late)), timeoutMs);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
