import { connect, type Socket } from 'node:net';
import { within } from '@crosspoint/sim/phones';
import { until } from '../wait.ts';

/** One event of baresip's `ctrl_tcp` module, as it came. */
export type BaresipEvent = { type: string; class: string; peeruri?: string; param?: string };
type Response = { response: true; ok: boolean; data: string; token: string };
type Waiter = { matches: (event: BaresipEvent) => boolean; resolve: (event: BaresipEvent) => void };

const netstringMaxBytes = 1_000_000;
const eventsMax = 10_000;

/** The control connection of one baresip: commands and events as JSON in netstrings. */
export class BaresipControl {
  /** Everything that happened so far, oldest first. */
  readonly events: BaresipEvent[] = [];
  readonly #socket: Socket;
  readonly #responses = new Map<string, (response: Response) => void>();
  readonly #waiters = new Set<Waiter>();
  #buffer: Buffer = Buffer.alloc(0);
  #commands = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // The process is gone: whoever waits for an event of it learns so by the time limit.
    socket.on('error', () => socket.destroy());
  }

  static async open(port: number, address = '127.0.0.1'): Promise<BaresipControl> {
    const socket = await until('baresip to listen for commands', () => tryConnect(port, address));
    return new BaresipControl(socket);
  }

  /** Runs a command of the `menu` module, such as `dial`. Throws when baresip refuses it. */
  async command(command: string, params = ''): Promise<string> {
    this.#commands += 1;
    const token = String(this.#commands);
    const answered = new Promise<Response>((resolve) => {
      this.#responses.set(token, resolve);
    });
    const json = JSON.stringify({ command, params, token });
    this.#socket.write(`${Buffer.byteLength(json)}:${json},`);
    const response = await within(`baresip to answer "${command} ${params}"`, 10_000, answered);
    if (!response.ok) throw new Error(`baresip refused "${command} ${params}": ${response.data}`);
    return response.data;
  }

  /** The first event from index `from` on that matches, seen already or still to come. */
  async next(
    what: string,
    matches: (event: BaresipEvent) => boolean,
    { from = 0, timeoutMs = 20_000 }: { from?: number; timeoutMs?: number } = {},
  ): Promise<BaresipEvent> {
    const seen = this.events.slice(from).find(matches);
    if (seen !== undefined) return seen;
    const waiter: Waiter = { matches, resolve: () => undefined };
    const arrived = new Promise<BaresipEvent>((resolve) => {
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
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const colon = this.#buffer.indexOf(':');
      if (colon < 0) return;
      const length = Number(this.#buffer.toString('latin1', 0, colon));
      if (!Number.isInteger(length) || length > netstringMaxBytes) {
        throw new Error(
          `baresip sent something that is no netstring: ${this.#buffer.toString('latin1', 0, 80)}`,
        );
      }
      const end = colon + 1 + length;
      if (this.#buffer.length <= end) return;
      this.#dispatch(JSON.parse(this.#buffer.toString('utf8', colon + 1, end)) as Response | BaresipEvent);
      this.#buffer = this.#buffer.subarray(end + 1);
    }
  }

  #dispatch(message: Response | BaresipEvent): void {
    if ('response' in message) {
      this.#responses.get(message.token)?.(message);
      this.#responses.delete(message.token);
      return;
    }
    if (this.events.length >= eventsMax) throw new Error(`baresip sent more than ${eventsMax} events.`);
    this.events.push(message);
    for (const waiter of this.#waiters) if (waiter.matches(message)) waiter.resolve(message);
  }
}

function tryConnect(port: number, address: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    // Not listening yet: asked again until the deadline.
    socket.once('error', () => resolve(undefined));
  });
}
