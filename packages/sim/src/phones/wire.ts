import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { patienceMs } from './deadline.ts';
import type { ServerAddress } from './registration.ts';

/** How phones reach their server: a socket of datagrams, a connection by TCP or TLS, or one by WebSocket (RFC 7118). */
export type Wire = {
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'ws';
  /** Our name in Via and Contact. */
  readonly sentBy: ServerAddress;
  send(bytes: Uint8Array, to: ServerAddress): void;
  /** To be set before anything is sent; `from` is where an answer goes. */
  received: (bytes: Uint8Array, from: ServerAddress) => void;
  close(): void;
};

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
    }, patienceMs);
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

/**
 * A connection to the server of phones that nobody can connect to. When it breaks, the next message opens another one; the phones
 * go on naming the port of the first.
 */
export async function openConnection(protocol: 'tcp' | 'tls', server: ServerAddress): Promise<Wire> {
  const { address: host, port } = server;
  const opened = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket: Socket =
        protocol === 'tcp'
          ? connectTcp({ host, port }, () => resolve(socket))
          : connectTls({ host, port, rejectUnauthorized: false }, () => resolve(socket));
      const giveUp = (): void => void socket.destroy(new Error(`${host}:${port} takes no connection`));
      socket.setTimeout(patienceMs, giveUp);
      socket.once('error', reject);
      socket.once(protocol === 'tcp' ? 'connect' : 'secureConnect', () => {
        socket.setTimeout(0);
        socket.off('error', reject);
        // Its end is seen when the next message is sent.
        socket.on('error', ignore);
        let rest: Buffer = Buffer.alloc(0);
        socket.on('data', (chunk: Buffer) => {
          const { messages, tail } = cut(Buffer.concat([rest, chunk]));
          rest = tail;
          for (const message of messages) wire.received(message, server);
        });
      });
    });
  let socket = await opened();
  let opening: Promise<void> | undefined;
  const wire: Wire = {
    protocol,
    sentBy: { address: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    send: (bytes) => {
      const copy = bytes.slice();
      if (socket.writable && !socket.destroyed) return void socket.write(copy);
      opening ??= opened()
        .then((next) => {
          socket = next;
        })
        // What was to be sent is lost, as on a network.
        .catch(ignore)
        .finally(() => {
          opening = undefined;
        });
      void opening.then(() => socket.writable && socket.write(copy));
    },
    received: ignore,
    close: () => void socket.destroy(),
  };
  return wire;
}

/** The whole messages at the beginning of these bytes of a server of ours, and what is left of them (RFC 3261 §18.3). */
function cut(bytes: Buffer): { messages: Buffer[]; tail: Buffer } {
  const messages: Buffer[] = [];
  let start = 0;
  for (;;) {
    const head = bytes.indexOf('\r\n\r\n', start);
    if (head < 0) return { messages, tail: bytes.subarray(start) };
    const length = /^content-length\s*:\s*(\d+)/im.exec(bytes.toString('latin1', start, head))?.[1] ?? '0';
    const end = head + 4 + Number(length);
    if (end > bytes.length) return { messages, tail: bytes.subarray(start) };
    // Nothing but line ends is a keep-alive.
    if (head > start) messages.push(bytes.subarray(start, end));
    start = end;
  }
}
