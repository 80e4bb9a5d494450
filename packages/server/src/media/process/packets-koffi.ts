import koffi, { type node } from 'koffi';
import { type AddressBook, isIpv6Handle } from './addresses.ts';
import {
  monotonicMs,
  type OpenResult,
  type PacketBuffer,
  type PacketHandler,
  type PacketPath,
  packetBytesMax,
  receiveQueueBytes,
} from './packets.ts';

// Linux constants, the same on x86-64, arm64 and riscv64.
const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const EACCES = 13;
const EADDRINUSE = 98;
const EAFNOSUPPORT = 97;

/** `struct sockaddr_in6`, the larger one; the kernel ignores what follows a `struct sockaddr_in`. */
const sockaddrBytes = 28;
const sockaddrStride = 32;
/** `struct epoll_event`: packed on x86-64 only. */
const epollEventBytes = process.arch === 'x64' ? 12 : 16;
const epollDataOffset = process.arch === 'x64' ? 4 : 8;
/** Sockets served per `epoll_wait`. */
const eventsMax = 512;
/** Rounds of `epoll_wait` before Node's own loop (control socket, timers, disk) has its turn again. */
const roundsMax = 4;

/**
 * When wake-ups follow each other faster than this, packets are collected for a millisecond instead: each costs
 * 4 µs more when it wakes the loop by itself, and nobody hears a millisecond.
 */
const pacedBelowMs = 1;
const paceMs = 1;

type PollHandle = node.PollHandle;
type SystemCall = (...args: number[]) => number;

interface LibC {
  socket: SystemCall;
  bind: SystemCall;
  connect: SystemCall;
  close: SystemCall;
  setsockopt: SystemCall;
  recvfrom: SystemCall;
  sendto: SystemCall;
  epoll_create1: SystemCall;
  epoll_ctl: SystemCall;
  epoll_wait: SystemCall;
}

/**
 * Pointers are declared as 64-bit integers and passed as plain numbers: user-space addresses stay below 2^47,
 * and that spares koffi the look at a typed array on every call (40 instead of 90 ns).
 */
function loadLibC(): LibC {
  if (process.platform !== 'linux')
    throw new Error(`the koffi packet path needs Linux, this is ${process.platform}`);
  const library = koffi.load(null);
  const declare = (name: string, ...types: string[]): SystemCall =>
    library.func(name, 'int', types) as SystemCall;
  return {
    socket: declare('socket', 'int', 'int', 'int'),
    bind: declare('bind', 'int', 'int64_t', 'int'),
    connect: declare('connect', 'int', 'int64_t', 'int'),
    close: declare('close', 'int'),
    setsockopt: declare('setsockopt', 'int', 'int', 'int', 'int64_t', 'int'),
    recvfrom: declare('recvfrom', 'int', 'int64_t', 'size_t', 'int', 'int64_t', 'int64_t'),
    sendto: declare('sendto', 'int', 'int64_t', 'size_t', 'int', 'int64_t', 'int'),
    epoll_create1: declare('epoll_create1', 'int'),
    epoll_ctl: declare('epoll_ctl', 'int', 'int', 'int', 'int64_t'),
    epoll_wait: declare('epoll_wait', 'int', 'int64_t', 'int', 'int'),
  };
}

/**
 * Bytes whose address is handed to the kernel. They lie outside the JavaScript heap, so they never move, and are
 * held by their owner for the life of the process: a collected buffer would make system calls fail silently.
 */
class PinnedBytes implements PacketBuffer {
  readonly bytes: Uint8Array;
  readonly address: number;

  constructor(length: number) {
    // Node keeps small typed arrays inside the moving heap; a page and more never is.
    this.bytes = new Uint8Array(new ArrayBuffer(Math.max(length, 4096)));
    this.address = Number(koffi.address(this.bytes));
  }
}

/**
 * The packet path by system calls: one epoll set for every socket, watched by Node's own loop through the epoll
 * descriptor, so that an idle process sleeps; once woken it serves packets in rounds of up to `eventsMax`. Under
 * load it looks once a millisecond instead of being woken by every packet.
 */
export class KoffiPackets implements PacketPath {
  readonly name = 'koffi';
  readonly sendBuffer: PacketBuffer = new PinnedBytes(packetBytesMax);
  sendsFailed = 0;
  readonly #c: LibC;
  readonly #addresses: AddressBook;
  readonly #onPacket: PacketHandler;
  readonly #epoll: number;
  readonly #poll: PollHandle;
  readonly #descriptors: Int32Array;
  /** 1 where the socket is connected to its destination. */
  readonly #isConnected: Uint8Array;
  readonly #isIpv6: Uint8Array;
  /** The source of the last packet of an IPv6 channel. */
  readonly #ipv6Source: Uint32Array;
  readonly #received = new PinnedBytes(packetBytesMax);
  readonly #events = new PinnedBytes(eventsMax * epollEventBytes);
  readonly #eventsView = new DataView(this.#events.bytes.buffer);
  /** The destination of each channel as the kernel reads it. */
  readonly #destinations: PinnedBytes;
  readonly #destinationsView: DataView;
  /** Socket address of a received packet, and behind it its length. */
  readonly #source = new PinnedBytes(sockaddrStride + 4);
  readonly #sourceView = new DataView(this.#source.bytes.buffer);
  #wokenAtMs = 0;
  /** Runs while packets are collected; the epoll set is not watched meanwhile. */
  #paceTimer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(channelCount: number, addresses: AddressBook, onPacket: PacketHandler) {
    this.#c = loadLibC();
    this.#addresses = addresses;
    this.#onPacket = onPacket;
    this.#descriptors = new Int32Array(channelCount).fill(-1);
    this.#isConnected = new Uint8Array(channelCount);
    this.#isIpv6 = new Uint8Array(channelCount);
    this.#ipv6Source = new Uint32Array(channelCount);
    this.#destinations = new PinnedBytes(channelCount * sockaddrStride);
    this.#destinationsView = new DataView(this.#destinations.bytes.buffer);
    this.#epoll = this.#c.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1 failed with errno ${koffi.errno()}`);
    this.#poll = koffi.node.poll(this.#epoll, { readable: true }, () => this.#wake());
  }

  open(channel: number, address: string, port: number): Promise<OpenResult> {
    return Promise.resolve(this.#open(channel, address, port));
  }

  #open(channel: number, address: string, port: number): OpenResult {
    const numeric = this.#addresses.parse(address);
    if (numeric === undefined) return 'address-unavailable';
    const isIpv6 = isIpv6Handle(numeric);
    const family = isIpv6 ? AF_INET6 : AF_INET;
    const descriptor = this.#c.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return koffi.errno() === EAFNOSUPPORT ? 'address-unavailable' : 'port-taken';
    this.#setOption(descriptor, SOL_SOCKET, SO_RCVBUF, receiveQueueBytes);
    if (isIpv6) this.#setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    this.#writeSockaddr(this.#sourceView, 0, numeric, port);
    if (this.#c.bind(descriptor, this.#source.address, sockaddrBytes) < 0) {
      const errno = koffi.errno();
      this.#c.close(descriptor);
      return errno === EADDRINUSE || errno === EACCES ? 'port-taken' : 'address-unavailable';
    }
    this.#eventsView.setUint32(0, EPOLLIN, true);
    this.#eventsView.setUint32(epollDataOffset, channel, true);
    this.#eventsView.setUint32(epollDataOffset + 4, 0, true);
    if (this.#c.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, descriptor, this.#events.address) < 0) {
      this.#c.close(descriptor);
      return 'port-taken';
    }
    this.#descriptors[channel] = descriptor;
    this.#isIpv6[channel] = isIpv6 ? 1 : 0;
    // Nobody is there yet: port 0 of any host, which the kernel refuses.
    this.#writeSockaddr(this.#destinationsView, channel * sockaddrStride, numeric, 0);
    return 'ok';
  }

  #setOption(descriptor: number, level: number, name: number, value: number): void {
    this.#sourceView.setInt32(0, value, true);
    this.#c.setsockopt(descriptor, level, name, this.#source.address, 4);
  }

  close(channel: number): void {
    const descriptor = this.#descriptors[channel] as number;
    if (descriptor < 0) return;
    this.#descriptors[channel] = -1;
    this.#isConnected[channel] = 0;
    // Closing takes the socket out of the epoll set as well.
    this.#c.close(descriptor);
  }

  setDestination(channel: number, address: number, port: number): void {
    this.setExclusive(channel, false);
    // Another family than the socket's cannot be reached from it; the signalling has refused such an address.
    if (isIpv6Handle(address) !== (this.#isIpv6[channel] === 1)) return;
    this.#writeSockaddr(this.#destinationsView, channel * sockaddrStride, address, port);
  }

  setExclusive(channel: number, isExclusive: boolean): void {
    const wanted = isExclusive ? 1 : 0;
    const descriptor = this.#descriptors[channel] as number;
    if (this.#isConnected[channel] === wanted || descriptor < 0) return;
    let address = this.#destinations.address + channel * sockaddrStride;
    if (!isExclusive) {
      // Connecting to no family dissolves the association (connect(2)).
      address = this.#source.address;
      this.#source.bytes.fill(0, 0, sockaddrBytes);
      this.#sourceView.setUint16(0, AF_UNSPEC, true);
    }
    if (this.#c.connect(descriptor, address, sockaddrBytes) === 0) this.#isConnected[channel] = wanted;
  }

  send(channel: number, packet: PacketBuffer, offset: number, length: number): boolean {
    const isConnected = this.#isConnected[channel] === 1;
    const sent = this.#c.sendto(
      this.#descriptors[channel] as number,
      packet.address + offset,
      length,
      MSG_DONTWAIT,
      isConnected ? 0 : this.#destinations.address + channel * sockaddrStride,
      isConnected ? 0 : sockaddrBytes,
    );
    if (sent >= 0) return true;
    this.sendsFailed++;
    return false;
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#paceTimer);
    this.#poll.close();
    for (let channel = 0; channel < this.#descriptors.length; channel++) this.close(channel);
    this.#c.close(this.#epoll);
  }

  #wake(): void {
    this.#serve();
    const nowMs = monotonicMs();
    const isBusy = nowMs - this.#wokenAtMs < pacedBelowMs;
    this.#wokenAtMs = nowMs;
    if (!isBusy || this.#isStopped) return;
    this.#poll.stop();
    this.#paceTimer = setTimeout(() => this.#pace(), paceMs);
  }

  #pace(): void {
    const served = this.#serve();
    if (this.#isStopped) return;
    if (served > 0) {
      this.#paceTimer?.refresh();
      return;
    }
    this.#paceTimer = undefined;
    this.#poll.start({ readable: true }, () => this.#wake());
  }

  /** Serves what is ready, within limits; returns how many packets that were. */
  #serve(): number {
    let served = 0;
    for (let round = 0; round < roundsMax && !this.#isStopped; round++) {
      const ready = this.#c.epoll_wait(this.#epoll, this.#events.address, eventsMax, 0);
      if (ready <= 0) break;
      const nowMs = monotonicMs();
      for (let i = 0; i < ready; i++) {
        this.#receive(this.#eventsView.getUint32(i * epollEventBytes + epollDataOffset, true), nowMs);
      }
      served += ready;
      if (ready < eventsMax) break;
    }
    return served;
  }

  /** One packet per readiness: the set is level-triggered, so a second one is reported in the next round. */
  #receive(channel: number, nowMs: number): void {
    const descriptor = this.#descriptors[channel] as number;
    if (descriptor < 0) return;
    const source = this.#sourceView;
    source.setInt32(sockaddrStride, sockaddrBytes, true);
    const length = this.#c.recvfrom(
      descriptor,
      this.#received.address,
      packetBytesMax,
      MSG_DONTWAIT,
      this.#source.address,
      this.#source.address + sockaddrStride,
    );
    if (length <= 0) return;
    const address = this.#isIpv6[channel] === 1 ? this.#ipv6SourceOf(channel) : source.getUint32(4);
    this.#onPacket(channel, this.#received, length, address, source.getUint16(2), nowMs);
  }

  #ipv6SourceOf(channel: number): number {
    const source = this.#sourceView;
    const a = source.getUint32(8);
    const b = source.getUint32(12);
    const c = source.getUint32(16);
    const d = source.getUint32(20);
    const former = this.#ipv6Source[channel] as number;
    if (this.#addresses.isHandleOf(former, a, b, c, d)) return former;
    const handle = this.#addresses.ofWords(a, b, c, d);
    this.#ipv6Source[channel] = handle;
    return handle;
  }

  /** `struct sockaddr_in` or, with flow and zone 0, `struct sockaddr_in6`. */
  #writeSockaddr(view: DataView, offset: number, address: number, port: number): void {
    const isIpv6 = isIpv6Handle(address);
    view.setUint16(offset, isIpv6 ? AF_INET6 : AF_INET, true);
    view.setUint16(offset + 2, port);
    view.setUint32(offset + 4, isIpv6 ? 0 : address);
    for (let i = 0; i < 4; i++) {
      view.setUint32(offset + 8 + i * 4, isIpv6 ? this.#addresses.word(address, i) : 0);
    }
    view.setUint32(offset + 24, 0);
  }
}
