import type { Report } from './report.ts';

const reconnectAfterMs = 5_000;
/** Far above the calls that are up at once; the oldest is forgotten beyond it. */
const contactsMax = 500;

/** The parts of a fact on the stream that count here. */
type Fact = { contactId: string; type: string; data: { callerPhone?: string } };

/**
 * Follows the live stream to learn whose call an agent has taken. The demo knows its own agents; this is for a person
 * who serves one of its queues with a phone of one's own, because a caller cannot hear by SIP that the music is over.
 */
export class Answers {
  readonly #url: string;
  readonly #key: string;
  readonly #onAnswered: (callerPhone: string) => void;
  readonly #report: Report;
  readonly #callers = new Map<string, string>();
  #socket: WebSocket | undefined;
  #reconnect: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(baseUrl: string, key: string, onAnswered: (callerPhone: string) => void, report: Report) {
    this.#url = `${baseUrl.replace(/^http/, 'ws')}/api/v1/stream`;
    this.#key = key;
    this.#onAnswered = onAnswered;
    this.#report = report;
  }

  /** Connects, and again whenever the connection is lost. */
  open(): void {
    // Node's WebSocket takes headers, which the type of the browser's does not know.
    const init = { headers: { authorization: `Bearer ${this.#key}` } } as unknown as string[];
    const socket = new WebSocket(this.#url, init);
    this.#socket = socket;
    socket.addEventListener('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', topics: ['contacts'] })),
    );
    socket.addEventListener('message', (event) => this.#receive(String(event.data)));
    socket.addEventListener('close', ({ code }) => {
      if (this.#closed) return;
      this.#report('debug', `The demo lost the live stream (${code}) and connects again.`);
      this.#reconnect = setTimeout(() => this.open(), reconnectAfterMs);
    });
    // A connection that fails is closed too, which is handled above.
    socket.addEventListener('error', () => undefined);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#reconnect);
    this.#socket?.close();
  }

  #receive(text: string): void {
    const message = JSON.parse(text) as { type: string; data?: Fact };
    if (message.type !== 'contact.fact' || message.data === undefined) return;
    const { contactId, type, data } = message.data;
    if (type === 'contact.started' && data.callerPhone !== undefined) {
      this.#callers.set(contactId, data.callerPhone);
      const oldest = this.#callers.keys().next().value;
      if (this.#callers.size > contactsMax && oldest !== undefined) this.#callers.delete(oldest);
    } else if (type === 'segment.started') {
      const callerPhone = this.#callers.get(contactId);
      if (callerPhone !== undefined) this.#onAnswered(callerPhone);
    } else if (type === 'contact.ended') {
      this.#callers.delete(contactId);
    }
  }
}
