import { createSocket, type Socket } from 'node:dgram';
import { answerChallenge, encodeUtf8, parseMessage } from '@crosspoint/sip';

export type RequestParts = {
  method: string;
  /** User part of From and To. */
  user?: string;
  /** User part of the Request-URI. */
  number?: string;
  agent?: string;
  headers?: readonly string[];
  callId?: string;
  sequence?: number;
};

type Server = { address: string; port: number };

let requests = 0;

/**
 * Somebody on the network who is no telephone: writes SIP by hand in datagrams from any loopback address. The addresses
 * beyond 127.0.0.1 are not the product's own, so it treats them like those of the internet.
 */
export class Stranger {
  readonly address: string;
  bytesSent = 0;
  bytesReceived = 0;
  readonly #socket: Socket;
  readonly #server: Server;
  readonly #waiting = new Map<string, (answer: string) => void>();

  private constructor(address: string, server: Server, socket: Socket) {
    this.address = address;
    this.#server = server;
    this.#socket = socket;
    socket.on('message', (bytes) => {
      this.bytesReceived += bytes.length;
      const text = bytes.toString('latin1');
      const callId = /\r\nCall-ID: ([^\r\n]+)/i.exec(text)?.[1];
      // Provisional responses are not what anybody waits for.
      if (callId !== undefined && !text.startsWith('SIP/2.0 1')) this.#waiting.get(callId)?.(text);
    });
  }

  static async open(address: string, server: Server): Promise<Stranger> {
    const socket = createSocket('udp4');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', reject);
    socket.bind(0, address, resolve);
    await promise;
    return new Stranger(address, server, socket);
  }

  request({ method, user = 'stranger', number = '', ...more }: RequestParts): string {
    const { callId = `${++requests}@${this.address}`, sequence = 1, agent, headers = [] } = more;
    const host = `${this.#server.address}:${this.#server.port}`;
    return [
      `${method} sip:${number === '' ? '' : `${number}@`}${host} SIP/2.0`,
      `Via: SIP/2.0/UDP ${this.address}:${this.#socket.address().port};rport;branch=z9hG4bK${++requests}`,
      'Max-Forwards: 70',
      `From: <sip:${user}@${host}>;tag=1`,
      `To: <sip:${number === '' ? user : number}@${host}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${user}@${this.address}:${this.#socket.address().port}>`,
      ...(agent === undefined ? [] : [`User-Agent: ${agent}`]),
      ...headers,
      'Content-Length: 0\r\n\r\n',
    ].join('\r\n');
  }

  send(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.bytesSent += bytes.length;
    this.#socket.send(bytes, this.#server.port, this.#server.address);
  }

  /**
   * Sends a request and returns its final answer; undefined when none comes in time. Whoever expects silence waits for less.
   * @param repeatAfterMs when to send the same again, as a client does that has no answer yet (RFC 3261 §17.1.2)
   */
  async ask(
    parts: RequestParts,
    timeoutMs = 10_000,
    repeatAfterMs: readonly number[] = [],
  ): Promise<string | undefined> {
    const callId = parts.callId ?? `${++requests}@${this.address}`;
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    this.#waiting.set(callId, resolve);
    const text = this.request({ ...parts, callId });
    this.send(text);
    const repeats = repeatAfterMs.map((afterMs) => setTimeout(() => this.send(text), afterMs));
    const answer = await promise;
    for (const each of [timer, ...repeats]) clearTimeout(each);
    this.#waiting.delete(callId);
    return answer;
  }

  /** REGISTER with a password, the challenge included; the status, undefined when nothing answers. */
  async register(user: string, password: string): Promise<number | undefined> {
    const callId = `${++requests}@${this.address}`;
    const challenge = await this.ask({ method: 'REGISTER', user, callId });
    if (challenge === undefined) return undefined;
    const parsed = parseMessage(encodeUtf8(challenge));
    if (!parsed.ok || parsed.message.kind !== 'response') throw new Error(`No response: ${challenge}`);
    const uri = `sip:${this.#server.address}:${this.#server.port}`;
    const credentials = { username: user, password };
    const header = answerChallenge(parsed.message, 'REGISTER', uri, credentials, String(++requests));
    if (header === undefined) throw new Error(`No challenge: ${challenge}`);
    const headers = [`${header.name}: ${header.value}`];
    const answer = await this.ask({ method: 'REGISTER', user, callId, sequence: 2, headers });
    return answer === undefined ? undefined : statusOf(answer);
  }

  close(): void {
    this.#socket.close();
  }
}

let addresses = 0;

/** An address of the loopback network from which nothing has come yet: what one attempt does from its own, the next is not blamed for. */
export function freshAddress(): string {
  addresses += 1;
  return `127.0.1.${addresses}`;
}

export function statusOf(answer: string): number {
  return Number(answer.slice(8, 11));
}
