import { isUtf8 } from 'node:buffer';
import type { Flow } from '@crosspoint/sip';
import type { WebSocket } from 'ws';
import {
  type ConnectionBudget,
  firstByteTimeoutMs,
  slowDown,
  type PacedTransportEvents,
  type Transport,
  type TransportScreen,
  unsentBytesMax,
} from './transport-common.ts';

const pingIntervalMs = 25_000;

interface Connection {
  readonly socket: WebSocket;
  readonly flow: Flow;
  hasAnswered: boolean;
}

/** The ends of a connection that the HTTP server has upgraded; `isSecure` when TLS ends at it or at a proxy before it. */
export type WebSocketPath = Omit<Flow, 'protocol' | 'connectionId'> & { isSecure: boolean };

/** SIP in WebSocket messages, one in each (RFC 7118). Connections come from the HTTP server; none can be opened from here. */
export class WebSocketTransport implements Transport {
  readonly #budget: ConnectionBudget;
  readonly #events: PacedTransportEvents;
  readonly #screen: TransportScreen | undefined;
  readonly #connections = new Map<number, Connection>();
  #nextConnectionId = 1;
  #heartbeat: NodeJS.Timeout | undefined;

  constructor(budget: ConnectionBudget, events: PacedTransportEvents, screen: TransportScreen | undefined) {
    this.#budget = budget;
    this.#events = events;
    this.#screen = screen;
  }

  /** Takes over an upgraded connection, or closes it with 1013 (try again later) when there are too many. */
  adopt(socket: WebSocket, { isSecure, ...path }: WebSocketPath): void {
    const refusal = this.#budget.refusalOfPeer(path.remoteAddress);
    if (refusal !== undefined) {
      if (!refusal.isToldOf) {
        const detail = `a connection from ${path.remoteAddress} was refused: ${refusal.reason}`;
        this.#events.fault('sip-ws', detail);
      }
      socket.close(1013, 'Too many connections.');
      return;
    }
    this.#heartbeat ??= setInterval(() => this.#beat(), pingIntervalMs).unref();
    const connectionId = this.#nextConnectionId++;
    const flow: Flow = { protocol: isSecure ? 'wss' : 'ws', ...path, connectionId };
    const connection: Connection = { socket, flow, hasAnswered: true };
    this.#connections.set(connectionId, connection);
    const silence = setTimeout(() => socket.close(1008, 'Nothing was sent.'), firstByteTimeoutMs);
    socket.once('message', () => clearTimeout(silence));
    socket.on('message', (data) => this.#screened(bytesOf(data), socket, flow));
    socket.on('pong', () => {
      connection.hasAnswered = true;
    });
    // The HTTP server writes errors to the log; here only the end of the connection counts.
    socket.on('close', (code) => {
      clearTimeout(silence);
      this.#connections.delete(connectionId);
      this.#budget.release(path.remoteAddress);
      this.#events.closed(flow, `closed with code ${code}`);
    });
  }

  send(bytes: Uint8Array, flow: Flow): void {
    const socket = this.#find(flow)?.socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) {
      this.#events.closed(flow, 'connection is gone');
      return;
    }
    if (socket.bufferedAmount > unsentBytesMax) {
      socket.terminate();
      return;
    }
    // RFC 7118 §5.2 allows both; browsers read text by themselves, and only text must be UTF-8.
    socket.send(bytes, { binary: !isUtf8(bytes) });
  }

  closeFlow(flow: Flow): void {
    this.#find(flow)?.socket.close(1000);
  }

  async close(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#heartbeat = undefined;
    const sockets = [...this.#connections.values()].map(({ socket }) => socket);
    const closed = sockets.map((socket) => new Promise((done) => socket.once('close', done)));
    for (const socket of sockets) socket.terminate();
    await Promise.all(closed);
  }

  #screened(bytes: Uint8Array, socket: WebSocket, flow: Flow): void {
    const verdict = this.#screen?.chunk(bytes, flow.remoteAddress) ?? 0;
    if (verdict === 'close') {
      socket.terminate();
      return;
    }
    void slowDown(socket, this.#events.received(bytes, flow), verdict);
  }

  #find({ connectionId }: Flow): Connection | undefined {
    return connectionId === undefined ? undefined : this.#connections.get(connectionId);
  }

  /** Keeps proxies from closing a silent connection, and finds those that are dead (RFC 7118 §6). */
  #beat(): void {
    for (const connection of this.#connections.values()) {
      if (connection.hasAnswered) {
        connection.hasAnswered = false;
        connection.socket.ping();
      } else connection.socket.terminate();
    }
  }
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
