import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { plainAddress } from '../plain-address.ts';
import type { UdpEvents, UdpOptions, UdpSocket } from './udp-socket.ts';

/** By Node, which works everywhere. */
export class NodeUdpSocket implements UdpSocket {
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  readonly #sent: (error: Error | null) => void;
  #isClosed = false;

  private constructor(socket: Socket, isIpv6: boolean, events: UdpEvents) {
    this.#socket = socket;
    this.#sent = (error) => {
      if (error !== null) events.error(error);
    };
    this.#isIpv6 = isIpv6;
  }

  static open({ address, port, bufferBytes }: UdpOptions, events: UdpEvents): Promise<NodeUdpSocket> {
    const isIpv6 = address.includes(':');
    // A synchronous look-up: addresses are literals, and the default one costs a thread-pool turn per datagram.
    const socket = createSocket({
      type: isIpv6 ? 'udp6' : 'udp4',
      lookup: (hostname, _options, callback) => callback(null, hostname, isIpv6 ? 6 : 4),
    });
    const { promise, resolve, reject } = Promise.withResolvers<NodeUdpSocket>();
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', (error) => events.error(error));
      socket.on('message', (bytes, remote) => {
        events.message(bytes, isIpv6 ? plainAddress(remote.address) : remote.address, remote.port);
      });
      widenBuffers(socket, bufferBytes, events);
      resolve(new NodeUdpSocket(socket, isIpv6, events));
    });
    return promise;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#isClosed) return;
    const target = this.#isIpv6 && isIPv4(address) ? `::ffff:${address}` : address;
    this.#socket.send(bytes, port, target, this.#sent);
  }

  close(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#isClosed = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.close(() => resolve());
    return promise;
  }
}

function widenBuffers(socket: Socket, bytes: number, events: UdpEvents): void {
  try {
    socket.setRecvBufferSize(bytes);
    socket.setSendBufferSize(bytes);
  } catch (error) {
    events.error(new Error(`the kernel refuses larger buffers: ${(error as Error).message}`));
  }
}
