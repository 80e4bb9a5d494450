import type { AddressBook } from './addresses.ts';
import { IoUring } from './io-uring.ts';
import {
  addressOf,
  type FileSystemSync,
  type LibC,
  mapMemory,
  PinnedBytes,
  sockaddrBytes,
} from '../../platform/kernel/index.ts';
import { Pacer } from './pacer.ts';
import {
  type FileWrite,
  monotonicMs,
  type OpenResult,
  type Pace,
  type PacketBuffer,
  type PacketHandler,
  type PacketPath,
  packetBytesMax,
} from './packets.ts';
import { UdpSockets } from './udp-sockets.ts';

/** `struct io_uring_recvmsg_out`, the source behind it, and the packet behind that. */
const headBytes = 16;
const sourceBytes = 32;
const payloadOffset = headBytes + sourceBytes;
const payloadLengthOffset = 8;
const bufferBytes = payloadOffset + packetBytesMax;
/** Packets that may be received between two looks; what comes beyond stays in the sockets' own queues. */
const buffersCount = 512;
/** Rounds before Node's own loop (control socket, timers, disk) has its turn again. The kernel works through 128 sockets and more in each. */
const roundsMax = 4;
/** Packets that we generate wait here until they are sent together. */
const outgoingBytes = 128 * 1024;

/** The datagram that is tried at the beginning. */
const probeChannel = 0;
const probeBytes = 12;
const probeAttemptsMax = 8;
const loopback = 0x7f00_0001;

/**
 * The packet path by io_uring: every socket receives into buffers that the kernel chooses, and what is sent leaves
 * together, so that a hundred packets cost two system calls instead of two hundred.
 */
export class UringPackets implements PacketPath {
  readonly name = 'koffi';
  readonly sendBuffer: PacketBuffer = new PinnedBytes(packetBytesMax);
  readonly syncFileSystem: FileSystemSync;
  readonly #c: LibC;
  readonly #sockets: UdpSockets;
  readonly #onPacket: PacketHandler;
  readonly #ring: IoUring;
  readonly #pacer: Pacer;
  /** Grows with each use of a channel, so that late answers to its former socket are known as such. */
  readonly #generations: Uint32Array;
  readonly #packets: PacketBuffer[] = [];
  readonly #receivedView: DataView;
  /** Buffers that were looked at and may still be sent from. */
  readonly #used = new Uint16Array(buffersCount);
  #usedCount = 0;
  readonly #outgoing = new PinnedBytes(outgoingBytes);
  #outgoingLength = 0;
  /** Who waits for a write to a file, by its number. */
  readonly #writers = new Map<number, (result: number) => void>();
  #nextWrite = 0;
  /** Something waits that is to be sent: where it goes must not change before it has left. */
  #hasSends = false;
  /** Sockets whose receptions end with the next work of the kernel. */
  readonly #closing: number[] = [];
  #isServing = false;
  #isStepping = false;
  #isFlushDue = false;
  #isStopped = false;

  /** Throws with the reason when io_uring cannot be used here. */
  constructor(c: LibC, channelCount: number, addresses: AddressBook, onPacket: PacketHandler) {
    this.#c = c;
    this.#onPacket = onPacket;
    this.syncFileSystem = c.syncfs;
    this.#sockets = new UdpSockets(c, channelCount, addresses);
    this.#generations = new Uint32Array(channelCount);
    const received = mapMemory(c, buffersCount * bufferBytes, -1, 0);
    this.#receivedView = new DataView(received.buffer);
    for (let i = 0; i < buffersCount; i++) {
      const offset = i * bufferBytes + payloadOffset;
      const bytes = new Uint8Array(received.buffer, offset, packetBytesMax);
      const words = new Int32Array(received.buffer, offset, packetBytesMax >> 2);
      this.#packets.push({ bytes, words, address: received.address + offset });
    }
    const buffers = { address: received.address, strideBytes: bufferBytes, count: buffersCount };
    this.#ring = new IoUring(c, buffers, sourceBytes);
    if (!this.#carries()) {
      this.#ring.close();
      throw new Error('io_uring is there, but does not carry datagrams');
    }
    this.#ring.onWritten = (id, result) => this.#written(id, result);
    this.#pacer = new Pacer(this.#ring.wakeDescriptor, {
      serve: () => this.#serve(),
      woken: () => {
        this.#ring.setWaking(false);
        this.#ring.acknowledge();
      },
      sleeps: () => this.#sleeps(),
    });
  }

  get sendsFailed(): number {
    return this.#ring.sendsFailed;
  }

  open(channel: number, address: string, port: number): Promise<OpenResult> {
    // The port, or the channel, may be one of those that are being closed.
    if (this.#closing.length > 0) this.#flush();
    const descriptor = this.#sockets.bind(address, port);
    if (typeof descriptor !== 'number') return Promise.resolve(descriptor);
    this.#sockets.adopt(channel, descriptor, address);
    this.#generations[channel]!++;
    this.#receive(channel);
    return Promise.resolve('ok');
  }

  close(channel: number): void {
    this.closeSoon(channel);
    if (this.#closing.length > 0) this.#flush();
  }

  closeSoon(channel: number): void {
    const descriptor = this.#sockets.release(channel);
    if (descriptor < 0) return;
    // The reception holds the socket: closing alone would leave its port taken. A call has four that close together.
    this.#ring.cancel(channel, this.#generations[channel] as number);
    this.#closing.push(descriptor);
    this.#flushSoon();
  }

  setDestination(channel: number, address: number, port: number): void {
    // What was sent before leaves for where it was meant to go.
    if (this.#hasSends) this.#flush();
    this.#sockets.setDestination(channel, address, port);
  }

  setExclusive(channel: number, isExclusive: boolean): void {
    // What waits was addressed for the socket as it is: on one that is dissolved meanwhile it would find no destination.
    if (this.#hasSends && this.#sockets.isExclusive(channel) !== isExclusive) this.#flush();
    this.#sockets.setExclusive(channel, isExclusive);
  }

  setPace(pace: Pace): void {
    this.#pacer.setPace(pace);
  }

  step(act: () => void): void {
    this.#pacer.serveNow();
    this.#isStepping = true;
    try {
      act();
    } finally {
      this.#isStepping = false;
      this.#flush();
    }
  }

  send(channel: number, packet: PacketBuffer, offset: number, length: number): boolean {
    const descriptor = this.#sockets.descriptors[channel] as number;
    if (descriptor < 0) return false;
    let address = packet.address + offset;
    if (packet === this.sendBuffer) {
      if (this.#outgoingLength + length > outgoingBytes) this.#flush();
      this.#outgoing.bytes.set(packet.bytes.subarray(offset, offset + length), this.#outgoingLength);
      address = this.#outgoing.address + this.#outgoingLength;
      this.#outgoingLength += length;
    }
    this.#ring.send(descriptor, address, length, this.#sockets.destinationOf(channel), sockaddrBytes);
    this.#hasSends = true;
    this.#flushSoon();
    return true;
  }

  readonly writeFile: FileWrite = (descriptor, bytes, start, length, position, done) => {
    const id = this.#nextWrite;
    this.#nextWrite = (id + 1) >>> 0;
    this.#writers.set(id, done);
    this.#ring.write(descriptor, addressOf(bytes) + start, length, position, id);
    this.#flushSoon();
  };

  #written(id: number, result: number): void {
    const done = this.#writers.get(id);
    this.#writers.delete(id);
    done?.(result);
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#flush();
    this.#pacer.stop();
    this.#ring.close();
    for (let channel = 0; channel < this.#sockets.descriptors.length; channel++) {
      this.#sockets.close(channel);
    }
  }

  /** Tries whether a datagram comes back that is sent to ourselves: kernels and sandboxes differ in what they can do. */
  #carries(): boolean {
    const ring = this.#ring;
    const address = '127.0.0.1';
    const descriptor = this.#sockets.bind(address, 0);
    if (typeof descriptor !== 'number') return false;
    const port = this.#sockets.portOf(descriptor);
    this.#sockets.adopt(probeChannel, descriptor, address);
    this.#sockets.setDestination(probeChannel, loopback, port);
    ring.receive(probeChannel, 0, descriptor);
    const destination = this.#sockets.destinationOf(probeChannel);
    ring.send(descriptor, this.#outgoing.address, probeBytes, destination, sockaddrBytes);
    let hasCome = false;
    for (let attempt = 0; attempt < probeAttemptsMax && !hasCome; attempt++) {
      ring.work();
      while (ring.next()) {
        if (ring.buffer < 0) continue;
        const at = ring.buffer * bufferBytes;
        const length = this.#receivedView.getUint32(at + payloadLengthOffset, true);
        const source = at + headBytes;
        hasCome ||= length === probeBytes && this.#receivedView.getUint16(source + 2) === port;
        ring.giveBuffer(ring.buffer);
      }
    }
    ring.cancel(probeChannel, 0);
    ring.work();
    this.#sockets.close(probeChannel);
    return hasCome;
  }

  #receive(channel: number): void {
    this.#ring.receive(
      channel,
      this.#generations[channel] as number,
      this.#sockets.descriptors[channel] as number,
    );
    this.#flushSoon();
  }

  /** What one turn of the loop sends goes to the kernel at its end, also what many callbacks of other threads send. */
  #flushSoon(): void {
    if (this.#isServing || this.#isStepping || this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(this.#flushDue);
  }

  readonly #flushDue = (): void => {
    this.#isFlushDue = false;
    if (!this.#isStopped) this.#flush();
  };

  #flush(): void {
    if (this.#closing.length > 0) this.#ring.work();
    else if (this.#ring.hasRequests) this.#ring.submit();
    this.#sent();
  }

  /** The kernel has what was to be sent: its bytes may be overwritten. */
  #sent(): void {
    this.#hasSends = false;
    while (this.#closing.length > 0) this.#c.close(this.#closing.pop() as number);
    this.#outgoingLength = 0;
    for (let i = 0; i < this.#usedCount; i++) this.#ring.giveBuffer(this.#used[i] as number);
    this.#usedCount = 0;
  }

  /** Has the kernel wake us from now on, unless there is something already. */
  #sleeps(): boolean {
    this.#ring.setWaking(true);
    if (!this.#ring.hasMore) return true;
    this.#ring.setWaking(false);
    return false;
  }

  /** Serves what is there, within limits; returns how many packets that were, Infinity where there is more. */
  #serve(): number {
    let served = 0;
    this.#isServing = true;
    let isWorkLeft = true;
    for (let round = 0; round < roundsMax && isWorkLeft && !this.#isStopped; round++) {
      // Takes along what the round before has sent.
      this.#ring.work();
      this.#sent();
      // Asked at once: what comes while we look at the answers is better served later, with others.
      isWorkLeft = this.#ring.hasWork;
      served += this.#look(monotonicMs());
    }
    this.#flush();
    this.#isServing = false;
    return isWorkLeft ? Number.POSITIVE_INFINITY : served;
  }

  /** Looks at every answer; returns how many were packets. */
  #look(nowMs: number): number {
    const ring = this.#ring;
    let packets = 0;
    while (!this.#isStopped && ring.next()) {
      const { channel, buffer, goesOn, result } = ring;
      const isCurrent =
        ring.generation === this.#generations[channel] && (this.#sockets.descriptors[channel] as number) >= 0;
      if (isCurrent && !goesOn) this.#receive(channel);
      if (buffer < 0) continue;
      if (isCurrent && result > 0) {
        packets++;
        this.#handle(channel, buffer, nowMs);
      }
      this.#used[this.#usedCount++] = buffer;
    }
    return packets;
  }

  #handle(channel: number, buffer: number, nowMs: number): void {
    const view = this.#receivedView;
    const at = buffer * bufferBytes;
    const length = view.getUint32(at + payloadLengthOffset, true);
    const source = at + headBytes;
    const address = this.#sockets.sourceOf(channel, view, source);
    const port = view.getUint16(source + 2);
    const packet = this.#packets[buffer] as PacketBuffer;
    if (length > 0) {
      this.#onPacket(channel, packet, Math.min(length, packetBytesMax), address, port, nowMs);
    }
  }
}
