import { patienceMs, within } from '@crosspoint/sim/phones';
import type { ApiClient } from './client.ts';

export type StreamMessage = {
  seq: number;
  at: string;
  topic: string;
  type: string;
  data: unknown;
  /** Unix time on this machine when the message arrived. */
  receivedAtMs: number;
};
type Waiter = { matches: (message: StreamMessage) => boolean; resolve: (message: StreamMessage) => void };

const messagesMax = 10_000;

/** A subscriber of the live stream (`WS /stream`) that keeps what it has seen. */
export class StreamClient {
  /** Everything received so far, oldest first. */
  readonly messages: StreamMessage[] = [];
  readonly #socket: WebSocket;
  readonly #waiters = new Set<Waiter>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', (event) => {
      const message: StreamMessage = { ...JSON.parse(String(event.data)), receivedAtMs: Date.now() };
      if (this.messages.length === messagesMax) this.messages.shift();
      this.messages.push(message);
      for (const waiter of this.#waiters) if (waiter.matches(message)) waiter.resolve(message);
    });
  }

  /** Connects and subscribes. `since` resumes after the message with that number. */
  static async open(api: ApiClient, topics: readonly string[], since?: number): Promise<StreamClient> {
    const url = `${api.baseUrl.replace('http', 'ws')}/api/v1/stream`;
    // Node's WebSocket takes headers, which the type of the browser's does not know.
    const init = { headers: { cookie: api.cookie, origin: api.baseUrl } } as unknown as string[];
    const socket = new WebSocket(url, init);
    const client = new StreamClient(socket);
    const opened = new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error(`${url} refused the connection.`)), {
        once: true,
      });
    });
    await within('the stream to open', patienceMs, opened);
    socket.send(JSON.stringify({ type: 'subscribe', topics, ...(since === undefined ? {} : { since }) }));
    return client;
  }

  /** The first message, seen already or still to come, that matches. */
  async next(
    what: string,
    matches: (message: StreamMessage) => boolean,
    timeoutMs = patienceMs,
  ): Promise<StreamMessage> {
    const seen = this.messages.find(matches);
    if (seen !== undefined) return seen;
    const waiter: Waiter = { matches, resolve: () => undefined };
    const arrived = new Promise<StreamMessage>((resolve) => {
      waiter.resolve = resolve;
    });
    this.#waiters.add(waiter);
    try {
      return await within(what, timeoutMs, arrived);
    } finally {
      this.#waiters.delete(waiter);
    }
  }

  close(): void {
    this.#socket.close();
  }
}
