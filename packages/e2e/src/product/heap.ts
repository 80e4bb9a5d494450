type Answer = { id: number; result?: { usedSize?: number }; error?: { message: string } };

/**
 * What a Node process that was started with `--inspect=127.0.0.1:PORT` still holds after everything else was collected, in
 * bytes. Resident memory also counts what the next collection will free.
 */
export async function heldBytes(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/json`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error(`Nothing can be inspected at port ${port}.`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  let calls = 0;
  const call = (method: string): Promise<Answer['result']> => {
    const id = ++calls;
    return new Promise((resolve, reject) => {
      socket.addEventListener('message', ({ data }) => {
        const answer = JSON.parse(String(data)) as Answer;
        if (answer.id !== id) return;
        if (answer.error === undefined) resolve(answer.result);
        else reject(new Error(`${method}: ${answer.error.message}`));
      });
      socket.send(JSON.stringify({ id, method }));
    });
  };
  try {
    // What the first collection finalizes the second one frees.
    await call('HeapProfiler.collectGarbage');
    await call('HeapProfiler.collectGarbage');
    return (await call('Runtime.getHeapUsage'))?.usedSize ?? 0;
  } finally {
    // A process whose inspector is in use does not end.
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.close();
    await closed;
  }
}
