import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { ServerAddress } from './registration.ts';

/** How phones reach their server: a socket of datagrams, or one connection by WebSocket (RFC 7118). */
export type Wire = {
  readonly protocol: 'udp' | 'ws';
  /** Our name in Via and Contact. */
  readonly sentBy: ServerAddress;
  send(bytes: Uint8Array, to: ServerAddress): void;
  /** To be set before anything is sent; `from` is where an answer goes. */
  received: (bytes: Uint8Array, from: ServerAddress) => void;
  close(): void;
};

const openTimeoutMs = 5_000;
const ignore = (): void => undefined;

/** A socket of its own at that address. */
export function openDatagrams(address: string): Promise<Wire> {
  const socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    recvBufferSize: 4 * 1024 * 1024,
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, () => {
      socket.off('error', reject);
      const wire: Wire = {
        protocol: 'udp',
        sentBy: { address, port: socket.address().port },
        send: (bytes, to) => socket.send(bytes, to.port, to.address),
        received: ignore,
        close: () => void socket.close(),
      };
      socket.on('message', (bytes, from) => wire.received(bytes, { address: from.address, port: from.port }));
      // ICMP of a server that is down: the transactions time out by themselves.
      socket.on('error', ignore);
      resolve(wire);
    });
  });
}

/** A connection to the SIP socket of a server, such as `ws://127.0.0.1:8080/sip`. */
export function openWebSocket(url: string): Promise<Wire> {
  const socket = new WebSocket(url, 'sip');
  socket.binaryType = 'arraybuffer';
  const { hostname: address, port } = new URL(url);
  const server = { address, port: Number(port) };
  return new Promise((resolve, reject) => {
    const fail = (): void => {
      clearTimeout(timer);
      reject(new Error(`${url} takes no connection`));
    };
    const timer = setTimeout(() => {
      socket.close();
      fail();
    }, openTimeoutMs);
    socket.addEventListener('error', fail, { once: true });
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      const wire: Wire = {
        protocol: 'ws',
        // RFC 7118 §5: who cannot be connected to says so by a name that cannot be resolved.
        sentBy: { address: `${randomBytes(6).toString('hex')}.invalid`, port: 5_060 },
        // What is sent into a connection that has broken is lost, as on a network.
        send: (bytes) => {
          if (socket.readyState === socket.OPEN) socket.send(bytes.slice());
        },
        received: ignore,
        close: () => socket.close(),
      };
      socket.addEventListener('message', ({ data }: { data: unknown }) => {
        if (typeof data === 'string') wire.received(Buffer.from(data), server);
        else if (data instanceof ArrayBuffer) wire.received(new Uint8Array(data), server);
      });
      resolve(wire);
    });
  });
}
