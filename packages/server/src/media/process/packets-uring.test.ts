import { expect, it } from 'vitest';
import { AddressBook } from './addresses.ts';
import { type LibC, loadLibC, PinnedBytes } from '../../platform/kernel/index.ts';
import type { PacketHandler, PacketPath } from './packets.ts';
import { EpollPackets } from './packets-epoll.ts';
import { UringPackets } from './packets-uring.ts';

/** More than the kernel works through before anything else has its turn. */
const channelsCount = 2_200;
const SYS_IO_URING_ENTER = 426;
const manyChannels = 400;
const portMin = 15_900;
const manyPortMin = portMin - manyChannels - 1;
const closingChannels = 16;
const closingPortMin = manyPortMin - closingChannels - 1;
/** Where nobody else has ports. */
const loopback = '127.77.13.7';
const MSG_DONTWAIT = 0x40;

/** The C library, every socket that is opened by it, and how often the kernel is asked to work. */
function watched(c: LibC): { c: LibC; sockets: number[]; asked: { times: number } } {
  const sockets: number[] = [];
  const asked = { times: 0 };
  const socket = (...args: number[]): number => {
    const descriptor = c.socket(...args);
    sockets.push(descriptor);
    return descriptor;
  };
  const syscall = (what: number, ...args: number[]): number => {
    if (what === SYS_IO_URING_ENTER) asked.times++;
    return c.syscall(what, ...args);
  };
  return { c: { ...c, socket, syscall }, sockets, asked };
}

/** By io_uring where the kernel lets us. */
function openPath(c: LibC, channels: number, onPacket: PacketHandler): PacketPath {
  const addresses = new AddressBook(() => []);
  try {
    return new UringPackets(c, channels, addresses, onPacket);
  } catch {
    return new EpollPackets(c, channels, addresses, onPacket);
  }
}

/** Once around Node's loop, so that what was asked of the kernel is with it. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('[MED-01] a packet is taken behind many sockets at which there is nothing any more', async () => {
  const { promise: heard, resolve } = Promise.withResolvers<number>();
  const { c, sockets } = watched(loadLibC());
  const path = openPath(c, channelsCount + 1, (channel, { bytes }) => {
    if (bytes[0] === 2) resolve(channel);
  });
  try {
    const before = sockets.length;
    for (let channel = 0; channel <= channelsCount; channel++)
      expect(await path.open(channel, loopback, portMin + channel)).toBe('ok');
    await turn();
    await turn();
    const descriptors = sockets.slice(before);
    const sender = channelsCount;
    const numericLoopback = new AddressBook(() => []).parse(loopback) as number;
    const say = (channel: number, what: number): void => {
      path.setDestination(sender, numericLoopback, portMin + channel);
      path.sendBuffer.bytes[0] = what;
      path.step(() => path.send(sender, path.sendBuffer, 0, 12));
    };
    // In one turn: every socket has something to say, has nothing any more, and the last one has again.
    for (let channel = 0; channel < channelsCount; channel++) say(channel, 1);
    const scratch = new PinnedBytes(64);
    for (const descriptor of descriptors) c.recvfrom(descriptor, scratch.address, 64, MSG_DONTWAIT, 0, 0);
    say(channelsCount - 1, 2);
    expect(await heard).toBe(channelsCount - 1);
  } finally {
    path.stop();
  }
});

it('[MED-01] the packets of hundreds of sockets cost a few calls of the kernel', async () => {
  const { promise: allHeard, resolve } = Promise.withResolvers<void>();
  const { c, asked } = watched(loadLibC());
  let left = manyChannels;
  const path = openPath(c, manyChannels + 1, () => {
    if (--left === 0) resolve();
  });
  try {
    for (let channel = 0; channel <= manyChannels; channel++)
      expect(await path.open(channel, loopback, manyPortMin + channel)).toBe('ok');
    await turn();
    await turn();
    const numericLoopback = new AddressBook(() => []).parse(loopback) as number;
    const before = asked.times;
    for (let channel = 0; channel < manyChannels; channel++) {
      path.setDestination(manyChannels, numericLoopback, manyPortMin + channel);
      path.step(() => path.send(manyChannels, path.sendBuffer, 0, 12));
    }
    await allHeard;
    // One for each that is sent; what comes is taken together.
    expect(asked.times - before - manyChannels).toBeLessThan(9);
  } finally {
    path.stop();
  }
});

it('[MED-01] sockets that close together cost one call of the kernel, and their last words are sent', async () => {
  const { promise: said, resolve } = Promise.withResolvers<readonly number[]>();
  const words: number[] = [];
  const { c, asked } = watched(loadLibC());
  const path = openPath(c, closingChannels + 1, (channel, { bytes }) => {
    if (channel !== closingChannels) return;
    words.push(bytes[0] as number);
    if (words.length === closingChannels) resolve(words);
  });
  try {
    for (let channel = 0; channel <= closingChannels; channel++)
      expect(await path.open(channel, loopback, closingPortMin + channel)).toBe('ok');
    const numericLoopback = new AddressBook(() => []).parse(loopback) as number;
    for (let channel = 0; channel < closingChannels; channel++)
      path.setDestination(channel, numericLoopback, closingPortMin + closingChannels);
    await turn();
    const before = asked.times;
    for (let channel = 0; channel < closingChannels; channel++) {
      path.sendBuffer.bytes[0] = channel;
      path.send(channel, path.sendBuffer, 0, 12);
      path.closeSoon(channel);
    }
    // Their ports and numbers are free at once.
    for (let channel = 0; channel < closingChannels; channel++)
      expect(await path.open(channel, loopback, closingPortMin + channel)).toBe('ok');
    expect(asked.times - before).toBeLessThan(3);
    expect(await said).toEqual(Array.from({ length: closingChannels }, (_, channel) => channel));
  } finally {
    path.stop();
  }
});
