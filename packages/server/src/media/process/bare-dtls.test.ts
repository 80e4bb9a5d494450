import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { BareDtls } from './bare-dtls.ts';
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
  const up = Promise.withResolvers<{ address: string; port: number }>();
  const transport = await WebRtcTransport.prepare(
    {
      ...{ name: `side-${ssrc}`, bindAddress: loopback, publicAddress: undefined, port, ssrc },
      releasePorts: () => undefined,
    },
    {
      packet: (bytes) => void heard.push(Buffer.from(bytes).toString('latin1', 12)),
      connected: (address, from) => up.resolve({ address, port: from }),
      failed: (reason) => up.reject(new Error(reason)),
      fault: (error) => up.reject(error),
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
  return { transport, port, heard, say, up: up.promise };
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

test('[OPS-05] once the handshake is done nobody else is heard until the description names another address', async () => {
  const [aim, port] = [await freePort(), await freePort()];
  const bare = new BareDtls({ address: loopback, port }, { address: loopback, port: aim });
  closing.push(() => bare.close());
  await new Promise<void>((resolve, reject) => bare.open(() => resolve(), reject));
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
