import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Aim, Ammunition } from './ammunition.ts';

/** Something that sends hostile messages one by one and hears the answers. */
export interface Gun {
  /** False when there is no connection yet: nothing was sent. */
  fire(): boolean;
  close(): void;
}

export type Target = Omit<Aim, 'transport' | 'own'>;

/** Its peer may close a connection whenever it likes; bytes that wait for one to open stay below this. */
const waitingBytesMax = 1 << 20;

export async function udpGun(seed: number, target: Target): Promise<Gun> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const own = `127.0.0.1:${socket.address().port}`;
  const ammunition = new Ammunition(seed, { ...target, transport: 'UDP', own });
  const [address = '', port = ''] = target.server.split(':');
  socket.on('message', (bytes) => ammunition.hear(bytes.toString('latin1')));
  // A message that is too long for a datagram is not sent.
  socket.on('error', () => undefined);
  return {
    fire: () => {
      socket.send(ammunition.next(), Number(port), address, () => undefined);
      return true;
    },
    close: () => socket.close(),
  };
}

/** A new connection whenever the last one was closed. */
export function streamGun(seed: number, target: Target, transport: 'TCP' | 'TLS'): Gun {
  const own = `127.0.0.1:${10_000 + (seed % 50_000)}`;
  const ammunition = new Ammunition(seed, { ...target, transport, own });
  const [host = '', port = ''] = target.server.split(':');
  const to = { host, port: Number(port) };
  let socket: Socket | undefined;
  const open = (): Socket => {
    const opened = transport === 'TCP' ? connect(to) : connectTls({ ...to, rejectUnauthorized: false });
    opened.on('data', (bytes: Buffer) => {
      for (const text of bytes.toString('latin1').split(/(?=SIP\/2\.0 \d)/)) ammunition.hear(text);
    });
    opened.on('error', () => opened.destroy());
    return opened;
  };
  return {
    fire: () => {
      if (socket === undefined || socket.destroyed || !socket.writable) socket = open();
      if (socket.writableLength > waitingBytesMax) return false;
      socket.write(ammunition.next());
      return true;
    },
    close: () => socket?.destroy(),
  };
}

export function webSocketGun(seed: number, target: Target, url: string): Gun {
  const own = `w${seed}.invalid`;
  const ammunition = new Ammunition(seed, { ...target, transport: 'WS', own });
  let socket: WebSocket | undefined;
  const open = (): WebSocket => {
    const opened = new WebSocket(url, 'sip');
    opened.onmessage = ({ data }) => ammunition.hear(String(data));
    opened.onerror = () => undefined;
    return opened;
  };
  return {
    fire: () => {
      if (socket === undefined || socket.readyState > WebSocket.OPEN) socket = open();
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > waitingBytesMax) return false;
      // As text half of the time, which is what browsers send.
      const bytes = ammunition.next();
      socket.send((bytes[0] ?? 0) % 2 === 0 ? bytes.toString('utf8') : bytes);
      return true;
    },
    close: () => socket?.close(),
  };
}
