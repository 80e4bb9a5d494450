import { getSystemErrorName } from 'node:util';
import koffi, { type node } from 'koffi';
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  EINTR,
  EINVAL,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  lastErrno,
  type LibC,
  loadLibC,
  MSG_DONTWAIT,
  PinnedBytes,
  SO_RCVBUF,
  SO_SNDBUF,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SocketAddresses,
  SOL_SOCKET,
  sockaddrBytes,
} from '../kernel/index.ts';
import type { UdpEvents, UdpOptions, UdpSocket } from './udp-socket.ts';

/** `struct mmsghdr` of 64-bit systems: `msghdr` (56 bytes), then the length that was received. */
const headerBytes = 64;
const nameLengthOffset = 8;
const lengthOffset = 56;
/** Datagrams read by one system call, and system calls before Node's own loop has its turn again. */
const slots = 16;
const roundsMax = 4;
/** No datagram is longer (RFC 768), so that none is cut off. Pages that nothing was written to take no memory. */
const slotBytes = 65_536;
const sockaddrStride = 32;
const ioVectorBytes = 16;
/** What waits for room in the kernel; beyond, a datagram is lost, as on any network. */
const unsentMax = 1_024;

interface Unsent {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

/** Throws where system calls of our own are not to be had, saying why. */
export function requireSystem(): void {
  loadLibC();
  if (!['x64', 'arm64', 'riscv64'].includes(process.arch))
    throw new Error(`they are known for 64-bit systems, this is ${process.arch}`);
}

/**
 * By system calls: Node reads each datagram into 64 kB of fresh memory and keeps an object for each that is being sent. Here
 * many are read at once, into memory that stays, and what is sent is gone when the call returns.
 */
export class NativeUdpSocket implements UdpSocket {
  readonly #c: LibC;
  readonly #events: UdpEvents;
  readonly #descriptor: number;
  readonly #addresses: SocketAddresses;
  readonly #poll: node.PollHandle;
  readonly #headers = new PinnedBytes(slots * headerBytes);
  readonly #headersView = new DataView(this.#headers.bytes.buffer);
  readonly #received = new PinnedBytes(slots * slotBytes);
  /** Where each datagram came from. */
  readonly #sources = new PinnedBytes(slots * sockaddrStride);
  readonly #sourcesView = new DataView(this.#sources.bytes.buffer);
  readonly #vectors = new PinnedBytes(slots * ioVectorBytes);
  readonly #sent = new PinnedBytes(slotBytes);
  readonly #destination = new PinnedBytes(sockaddrStride);
  readonly #unsent: Unsent[] = [];
  #isClosed = false;

  private constructor(c: LibC, descriptor: number, isIpv6: boolean, events: UdpEvents) {
    this.#c = c;
    this.#descriptor = descriptor;
    this.#events = events;
    this.#addresses = new SocketAddresses(isIpv6);
    this.#describeSlots();
    this.#poll = koffi.node.poll(descriptor, { readable: true }, () => this.#wake());
  }

  /** Rejects with the system's error, as Node's sockets do. */
  static open({ address, port, bufferBytes }: UdpOptions, events: UdpEvents): Promise<NativeUdpSocket> {
    const c = loadLibC();
    const isIpv6 = address.includes(':');
    const flags = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const descriptor = c.socket(isIpv6 ? AF_INET6 : AF_INET, flags, 0);
    if (descriptor < 0) return Promise.reject(systemError('socket', address, port));
    const value = new PinnedBytes(4);
    const setOption = (level: number, name: number, wanted: number): void => {
      new DataView(value.bytes.buffer).setInt32(0, wanted, true);
      c.setsockopt(descriptor, level, name, value.address, 4);
    };
    if (isIpv6) setOption(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    const own = new PinnedBytes(sockaddrStride);
    const isWritten = new SocketAddresses(isIpv6).write(own.bytes, address, port);
    if (!isWritten || c.bind(descriptor, own.address, sockaddrBytes) < 0) {
      const error = systemError('bind', address, port, isWritten ? lastErrno() : EINVAL);
      c.close(descriptor);
      return Promise.reject(error);
    }
    setOption(SOL_SOCKET, SO_RCVBUF, bufferBytes);
    setOption(SOL_SOCKET, SO_SNDBUF, bufferBytes);
    return Promise.resolve(new NativeUdpSocket(c, descriptor, isIpv6, events));
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    // What was to go before must not be overtaken.
    if (this.#unsent.length > 0 || !this.#hasSent(bytes, address, port)) this.#keep({ bytes, address, port });
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#poll.close();
      this.#c.close(this.#descriptor);
    }
    return Promise.resolve();
  }

  /** Tells the kernel once where datagrams and their sources are to be written. */
  #describeSlots(): void {
    const view = this.#headersView;
    const vectors = new DataView(this.#vectors.bytes.buffer);
    for (let slot = 0; slot < slots; slot++) {
      const vector = slot * ioVectorBytes;
      vectors.setBigUint64(vector, BigInt(this.#received.address + slot * slotBytes), true);
      vectors.setBigUint64(vector + 8, BigInt(slotBytes), true);
      const header = slot * headerBytes;
      view.setBigUint64(header, BigInt(this.#sources.address + slot * sockaddrStride), true);
      view.setUint32(header + nameLengthOffset, sockaddrBytes, true);
      view.setBigUint64(header + 16, BigInt(this.#vectors.address + vector), true);
      view.setBigUint64(header + 24, 1n, true);
    }
  }

  #wake(): void {
    if (this.#unsent.length > 0) this.#sendUnsent();
    for (let round = 0; round < roundsMax && !this.#isClosed; round++) {
      if (this.#receive() < slots) return;
    }
  }

  /** Reads what is there, `slots` datagrams at most; returns how many there were. */
  #receive(): number {
    const count = this.#c.recvmmsg(this.#descriptor, this.#headers.address, slots, MSG_DONTWAIT, 0);
    if (count < 0) {
      const errno = lastErrno();
      if (errno !== EAGAIN && errno !== EINTR) this.#events.error(systemError('recvmmsg', '', 0, errno));
      return 0;
    }
    for (let slot = 0; slot < count && !this.#isClosed; slot++) this.#take(slot);
    return count;
  }

  #take(slot: number): void {
    const header = slot * headerBytes;
    const start = slot * slotBytes;
    const source = slot * sockaddrStride;
    const length = this.#headersView.getUint32(header + lengthOffset, true);
    // The kernel writes how long the address is, and reads there how much room it has.
    this.#headersView.setUint32(header + nameLengthOffset, sockaddrBytes, true);
    this.#events.message(
      Buffer.from(this.#received.bytes.subarray(start, start + length)),
      this.#addresses.read(this.#sourcesView, source),
      this.#addresses.portAt(this.#sourcesView, source),
    );
  }

  /** False when it has to wait for room in the kernel. */
  #hasSent(bytes: Uint8Array, address: string, port: number): boolean {
    if (this.#isClosed) return true;
    if (bytes.length > slotBytes || !this.#addresses.write(this.#destination.bytes, address, port)) {
      const reason =
        bytes.length > slotBytes ? `${bytes.length} bytes are too many` : 'it is no address for this socket';
      this.#events.error(new Error(`nothing is sent to ${address}:${port}: ${reason}`));
      return true;
    }
    this.#sent.bytes.set(bytes);
    const { address: from } = this.#sent;
    const to = this.#destination.address;
    if (this.#c.sendto(this.#descriptor, from, bytes.length, MSG_DONTWAIT, to, sockaddrBytes) >= 0)
      return true;
    const errno = lastErrno();
    if (errno === EAGAIN) return false;
    this.#events.error(systemError('sendto', address, port, errno));
    return true;
  }

  #keep(unsent: Unsent): void {
    if (this.#unsent.length >= unsentMax) {
      this.#events.error(new Error(`${unsentMax} datagrams wait to be sent: one more was dropped`));
      return;
    }
    this.#unsent.push(unsent);
    if (this.#unsent.length === 1) this.#watch(true);
  }

  #sendUnsent(): void {
    let sent = 0;
    for (const { bytes, address, port } of this.#unsent) {
      if (!this.#hasSent(bytes, address, port)) break;
      sent++;
    }
    this.#unsent.splice(0, sent);
    if (this.#unsent.length === 0) this.#watch(false);
  }

  #watch(isWritable: boolean): void {
    if (!this.#isClosed) this.#poll.start({ readable: true, writable: isWritable }, () => this.#wake());
  }
}

/** As Node tells it: `bind EADDRINUSE 0.0.0.0:5060`. */
function systemError(
  syscall: string,
  address: string,
  port: number,
  errno = lastErrno(),
): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  const where = address === '' ? '' : ` ${address}:${port}`;
  return Object.assign(new Error(`${syscall} ${code}${where}`), {
    code,
    errno: -errno,
    syscall,
    address,
    port,
  });
}
