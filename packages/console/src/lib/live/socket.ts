import type { StreamSocket } from './stream.ts';

/** A WebSocket of the browser as the stream wants it. */
export function openSocket(address: string): StreamSocket {
  const socket = new WebSocket(address);
  const listening = new AbortController();
  const { signal } = listening;
  return {
    send: (text) => socket.send(text),
    close: () => socket.close(),
    silence: () => listening.abort(),
    listen(heard) {
      socket.addEventListener('open', () => heard.opened(), { signal });
      socket.addEventListener('message', (event: MessageEvent<unknown>) => heard.message(event.data), {
        signal,
      });
      socket.addEventListener('close', (event) => heard.closed(event.code), { signal });
    },
  };
}
