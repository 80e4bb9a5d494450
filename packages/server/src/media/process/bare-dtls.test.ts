import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { BareDtls } from './bare-dtls.ts';
import { writeNomination } from './stun.ts';
import { WebRtcTransport } from './webrtc.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

const loopback = '127.0.0.1';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, loopback);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** One side of a call that speaks DTLS and no ICE. */
async function side(ssrc: number) {
  const port = await freePort();
  const heard: string[] = [];
  const places: { address: string; port: number }[] = [];
  const failures: unknown[] = [];
  const up = Promise.withResolvers<{ address: string; port: number }>();
  const fail = (error: unknown): void => {
    failures.push(error);
    up.reject(error);
  };
  const transport = await WebRtcTransport.prepare(
    {
      ...{ name: `side-${ssrc}`, bindAddress: loopback, publicAddress: undefined, port, ssrc },
      ...{ releasePorts: () => undefined, isBare: true },
    },
    {
      packet: (bytes) => void heard.push(Buffer.from(bytes).toString('latin1', 12)),
      connected: (address, from) => {
        places.push({ address, port: from });
        up.resolve({ address, port: from });
      },
      failed: (reason) => fail(new Error(reason)),
      fault: (error) => fail(error),
    },
  );
  closing.push(() => transport.close());
  const say = (sequence: number, text: string): boolean => {
    const bytes = Buffer.alloc(12 + text.length);
    bytes.writeUInt8(0x80, 0);
    bytes.writeUInt16BE(sequence, 2);
    bytes.writeUInt32BE(sequence * 160, 4);
    bytes.writeUInt32BE(ssrc, 8);
    bytes.write(text, 12, 'latin1');
    return transport.sendRtp({ bytes } as never, 0, bytes.length);
  };
  return { transport, port, heard, places, failures, say, up: up.promise };
}

const bareParameters = (transport: WebRtcTransport) => ({
  ...{ fingerprint: transport.dtls.fingerprint, iceUfrag: '', icePwd: '', candidates: [] },
});

test('[CAR-02] [RFC5763 §5] two sides without ICE encrypt by DTLS, one of which was announced at another address', async () => {
  const [phone, house] = [await side(1), await side(2)];
  // The telephone stands behind a NAT: its description names a port at which nobody is.
  house.transport.setRemote(
    { ...bareParameters(phone.transport), setup: 'active' },
    { address: loopback, port: 9 },
  );
  phone.transport.setRemote(
    { ...bareParameters(house.transport), setup: 'passive' },
    { address: loopback, port: house.port },
  );
  await phone.up;
  expect(await house.up).toEqual({ address: loopback, port: phone.port });
  expect(phone.say(1, 'from the telephone')).toBe(true);
  await expect.poll(() => house.heard).toEqual(['from the telephone']);
  expect(house.say(1, 'from the house')).toBe(true);
  await expect.poll(() => phone.heard).toEqual(['from the house']);
  // The same description again, as a re-INVITE brings it, keeps the association.
  house.transport.setRemote(
    { ...bareParameters(phone.transport), setup: 'active' },
    { address: loopback, port: 9 },
  );
  house.say(2, 'still here');
  await expect.poll(() => phone.heard.at(-1)).toBe('still here');
});

test('[CAR-02] [RFC8842 §3.1] another certificate begins another connection, as when another telephone answers', async () => {
  const house = await side(3);
  for (const ssrc of [4, 5]) {
    const phone = await side(ssrc);
    phone.transport.setRemote(
      { ...bareParameters(house.transport), setup: 'passive' },
      { address: loopback, port: house.port },
    );
    house.transport.setRemote(
      { ...bareParameters(phone.transport), setup: 'active' },
      { address: loopback, port: phone.port },
    );
    await phone.up;
    await expect.poll(() => house.places.at(-1)).toEqual({ address: loopback, port: phone.port });
    phone.say(1, `from ${ssrc}`);
    await expect.poll(() => house.heard.at(-1)).toBe(`from ${ssrc}`);
    house.say(ssrc, `to ${ssrc}`);
    await expect.poll(() => phone.heard.at(-1)).toBe(`to ${ssrc}`);
  }
  expect(house.failures).toEqual([]);
});

test('[CAR-02] a far end that begins no handshake is given up', async () => {
  const house = await side(6);
  house.up.catch(() => undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  closing.push(() => vi.useRealTimers());
  house.transport.setRemote(
    { ...bareParameters(house.transport), setup: 'active' },
    { address: loopback, port: await freePort() },
  );
  vi.advanceTimersByTime(9_999);
  expect(house.failures).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(house.failures).toEqual([new Error('dtls-handshake')]);
});

test('[CAR-02] a handshake that begins before its far end is known here is kept for the library, from where the far end is said to be', async () => {
  const port = await freePort();
  const bare = new BareDtls({ address: loopback, port });
  closing.push(() => bare.close());
  await bare.open((error) => expect.unreachable(error.message));
  const [stranger, phone, library] = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')];
  for (const socket of [stranger, phone, library]) {
    closing.push(() => socket.close());
    socket.bind(0, loopback);
    await once(socket, 'listening');
  }
  const say = (socket: typeof phone, text: string): Promise<unknown> =>
    new Promise((resolve) => {
      socket.send(Buffer.concat([Buffer.from([22]), Buffer.from(text)]), port, loopback, resolve);
    });
  await say(stranger, 'not meant');
  await say(phone, 'hello');
  const told: string[] = [];
  library.on('message', (bytes) => {
    if (bytes[0] === 22) told.push(bytes.toString('latin1', 1));
  });
  const at = { address: loopback, port: phone.address().port };
  // What was sent before has arrived here when this has, on the same socket of the same machine.
  await expect.poll(() => bare.keptCount).toBe(2);
  bare.restart(at);
  const innerPort = Number(bare.candidate.split(' ')[5]);
  const check = writeNomination({ username: `${bare.iceUfrag}:x`, password: bare.icePwd, priority: 1 });
  library.send(check, innerPort, loopback);
  await expect.poll(() => told.length).toBeGreaterThan(1);
  expect(new Set(told)).toEqual(new Set(['hello']));
  const answered = once(phone, 'message');
  library.send(Buffer.from([22, 1]), innerPort, loopback);
  await answered;
  expect(bare.remote).toEqual(at);
  expect(bare.keptCount).toBe(0);
});

test('[OPS-05] once the handshake is done nobody else is heard until the description names another address', async () => {
  const [aim, port] = [await freePort(), await freePort()];
  const bare = new BareDtls({ address: loopback, port });
  closing.push(() => bare.close());
  await bare.open((error) => expect.unreachable(error.message));
  bare.restart({ address: loopback, port: aim });
  const sender = createSocket('udp4');
  closing.push(() => sender.close());
  sender.bind(0, loopback);
  await once(sender, 'listening');
  const own = { address: loopback, port: sender.address().port };
  const handshake = Buffer.from([22, 254, 253]);
  bare.settle();
  sender.send(handshake, port, loopback);
  bare.aimAt({ address: loopback, port: aim });
  sender.send(handshake, port, loopback);
  expect(bare.remote).toEqual({ address: loopback, port: aim });
  bare.aimAt({ address: loopback, port: 9 });
  expect(bare.remote).toEqual({ address: loopback, port: 9 });
  await expect
    .poll(() => {
      sender.send(handshake, port, loopback);
      return bare.remote;
    })
    .toEqual(own);
});
