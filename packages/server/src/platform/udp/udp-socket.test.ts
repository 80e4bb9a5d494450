import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { openUdpSocket } from './open-udp-socket.ts';
import type { UdpEvents, UdpSocket } from './udp-socket.ts';

interface Message {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

const portOf = async (host: string): Promise<number> => {
  const probe = await peer(host);
  const { port } = probe.address();
  await new Promise<void>((resolve) => probe.close(resolve));
  return port;
};

async function peer(host: string): Promise<Socket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

async function received(socket: Socket): Promise<{ bytes: Buffer; from: RemoteInfo }> {
  const [bytes, from] = (await once(socket, 'message')) as [Buffer, RemoteInfo];
  return { bytes, from };
}

describe.each(['koffi', 'dgram'] as const)('[CAR-01] datagrams by %s', (choice) => {
  const open: UdpSocket[] = [];
  const peers: Socket[] = [];
  afterEach(async () => {
    for (const socket of peers.splice(0)) socket.close();
    await Promise.all(open.splice(0).map((socket) => socket.close()));
  });

  /** A socket, what it hears and what went wrong. */
  async function listen(address: string, onMessage: (message: Message) => void = () => undefined) {
    const heard: Message[] = [];
    const errors: Error[] = [];
    let wake = (): void => undefined;
    const events: UdpEvents = {
      message: (bytes, from, port) => {
        heard.push({ bytes, address: from, port });
        onMessage({ bytes, address: from, port });
        wake();
      },
      error: (error) => {
        errors.push(error);
        wake();
      },
    };
    const port = await portOf(address);
    const socket = await openUdpSocket(
      choice,
      { address, port, bufferBytes: 1 << 20 },
      events,
      () => undefined,
    );
    open.push(socket);
    const until = async (isDone: () => boolean): Promise<void> => {
      while (!isDone()) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    };
    return { socket, heard, errors, port, until };
  }

  async function connected(host: string): Promise<Socket> {
    const socket = await peer(host);
    peers.push(socket);
    return socket;
  }

  const families = [
    { bound: '127.0.0.1', host: '127.0.0.1' },
    { bound: '0.0.0.0', host: '127.0.0.1' },
    { bound: '::1', host: '::1' },
    { bound: '::', host: '::1' },
    { bound: '::', host: '127.0.0.1' },
  ];

  test.each(families)('of $host come to $bound and go back', async ({ bound, host }) => {
    const own = await listen(bound, ({ bytes, address, port }) => own.socket.send(bytes, address, port));
    const phone = await connected(host);
    phone.send('OPTIONS', own.port, host);
    const { bytes, from } = await received(phone);
    expect(String(bytes)).toBe('OPTIONS');
    expect(from).toMatchObject({ port: own.port, address: host });
    expect(own.heard).toMatchObject([{ address: host, port: phone.address().port }]);
    expect(own.errors).toEqual([]);
  });

  test('of no bytes and of as many as there can be arrive whole', async () => {
    const own = await listen('127.0.0.1', ({ bytes, address, port }) =>
      own.socket.send(bytes, address, port),
    );
    const phone = await connected('127.0.0.1');
    for (const length of [0, 1, 65_507]) {
      const sent = Buffer.alloc(length, 'x');
      phone.send(sent, own.port, '127.0.0.1');
      expect((await received(phone)).bytes.equals(sent)).toBe(true);
    }
  });

  test('are the receiver’s to keep: those that come later do not change them', async () => {
    const own = await listen('127.0.0.1');
    const phone = await connected('127.0.0.1');
    const count = 300;
    for (let i = 0; i < count; i++) phone.send(`message ${i}`, own.port, '127.0.0.1');
    await own.until(() => own.heard.length === count);
    expect(own.heard.map(({ bytes }) => String(bytes))).toEqual(
      Array.from({ length: count }, (_, i) => `message ${i}`),
    );
  });

  test('arrive in the order in which they were sent', async () => {
    const own = await listen('127.0.0.1');
    const phone = await connected('127.0.0.1');
    phone.setRecvBufferSize(4 << 20);
    const got: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    phone.on('message', (bytes) => {
      got.push(String(bytes));
      if (got.length === 200) resolve();
    });
    for (let i = 0; i < 200; i++) own.socket.send(Buffer.from(String(i)), '127.0.0.1', phone.address().port);
    await promise;
    expect(got).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test('wait for room in the kernel instead of being lost', async () => {
    const own = await listen('127.0.0.1');
    const phone = await connected('127.0.0.1');
    phone.setRecvBufferSize(16 << 20);
    let got = 0;
    const count = 100;
    const { promise, resolve } = Promise.withResolvers<void>();
    phone.on('message', () => {
      got++;
      own.socket.send(Buffer.alloc(60_000), '127.0.0.1', phone.address().port);
      if (got === count) resolve();
    });
    own.socket.send(Buffer.alloc(60_000), '127.0.0.1', phone.address().port);
    await promise;
    expect(own.errors).toEqual([]);
  });

  test('that are too long are told of, and the socket goes on', async () => {
    const own = await listen('127.0.0.1', ({ bytes, address, port }) =>
      own.socket.send(bytes, address, port),
    );
    const phone = await connected('127.0.0.1');
    own.socket.send(Buffer.alloc(70_000), '127.0.0.1', phone.address().port);
    await own.until(() => own.errors.length > 0);
    phone.send('still there', own.port, '127.0.0.1');
    expect(String((await received(phone)).bytes)).toBe('still there');
  });

  test('that the kernel refuses are told of, with the address', async () => {
    const own = await listen('127.0.0.1');
    // A socket of this machine alone reaches no other.
    own.socket.send(Buffer.from('x'), '192.0.2.1', 5060);
    await own.until(() => own.errors.length > 0);
    expect(own.errors[0]?.message).toMatch(/EINVAL|ENETUNREACH/);
    expect(own.errors[0]?.message).toContain('192.0.2.1:5060');
  });

  test.each(['127.0.0.1', '::1'])(
    'a port of %s that is taken is told of as Node does, and is free after the end',
    async (host) => {
      const { socket, port } = await listen(host);
      const options = { address: host, port, bufferBytes: 65_536 };
      const events: UdpEvents = { message: () => undefined, error: () => undefined };
      const again = () => openUdpSocket(choice, options, events, () => undefined);
      await expect(again()).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
      await socket.close();
      open.push(await again());
    },
  );

  test('an address of somebody else is refused', async () => {
    const options = { address: '192.0.2.1', port: 0, bufferBytes: 65_536 };
    const events: UdpEvents = { message: () => undefined, error: () => undefined };
    await expect(openUdpSocket(choice, options, events, () => undefined)).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
  });

  test('nothing is heard after the end, and a second end does no harm', async () => {
    const own = await listen('127.0.0.1', () => void own.socket.close());
    const phone = await connected('127.0.0.1');
    for (let i = 0; i < 20; i++) phone.send(`${i}`, own.port, '127.0.0.1');
    await own.until(() => own.heard.length > 0);
    own.socket.send(Buffer.from('too late'), '127.0.0.1', phone.address().port);
    expect(own.heard).toHaveLength(1);
    open.length = 0;
  });
});
