import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, connect, type AddressInfo, type Server, type Socket as TcpSocket } from 'node:net';
import { type Flow, flowKey } from '@crosspoint/sip';

/** What a transport hands up: bytes of a known flow, and the end of a flow. */
export interface TransportEvents {
  received(bytes: Uint8Array, flow: Flow): void;
  closed(flow: Flow, reason: string): void;
  fault(what: string, detail: string): void;
}

export interface TransportOptions {
  host: string;
  /** 0 picks a port that is free for both UDP and TCP. */
  port: number;
  /** Stream connections above this number are refused. */
  connectionsMax: number;
}

const connectTimeoutMs = 5_000;
/** A connection without a byte for this long is closed; phones send keep-alives well below it. */
const idleTimeoutMs = 30 * 60_000;
/** What may wait in one connection for a peer that does not read. */
const unsentBytesMax = 1 << 20;
/** Kernel buffer of the UDP socket: room for a burst of a thousand messages while the event loop is busy. */
const datagramBufferBytes = 4 << 20;

/** UDP and TCP sockets on one address and port; SIP itself happens in the stack. */
export class SipTransport {
  readonly #events: TransportEvents;
  readonly #options: TransportOptions;
  readonly #connections = new Map<number, TcpSocket>();
  /** Connections that we opened, by the path they were opened for, so that the next message uses them again. */
  readonly #dialled = new Map<string, number>();
  #nextConnectionId = 1;
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;
  #address = '';
  #port = 0;

  constructor(options: TransportOptions, events: TransportEvents) {
    this.#options = options;
    this.#events = events;
  }

  get address(): string {
    return this.#address;
  }
  get port(): number {
    return this.#port;
  }

  /** Binds both sockets. Rejects with the socket's error (`EADDRINUSE` …), nothing left open. */
  async open(): Promise<void> {
    const attemptsMax = this.#options.port === 0 ? 20 : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#openTcp();
        await this.#openUdp();
        return;
      } catch (error) {
        await this.close();
        const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        // With port 0 the kernel chose the TCP port; the same UDP port may belong to somebody else.
        if (!taken || attempt >= attemptsMax) throw error;
      }
    }
  }

  send(bytes: Uint8Array, flow: Flow): void {
    if (flow.protocol === 'udp') {
      this.#udp?.send(bytes, flow.remotePort, flow.remoteAddress);
      return;
    }
    const connectionId = flow.connectionId ?? this.#dialled.get(flowKey(flow));
    const known = connectionId === undefined ? undefined : this.#connections.get(connectionId);
    const socket = known ?? (flow.connectionId === undefined ? this.#dial(flow) : undefined);
    if (socket === undefined) {
      this.#events.closed(flow, 'connection is gone');
      return;
    }
    if (socket.writableLength > unsentBytesMax) {
      socket.destroy(new Error(`peer does not read: more than ${unsentBytesMax} bytes wait`));
      return;
    }
    socket.write(bytes);
  }

  /** Ends a stream connection; a datagram flow has none. */
  closeFlow(flow: Flow): void {
    const connectionId = flow.connectionId ?? this.#dialled.get(flowKey(flow));
    const socket = connectionId === undefined ? undefined : this.#connections.get(connectionId);
    // What was written before still goes out; a peer that does not close in turn is cut off.
    socket?.end();
    socket?.setTimeout(connectTimeoutMs, () => socket.destroy());
  }

  async close(): Promise<void> {
    for (const socket of this.#connections.values()) socket.destroy();
    this.#connections.clear();
    const { promise: tcpClosed, resolve: tcpDone } = Promise.withResolvers<void>();
    if (this.#tcp?.listening) this.#tcp.close(() => tcpDone());
    else tcpDone();
    const { promise: udpClosed, resolve: udpDone } = Promise.withResolvers<void>();
    if (this.#udp === undefined) udpDone();
    else this.#udp.close(() => udpDone());
    this.#tcp = undefined;
    this.#udp = undefined;
    await Promise.all([tcpClosed, udpClosed]);
  }

  #openTcp(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.#adopt(socket));
    server.maxConnections = this.#options.connectionsMax;
    this.#tcp = server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen({ host: this.#options.host, port: this.#options.port, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', (error) => this.#events.fault('sip-tcp', error.message));
      const bound = server.address() as AddressInfo;
      this.#address = bound.address;
      this.#port = bound.port;
      resolve();
    });
    return promise;
  }

  #openUdp(): Promise<void> {
    const type = this.#address.includes(':') ? 'udp6' : 'udp4';
    // A synchronous look-up: flows carry IP literals, and the default one costs a thread-pool turn per datagram.
    const socket = createSocket({
      type,
      lookup: (hostname, _options, callback) => callback(null, hostname, type === 'udp6' ? 6 : 4),
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', reject);
    socket.bind({ address: this.#options.host, port: this.#port, exclusive: true }, () => {
      socket.off('error', reject);
      socket.on('error', (error) => this.#events.fault('sip-udp', error.message));
      socket.on('message', (bytes, remote) => {
        this.#events.received(bytes, {
          protocol: 'udp',
          localAddress: this.#address,
          localPort: this.#port,
          remoteAddress: remote.address,
          remotePort: remote.port,
        });
      });
      this.#udp = socket;
      this.#widenBuffers(socket);
      resolve();
    });
    return promise;
  }

  #widenBuffers(socket: UdpSocket): void {
    try {
      socket.setRecvBufferSize(datagramBufferBytes);
      socket.setSendBufferSize(datagramBufferBytes);
    } catch (error) {
      this.#events.fault('sip-udp', `the kernel refuses larger buffers: ${(error as Error).message}`);
    }
  }

  #dial(flow: Flow): TcpSocket {
    const socket = connect({ host: flow.remoteAddress, port: flow.remotePort, noDelay: true });
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('connect timed out')));
    socket.once('connect', () => socket.setTimeout(idleTimeoutMs, () => socket.destroy()));
    const connectionId = this.#watch(socket, flow);
    const key = flowKey(flow);
    this.#dialled.set(key, connectionId);
    socket.once('close', (failed) => {
      this.#dialled.delete(key);
      // The stack knows this flow without its connection id until the first byte comes back.
      this.#events.closed(flow, failed ? 'connection failed' : 'closed by the peer');
    });
    return socket;
  }

  #adopt(socket: TcpSocket): void {
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    this.#watch(socket, {
      protocol: 'tcp',
      localAddress: socket.localAddress ?? this.#address,
      localPort: socket.localPort ?? this.#port,
      remoteAddress: socket.remoteAddress ?? '',
      remotePort: socket.remotePort ?? 0,
    });
  }

  #watch(socket: TcpSocket, path: Flow): number {
    const connectionId = this.#nextConnectionId++;
    const flow: Flow = { ...path, connectionId };
    this.#connections.set(connectionId, socket);
    let reason = 'closed by the peer';
    socket.on('data', (bytes) => this.#events.received(bytes, flow));
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', () => {
      this.#connections.delete(connectionId);
      this.#events.closed(flow, reason);
    });
    return connectionId;
  }
}
