import type { AddressBook } from './addresses.ts';
import {
  type FileSystemSync,
  lastErrno,
  type LibC,
  MSG_DONTWAIT,
  PinnedBytes,
  sockaddrBytes,
} from '../../platform/kernel/index.ts';
import { Pacer } from './pacer.ts';
import {
  monotonicMs,
  type OpenResult,
  type Pace,
  type PacketBuffer,
  type PacketHandler,
  type PacketPath,
  packetBytesMax,
} from './packets.ts';
import { UdpSockets } from './udp-sockets.ts';

// Linux constants, the same on x86-64, arm64 and riscv64.
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

/** Where the length of a source lies behind it. */
const sourceLengthOffset = 32;
/** `struct epoll_event`: packed on x86-64 only. */
const epollEventBytes = process.arch === 'x64' ? 12 : 16;
const epollDataOffset = process.arch === 'x64' ? 4 : 8;
/** Sockets served per `epoll_wait`. */
const eventsMax = 512;
/** Rounds of `epoll_wait` before Node's own loop (control socket, timers, disk) has its turn again. */
const roundsMax = 4;

/**
 * The packet path by system calls: one epoll set for every socket, watched by Node's own loop through the epoll
 * descriptor, so that an idle process sleeps; once woken it serves packets in rounds of up to `eventsMax`.
 */
export class EpollPackets implements PacketPath {
  readonly name = 'koffi';
  readonly sendBuffer: PacketBuffer = new PinnedBytes(packetBytesMax);
  readonly syncFileSystem: FileSystemSync;
  sendsFailed = 0;
  readonly #c: LibC;
  readonly #sockets: UdpSockets;
  readonly #onPacket: PacketHandler;
  readonly #epoll: number;
  readonly #pacer: Pacer;
  readonly #received = new PinnedBytes(packetBytesMax);
  readonly #events = new PinnedBytes(eventsMax * epollEventBytes);
  readonly #eventsView = new DataView(this.#events.bytes.buffer);
  /** Socket address of a received packet, and behind it its length. */
  readonly #source = new PinnedBytes(sourceLengthOffset + 4);
  readonly #sourceView = new DataView(this.#source.bytes.buffer);
  #isStopped = false;

  constructor(c: LibC, channelCount: number, addresses: AddressBook, onPacket: PacketHandler) {
    this.#c = c;
    this.#onPacket = onPacket;
    this.syncFileSystem = c.syncfs;
    this.#sockets = new UdpSockets(c, channelCount, addresses);
    this.#epoll = c.epoll_create1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1 failed with errno ${lastErrno()}`);
    this.#pacer = new Pacer(this.#epoll, { serve: () => this.#serve() });
  }

  open(channel: number, address: string, port: number): Promise<OpenResult> {
    return Promise.resolve(this.#open(channel, address, port));
  }

  #open(channel: number, address: string, port: number): OpenResult {
    const descriptor = this.#sockets.bind(address, port);
    if (typeof descriptor !== 'number') return descriptor;
    this.#eventsView.setUint32(0, EPOLLIN, true);
    this.#eventsView.setUint32(epollDataOffset, channel, true);
    this.#eventsView.setUint32(epollDataOffset + 4, 0, true);
    if (this.#c.epoll_ctl(this.#epoll, EPOLL_CTL_ADD, descriptor, this.#events.address) < 0) {
      this.#c.close(descriptor);
      return 'port-taken';
    }
    this.#sockets.adopt(channel, descriptor, address);
    return 'ok';
  }

  /** Closing a socket takes it out of the epoll set as well. */
  close(channel: number): void {
    this.#sockets.close(channel);
  }

  closeSoon(channel: number): void {
    this.close(channel);
  }

  setDestination(channel: number, address: number, port: number): void {
    this.#sockets.setDestination(channel, address, port);
  }

  setExclusive(channel: number, isExclusive: boolean): void {
    this.#sockets.setExclusive(channel, isExclusive);
  }

  setPace(pace: Pace): void {
    this.#pacer.setPace(pace);
  }

  step(act: () => void): void {
    this.#pacer.serveNow();
    act();
  }

  send(channel: number, packet: PacketBuffer, offset: number, length: number): boolean {
    const destination = this.#sockets.destinationOf(channel);
    const sent = this.#c.sendto(
      this.#sockets.descriptors[channel] as number,
      packet.address + offset,
      length,
      MSG_DONTWAIT,
      destination,
      destination === 0 ? 0 : sockaddrBytes,
    );
    if (sent >= 0) return true;
    this.sendsFailed++;
    return false;
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#pacer.stop();
    for (let channel = 0; channel < this.#sockets.descriptors.length; channel++) this.close(channel);
    this.#c.close(this.#epoll);
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
    const descriptor = this.#sockets.descriptors[channel] as number;
    if (descriptor < 0) return;
    const source = this.#sourceView;
    source.setInt32(sourceLengthOffset, sockaddrBytes, true);
    const length = this.#c.recvfrom(
      descriptor,
      this.#received.address,
      packetBytesMax,
      MSG_DONTWAIT,
      this.#source.address,
      this.#source.address + sourceLengthOffset,
    );
    if (length <= 0) return;
    const address = this.#sockets.sourceOf(channel, source, 0);
    this.#onPacket(channel, this.#received, length, address, source.getUint16(2), nowMs);
  }
}
