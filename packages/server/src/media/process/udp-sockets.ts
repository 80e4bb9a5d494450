import { type AddressBook, isIpv6Handle } from './addresses.ts';
import {
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  EACCES,
  EADDRINUSE,
  EAFNOSUPPORT,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  lastErrno,
  type LibC,
  PinnedBytes,
  SO_RCVBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  sockaddrBytes,
} from '../../platform/kernel/index.ts';
import { type OpenResult, receiveQueueBytes } from './packets.ts';

const sockaddrStride = 32;
/** Where the length of an address lies behind it. */
const sockaddrLengthOffset = sockaddrStride;

/** The UDP sockets of a packet path that speaks to the kernel itself: descriptors and addresses by channel. */
export class UdpSockets {
  /** −1 where none is open. */
  readonly descriptors: Int32Array;
  readonly #c: LibC;
  readonly #addresses: AddressBook;
  /** 1 where the socket is connected to its destination. */
  readonly #isConnected: Uint8Array;
  readonly #isIpv6: Uint8Array;
  /** The source of the last packet of an IPv6 channel. */
  readonly #ipv6Source: Uint32Array;
  /** The destination of each channel as the kernel reads it. */
  readonly #destinations: PinnedBytes;
  readonly #destinationsView: DataView;
  readonly #scratch = new PinnedBytes(sockaddrStride + 4);
  readonly #scratchView = new DataView(this.#scratch.bytes.buffer);

  constructor(c: LibC, channelCount: number, addresses: AddressBook) {
    this.#c = c;
    this.#addresses = addresses;
    this.descriptors = new Int32Array(channelCount).fill(-1);
    this.#isConnected = new Uint8Array(channelCount);
    this.#isIpv6 = new Uint8Array(channelCount);
    this.#ipv6Source = new Uint32Array(channelCount);
    this.#destinations = new PinnedBytes(channelCount * sockaddrStride);
    this.#destinationsView = new DataView(this.#destinations.bytes.buffer);
  }

  /** Opens and binds a socket; its descriptor, or why there is none. It belongs to no channel before `adopt`. */
  bind(address: string, port: number): number | Exclude<OpenResult, 'ok'> {
    const numeric = this.#addresses.parse(address);
    if (numeric === undefined) return 'address-unavailable';
    const isIpv6 = isIpv6Handle(numeric);
    const family = isIpv6 ? AF_INET6 : AF_INET;
    const descriptor = this.#c.socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return lastErrno() === EAFNOSUPPORT ? 'address-unavailable' : 'port-taken';
    this.#setOption(descriptor, SOL_SOCKET, SO_RCVBUF, receiveQueueBytes);
    if (isIpv6) this.#setOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    this.#writeSockaddr(this.#scratchView, 0, numeric, port);
    if (this.#c.bind(descriptor, this.#scratch.address, sockaddrBytes) < 0) {
      const errno = lastErrno();
      this.#c.close(descriptor);
      return errno === EADDRINUSE || errno === EACCES ? 'port-taken' : 'address-unavailable';
    }
    return descriptor;
  }

  /** The port that a bound socket has, 0 when it cannot be told. */
  portOf(descriptor: number): number {
    const view = this.#scratchView;
    view.setInt32(sockaddrLengthOffset, sockaddrBytes, true);
    const { address } = this.#scratch;
    return this.#c.getsockname(descriptor, address, address + sockaddrLengthOffset) < 0
      ? 0
      : view.getUint16(2);
  }

  /** Makes a bound socket the channel's own. */
  adopt(channel: number, descriptor: number, address: string): void {
    const numeric = this.#addresses.parse(address) ?? 0;
    this.descriptors[channel] = descriptor;
    this.#isIpv6[channel] = isIpv6Handle(numeric) ? 1 : 0;
    // Nobody is there yet: port 0 of any host, which the kernel refuses.
    this.#writeSockaddr(this.#destinationsView, channel * sockaddrStride, numeric, 0);
  }

  /** Fine when the channel is not open. */
  close(channel: number): void {
    const descriptor = this.release(channel);
    if (descriptor >= 0) this.#c.close(descriptor);
  }

  /** Takes the socket from the channel, for the caller to close; −1 when it has none. */
  release(channel: number): number {
    const descriptor = this.descriptors[channel] as number;
    this.descriptors[channel] = -1;
    this.#isConnected[channel] = 0;
    return descriptor;
  }

  setDestination(channel: number, address: number, port: number): void {
    this.setExclusive(channel, false);
    // Another family than the socket's cannot be reached from it; the signalling has refused such an address.
    if (isIpv6Handle(address) !== (this.#isIpv6[channel] === 1)) return;
    this.#writeSockaddr(this.#destinationsView, channel * sockaddrStride, address, port);
  }

  isExclusive(channel: number): boolean {
    return this.#isConnected[channel] === 1;
  }

  setExclusive(channel: number, isExclusive: boolean): void {
    const wanted = isExclusive ? 1 : 0;
    const descriptor = this.descriptors[channel] as number;
    if (this.#isConnected[channel] === wanted || descriptor < 0) return;
    let address = this.#destinations.address + channel * sockaddrStride;
    if (!isExclusive) {
      // Connecting to no family dissolves the association (connect(2)).
      address = this.#scratch.address;
      this.#scratch.bytes.fill(0, 0, sockaddrBytes);
      this.#scratchView.setUint16(0, AF_UNSPEC, true);
    }
    if (this.#c.connect(descriptor, address, sockaddrBytes) === 0) this.#isConnected[channel] = wanted;
  }

  /** Address of the destination in memory; 0 while the kernel knows it, because the socket is connected. */
  destinationOf(channel: number): number {
    return this.#isConnected[channel] === 1 ? 0 : this.#destinations.address + channel * sockaddrStride;
  }

  /** The source that the kernel has written at `offset`, as a number of the address book. */
  sourceOf(channel: number, view: DataView, offset: number): number {
    if (this.#isIpv6[channel] !== 1) return view.getUint32(offset + 4);
    const a = view.getUint32(offset + 8);
    const b = view.getUint32(offset + 12);
    const c = view.getUint32(offset + 16);
    const d = view.getUint32(offset + 20);
    const former = this.#ipv6Source[channel] as number;
    if (this.#addresses.isHandleOf(former, a, b, c, d)) return former;
    const handle = this.#addresses.ofWords(a, b, c, d);
    this.#ipv6Source[channel] = handle;
    return handle;
  }

  #setOption(descriptor: number, level: number, name: number, value: number): void {
    this.#scratchView.setInt32(0, value, true);
    this.#c.setsockopt(descriptor, level, name, this.#scratch.address, 4);
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
