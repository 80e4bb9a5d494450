import type { AddressInfo, Server, Socket } from 'node:net';
import type { Flow } from '@crosspoint/sip';
import { plainAddress } from '../../platform/index.ts';
import {
  closeTimeoutMs,
  type ConnectionBudget,
  firstByteTimeoutMs,
  slowDown,
  type PacedTransportEvents,
  type Transport,
  type TransportScreen,
  unsentBytesMax,
} from './transport-common.ts';

/** What TCP and TLS do differently. */
export interface StreamKind {
  readonly protocol: 'tcp' | 'tls';
  /** A server, not listening yet, that hands over each connection that bytes can be read from. */
  createServer(onConnection: (socket: Socket) => void): Server;
  /** Starts to connect; `whenReady` is called once bytes go through. */
  connect(host: string, port: number, whenReady: () => void): Socket;
}

/** Options of both ends of every connection. A peer that lost its power is found by the kernel within minutes. */
export const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

const connectTimeoutMs = 5_000;
/** Longer than the longest registration (an hour), which a phone without keep-alives may spend in silence. */
const idleTimeoutMs = 70 * 60_000;

interface Connection {
  readonly socket: Socket;
  readonly flow: Flow & { connectionId: number };
  /** Messages of flows without a connection id went this way: they too must learn of its end. */
  isBorrowed: boolean;
}

/**
 * SIP on stream connections (RFC 3261 §18). Requests to an address that a connection leads to already use it, whichever
 * side opened it (RFC 5923 §5); a phone behind NAT is called on the connection that it registered on (RFC 5626 §5.3).
 */
export class StreamTransport implements Transport {
  readonly #kind: StreamKind;
  readonly #budget: ConnectionBudget;
  readonly #events: PacedTransportEvents;
  readonly #screen: TransportScreen | undefined;
  readonly #connections = new Map<number, Connection>();
  readonly #byRemote = new Map<string, Connection>();
  /** Every accepted socket, also those whose handshake is not done. */
  readonly #accepted = new Set<Socket>();
  #nextConnectionId = 1;
  #server: Server | undefined;
  #bound: AddressInfo | undefined;

  constructor(
    kind: StreamKind,
    budget: ConnectionBudget,
    events: PacedTransportEvents,
    screen: TransportScreen | undefined,
  ) {
    this.#kind = kind;
    this.#budget = budget;
    this.#events = events;
    this.#screen = screen;
  }

  get address(): string {
    return this.#bound?.address ?? '';
  }
  get port(): number {
    return this.#bound?.port ?? 0;
  }

  /** Rejects with the socket's error (`EADDRINUSE` …), nothing left open. Port 0 picks a free one. */
  open(host: string, port: number): Promise<void> {
    const server = this.#kind.createServer((socket) => this.#adopt(socket));
    server.on('connection', (socket) => this.#admit(socket));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', (error) => this.#fault(error.message));
      this.#server = server;
      this.#bound = server.address() as AddressInfo;
      resolve();
    });
    return promise;
  }

  send(bytes: Uint8Array, flow: Flow): void {
    const connection = this.#find(flow) ?? (flow.connectionId === undefined ? this.#dial(flow) : undefined);
    if (connection === undefined) {
      this.#events.closed(flow, 'connection is gone');
      return;
    }
    if (flow.connectionId === undefined) connection.isBorrowed = true;
    const { socket } = connection;
    if (socket.writableLength > unsentBytesMax) {
      socket.destroy(new Error(`peer does not read: more than ${unsentBytesMax} bytes wait`));
      return;
    }
    socket.write(bytes);
  }

  /** The connection of a flow, while it is up. */
  socketOf(flow: Flow): Socket | undefined {
    return this.#find(flow)?.socket;
  }

  closeFlow(flow: Flow): void {
    const connection = this.#find(flow);
    if (connection === undefined) return;
    const { socket } = connection;
    // What was written before still goes out; a peer that does not close in turn is cut off.
    socket.end();
    const impatience = setTimeout(() => socket.destroy(), closeTimeoutMs);
    socket.once('close', () => clearTimeout(impatience));
  }

  /** Resolves when every socket is closed and everybody has been told. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#bound = undefined;
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    if (server === undefined) resolve();
    else server.close(() => resolve());
    const sockets = new Set([
      ...this.#accepted,
      ...[...this.#connections.values()].map(({ socket }) => socket),
    ]);
    const closed = [...sockets].map((socket) => new Promise((done) => socket.once('close', done)));
    for (const socket of sockets) socket.destroy();
    await Promise.all([stopped, ...closed]);
  }

  #find(flow: Flow): Connection | undefined {
    if (flow.connectionId !== undefined) return this.#connections.get(flow.connectionId);
    return this.#byRemote.get(remoteKey(flow));
  }

  /** Before any handshake, so that those count too. */
  #admit(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    const refusal = this.#budget.refusalOfPeer(address);
    if (refusal !== undefined) {
      if (!refusal.isToldOf) this.#fault(`a connection from ${address} was refused: ${refusal.reason}`);
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#accepted.add(socket);
    socket.once('close', () => {
      this.#accepted.delete(socket);
      this.#budget.release(address);
    });
  }

  #adopt(socket: Socket): void {
    socket.setTimeout(firstByteTimeoutMs);
    socket.once('data', () => socket.setTimeout(idleTimeoutMs));
    const { flow } = this.#watch(socket, {
      localAddress: plainAddress(socket.localAddress ?? this.address),
      localPort: socket.localPort ?? this.port,
      remoteAddress: plainAddress(socket.remoteAddress ?? ''),
      remotePort: socket.remotePort ?? 0,
    });
    socket.on('data', (bytes) => this.#screened(bytes, socket, flow));
  }

  /** What a peer sends on a connection that it has opened. */
  #screened(bytes: Buffer, socket: Socket, flow: Connection['flow']): void {
    const verdict = this.#screen?.chunk(bytes, flow.remoteAddress) ?? 0;
    if (verdict === 'close') {
      socket.destroy();
      return;
    }
    void slowDown(socket, this.#events.received(bytes, flow), verdict);
  }

  #dial(flow: Flow): Connection | undefined {
    const { remoteAddress, remotePort } = flow;
    const refusal = this.#budget.refusal(remoteAddress);
    if (refusal !== undefined) {
      this.#fault(`${remoteAddress}:${remotePort} was not connected to: ${refusal}`);
      return undefined;
    }
    const failed = (error: Error) =>
      this.#fault(`no connection to ${remoteAddress}:${remotePort}: ${error.message}`);
    const socket = this.#kind.connect(remoteAddress, remotePort, () => {
      clearTimeout(impatience);
      socket.off('error', failed);
      socket.setTimeout(idleTimeoutMs);
    });
    socket.once('error', failed);
    const impatience = setTimeout(() => socket.destroy(new Error('connect timed out')), connectTimeoutMs);
    socket.once('close', () => {
      clearTimeout(impatience);
      this.#budget.release(remoteAddress);
    });
    const connection = this.#watch(socket, flow);
    // We have chosen this peer: what it sends is what we asked for.
    socket.on('data', (bytes) => void slowDown(socket, this.#events.received(bytes, connection.flow), 0));
    return connection;
  }

  #watch(socket: Socket, path: Omit<Flow, 'protocol'>): Connection {
    const connectionId = this.#nextConnectionId++;
    const { localAddress, localPort, remoteAddress, remotePort } = path;
    const address = { localAddress, localPort, remoteAddress, remotePort };
    const connection: Connection = {
      socket,
      flow: { protocol: this.#kind.protocol, ...address, connectionId },
      isBorrowed: false,
    };
    this.#connections.set(connectionId, connection);
    this.#byRemote.set(remoteKey(path), connection);
    let reason = 'closed by the peer';
    socket.on('timeout', () => socket.destroy(new Error('silent for too long')));
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => this.#gone(connection, reason));
    return connection;
  }

  #gone(connection: Connection, reason: string): void {
    const { connectionId, ...path } = connection.flow;
    this.#connections.delete(connectionId);
    const key = remoteKey(path);
    if (this.#byRemote.get(key) === connection) this.#byRemote.delete(key);
    this.#events.closed(connection.flow, reason);
    // The stack knows a path that it asked for without its connection id until the first byte comes back.
    if (connection.isBorrowed) this.#events.closed(path, reason);
  }

  #fault(detail: string): void {
    this.#events.fault(`sip-${this.#kind.protocol}`, detail);
  }
}

function remoteKey({ remoteAddress, remotePort }: { remoteAddress: string; remotePort: number }): string {
  return `${remoteAddress} ${remotePort}`;
}
