import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { Flow } from '@crosspoint/sip';
import { plainAddress, type Transport, type TransportEvents } from './transport-common.ts';

/** Kernel buffer of the socket: room for a burst of a thousand messages while the event loop is busy. */
const datagramBufferBytes = 4 << 20;

/** SIP in datagrams (RFC 3261 §18). A socket on `::` serves IPv4 too. */
export class UdpTransport implements Transport {
  readonly #events: TransportEvents;
  #socket: Socket | undefined;
  #isIpv6 = false;

  constructor(events: TransportEvents) {
    this.#events = events;
  }

  /** Rejects with the socket's error (`EADDRINUSE` …), nothing left open. */
  open(address: string, port: number): Promise<void> {
    this.#isIpv6 = address.includes(':');
    const type = this.#isIpv6 ? 'udp6' : 'udp4';
    // A synchronous look-up: flows carry IP literals, and the default one costs a thread-pool turn per datagram.
    const socket = createSocket({
      type,
      lookup: (hostname, _options, callback) => callback(null, hostname, this.#isIpv6 ? 6 : 4),
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', (error) => this.#events.fault('sip-udp', error.message));
      this.#listen(socket, address, port);
      this.#socket = socket;
      this.#widenBuffers(socket);
      resolve();
    });
    return promise;
  }

  send(bytes: Uint8Array, flow: Flow): void {
    const { remoteAddress, remotePort } = flow;
    // Forged datagrams come from port 0, and Node throws when it is asked to send there.
    if (remotePort === 0) return this.#events.closed(flow, 'nothing can be sent to port 0');
    const address = this.#isIpv6 && isIPv4(remoteAddress) ? `::ffff:${remoteAddress}` : remoteAddress;
    this.#socket?.send(bytes, remotePort, address);
  }

  closeFlow(): void {
    // A datagram flow has nothing that could be closed.
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.close(() => resolve());
    await promise;
  }

  #listen(socket: Socket, localAddress: string, localPort: number): void {
    socket.on('message', (bytes, remote) => {
      this.#events.received(bytes, {
        protocol: 'udp',
        localAddress,
        localPort,
        remoteAddress: this.#isIpv6 ? plainAddress(remote.address) : remote.address,
        remotePort: remote.port,
      });
    });
  }

  #widenBuffers(socket: Socket): void {
    try {
      socket.setRecvBufferSize(datagramBufferBytes);
      socket.setSendBufferSize(datagramBufferBytes);
    } catch (error) {
      this.#events.fault('sip-udp', `the kernel refuses larger buffers: ${(error as Error).message}`);
    }
  }
}
