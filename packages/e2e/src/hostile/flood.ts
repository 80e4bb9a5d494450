const batchMs = 5;

/**
 * Calls `send` so many times a second for so long, in small bursts, as far as this machine can. Returns how often it did.
 */
export async function flood(
  send: (index: number) => void,
  { perSecond, forMs }: { perSecond: number; forMs: number },
): Promise<number> {
  const begin = performance.now();
  let sent = 0;
  for (let passed = 0; passed < forMs; passed = performance.now() - begin) {
    const due = Math.floor((passed / 1_000) * perSecond);
    const most = sent + Math.ceil((perSecond * batchMs) / 1_000);
    while (sent < due && sent < most) send(sent++);
    // Answers are to be read in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return sent;
}
