import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  answerChallenge,
  computeHa1,
  encodeUtf8,
  type Flow,
  parseMessage,
  type Protocol,
  type SipEvent,
  type SipResponse,
  SipStack,
  type SipStackOptions,
} from '@crosspoint/sip';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { buildHttpServer } from '../../http/index.ts';
import { registerSipSocket } from '../../sip-socket.ts';
import { SipShell } from './shell.ts';
import { createSelfSigned } from './transport-certificate.ts';
import type { TlsCredentials } from './transport-credentials.ts';

const dayMs = 86_400_000;
export const realm = 'transport.test';
export const password = 'a-sip-password';

const random32 = () => randomBytes(4).readUInt32LE();
const token = () => randomBytes(8).toString('hex');

/** What happened, in order, to be waited for by type. */
export class EventLog<Event extends { type: string }> {
  readonly #events: Event[] = [];
  #wake: () => void = () => undefined;

  push(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  /** Takes the next event of that type, and drops what came before it. */
  async next<Type extends Event['type']>(type: Type): Promise<Extract<Event, { type: Type }>> {
    for (;;) {
      const event = this.#events.shift();
      if (event?.type === type) return event as Extract<Event, { type: Type }>;
      if (event !== undefined) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }
}

export type WorldEvent =
  | Exclude<SipEvent, { type: 'log' }>
  | { type: 'log'; what: string; detail: string }
  | { type: 'fault'; what: string; detail: string };

/** What a line connects to. */
export interface Peer {
  readonly host: string;
  readonly httpPort: number;
  /** PEM of what its TLS certificate is to be trusted by. */
  readonly trusted: string;
  readonly shell: { readonly transport: { readonly port: number; readonly tlsPort: number | undefined } };
}

/** A server with all its transports on real sockets, and the HTTP server that its WebSockets come through. */
export interface World extends Peer {
  readonly shell: SipShell;
  readonly events: EventLog<WorldEvent>;
  readonly credentials: TlsCredentials;
  close(): Promise<void>;
}

export interface WorldOptions {
  host?: string;
  connectionsMax?: number;
  connectionsPerAddressMax?: number;
  tlsPort?: number;
  /** Of another world, to trust each other. */
  credentials?: TlsCredentials;
}

function stackOptions(sentBy: SipStackOptions['sentBy']): SipStackOptions {
  return {
    random32,
    secret: randomBytes(32),
    userAgent: 'test',
    realm,
    sentBy,
    credentials: (username, ofRealm, algorithm) => computeHa1(username, ofRealm, password, algorithm),
    requireAuthentication: ({ method }) => method === 'REGISTER',
  };
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { host = '127.0.0.1', connectionsMax = 100, connectionsPerAddressMax = 100, tlsPort = 0 } = options;
  const events = new EventLog<WorldEvent>();
  const now = Date.now();
  const names = ['127.0.0.1', '::1'];
  const [notBefore, notAfter] = [new Date(now - dayMs), new Date(now + dayMs)];
  const credentials = options.credentials ?? (await createSelfSigned({ names, notBefore, notAfter }));
  const tls = { port: tlsPort, credentials: async () => credentials };
  const shell: SipShell = new SipShell({
    transport: { host, port: 0, connectionsMax, connectionsPerAddressMax, tls },
    now: () => performance.now(),
    stack: stackOptions((flow) => ({ host: flow.localAddress, port: shell.transport.portOf(flow) })),
    onEvent: (event) => events.push(event),
    onFault: (what, detail) => events.push({ type: 'fault', what, detail }),
  });
  await shell.open();
  const http = await buildHttpServer({
    log: pino({ level: 'silent' }),
    version: '0',
    now: Date.now,
    authenticate: async () => null,
    probe: async () => ({ ready: true, parts: {} as never }),
    consoleDir: join(import.meta.dirname, 'no-console'),
    features: [],
  });
  registerSipSocket(http, (socket, path) => shell.transport.adopt(socket, path));
  await http.listen({ host, port: 0 });
  return {
    shell,
    events,
    host,
    httpPort: (http.server.address() as AddressInfo).port,
    credentials,
    trusted: credentials.certificate,
    async close() {
      await http.close();
      await shell.close();
    },
  };
}

/** One end of a transport, as bytes. */
export interface Line {
  readonly flow: Flow;
  write(bytes: Uint8Array | string): void;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  /** Settles when the connection is over; a datagram socket only when we close it. */
  readonly closed: Promise<unknown>;
  close(): void;
}

type Ends = Pick<Flow, 'localPort' | 'remotePort'>;

/** Connects to a server. `host` differs from its own when that stands for several addresses. */
export async function openLine(peer: Peer, protocol: Protocol, host = peer.host): Promise<Line> {
  const flowOf = (ends: Ends): Flow => ({
    protocol,
    localAddress: host,
    remoteAddress: host,
    ...ends,
    ...(protocol === 'udp' ? {} : { connectionId: 1 }),
  });
  const { transport } = peer.shell;
  if (protocol === 'udp') return openDatagrams(host, transport.port, flowOf);
  if (protocol === 'ws' || protocol === 'wss') return openWebSocket(peer, host, flowOf);
  const isTls = protocol === 'tls';
  const port = isTls ? (transport.tlsPort ?? 0) : transport.port;
  const socket = isTls ? connectTls({ host, port, ca: peer.trusted }) : connectTcp({ host, port });
  await once(socket, isTls ? 'secureConnect' : 'connect');
  return streamLine(socket, flowOf({ localPort: socket.localPort ?? 0, remotePort: port }));
}

async function openDatagrams(host: string, port: number, flowOf: (ends: Ends) => Flow): Promise<Line> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  let isOpen = true;
  return {
    flow: flowOf({ localPort: socket.address().port, remotePort: port }),
    write: (bytes) => socket.send(bytes, port, host),
    onBytes: (listener) => void socket.on('message', listener),
    closed: once(socket, 'close'),
    close() {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}

function streamLine(socket: Socket, flow: Flow): Line {
  socket.setNoDelay(true);
  // The end of a connection is looked at by `closed`; how it came does not matter here.
  socket.on('error', () => undefined);
  return {
    flow,
    write: (bytes) => void socket.write(bytes),
    onBytes: (listener) => void socket.on('data', listener),
    closed: new Promise((resolve) => socket.once('close', resolve)),
    close: () => void socket.destroy(),
  };
}

async function openWebSocket({ httpPort }: Peer, host: string, flowOf: (ends: Ends) => Flow): Promise<Line> {
  const socket = new WebSocket(`ws://${host.includes(':') ? `[${host}]` : host}:${httpPort}/sip`, 'sip');
  await once(socket, 'open');
  return {
    flow: flowOf({ localPort: 9, remotePort: httpPort }),
    write: (bytes) => socket.send(bytes),
    onBytes: (listener) => void socket.on('message', (data) => listener(data as Buffer)),
    closed: once(socket, 'close'),
    close: () => void socket.terminate(),
  };
}

/** A phone on one line: a stack of its own, REGISTER written by hand. */
export class Phone {
  readonly events = new EventLog<SipEvent>();
  readonly stack: SipStack;
  readonly line: Line;
  readonly name: string;
  /** Every response to what was written by hand. */
  readonly responses = new EventLog<{ type: 'response'; response: SipResponse }>();

  constructor(line: Line, name: string) {
    this.line = line;
    this.name = name;
    const { flow } = line;
    this.stack = new SipStack(stackOptions(() => ({ host: flow.localAddress, port: flow.localPort })));
    line.onBytes((bytes) => this.#received(bytes));
  }

  run(action: (stack: SipStack, now: number) => unknown): void {
    action(this.stack, performance.now());
    for (const output of this.stack.drain()) {
      if (output.type === 'send') this.line.write(output.bytes);
      else if (output.type === 'event') this.events.push(output.event);
    }
  }

  /** A request as text, from the first line to the end of the headers. */
  request(method: string, headers: readonly string[] = []): string {
    const { flow } = this.line;
    const address = flow.localAddress.includes(':') ? `[${flow.localAddress}]` : flow.localAddress;
    const user = `sip:${this.name}@${realm}`;
    // On a connection as behind NAT or in a browser: nobody could connect to the Contact.
    const contact = flow.protocol === 'udp' ? `${address}:${flow.localPort}` : `${this.name}.invalid`;
    return [
      `${method} sip:${realm} SIP/2.0`,
      `Via: SIP/2.0/${flow.protocol.toUpperCase()} ${address}:${flow.localPort};rport;branch=z9hG4bK${token()}`,
      'Max-Forwards: 70',
      `From: <${user}>;tag=${token()}`,
      `To: <${user}>`,
      `Call-ID: ${token()}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:${this.name}@${contact};transport=${flow.protocol}>`,
      'Expires: 300',
      ...headers,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n');
  }

  /** The next response to something written by hand. */
  async response(): Promise<SipResponse> {
    return (await this.responses.next('response')).response;
  }

  /** Registers with the password, and returns the statuses on the way. */
  async register(): Promise<number[]> {
    this.line.write(this.request('REGISTER'));
    const challenge = await this.response();
    const credentials = { username: this.name, password };
    const answer = answerChallenge(challenge, 'REGISTER', `sip:${realm}`, credentials, token());
    this.line.write(this.request('REGISTER', [`${answer?.name}: ${answer?.value}`]));
    return [challenge.status, (await this.response()).status];
  }

  #received(bytes: Uint8Array): void {
    // A chunk of a stream may hold several; those that answer what was written by hand have no body.
    for (const text of String(Buffer.from(bytes)).split(/(?=SIP\/2\.0 \d)/)) {
      const parsed = parseMessage(encodeUtf8(text));
      if (!parsed.ok || parsed.message.kind !== 'response' || parsed.message.method === 'INVITE') continue;
      if (parsed.message.from.uri?.user === this.name)
        this.responses.push({ type: 'response', response: parsed.message });
    }
    this.run((stack, now) => stack.receive(bytes, this.line.flow, now));
  }
}
