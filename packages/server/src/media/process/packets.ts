import type { FileSystemSync } from '../../platform/kernel/index.ts';

/**
 * The packet path: how datagrams reach and leave this process. Everything above it is the same for all
 * implementations: `packets-uring.ts` and `packets-epoll.ts` (system calls of our own) and `packets-dgram.ts` (plain Node).
 *
 * A channel is one UDP socket, named by a number that the caller chooses; each has one destination at a time.
 */

/** Largest datagram that is looked at; a longer one is cut off by the kernel and then refused as malformed. */
export const packetBytesMax = 2048;

/**
 * Kernel queue of each socket: about half a second of sound. When the process falls behind, what is older is
 * dropped by the kernel; relaying it late would help nobody and delay everybody else.
 */
export const receiveQueueBytes = 16 * 1024;

/** Memory that a packet lies in. The address is that of `bytes` for system calls, 0 where none is needed. */
export interface PacketBuffer {
  bytes: Uint8Array;
  readonly address: number;
  /** The same memory four bytes at a time, where it is always the same. */
  readonly words?: Int32Array;
}

/**
 * Takes one datagram; the source is a number of the `AddressBook`. The buffer belongs to the packet path and is overwritten after the call returns; until then
 * it may be rewritten in place and sent on. Must not throw.
 */
export type PacketHandler = (
  channel: number,
  packet: PacketBuffer,
  length: number,
  sourceAddress: number,
  sourcePort: number,
  nowMs: number,
) => void;

export type OpenResult = 'ok' | 'port-taken' | 'address-unavailable';

/**
 * Writes `length` bytes to a file; calls back with how many were written, or with the negative number of an error. The bytes must
 * stay as they are until then.
 */
export type FileWrite = (
  descriptor: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  position: number,
  done: (result: number) => void,
) => void;

/** What is done with packets: some are relayed; sound is made, and keys may be awaited; or sound is mixed alone, which steps take. */
export type Pace = 'relay' | 'sound' | 'mix';

export interface PacketPath {
  readonly name: 'koffi' | 'dgram';
  /** Writes files along with the packets, without any thread of this process; undefined where the path cannot. */
  readonly writeFile?: FileWrite;
  /** Undefined where the path has no system calls of its own. */
  readonly syncFileSystem?: FileSystemSync;
  /** For packets that we generate; may be sent any number of times. */
  readonly sendBuffer: PacketBuffer;
  /** Sends that the kernel refused. */
  sendsFailed: number;
  /** Binds a UDP socket to an IPv4 or IPv6 address and a port. The channel must be free. */
  open(channel: number, address: string, port: number): Promise<OpenResult>;
  /** Fine when the channel is not open. Its port is free when this returns. */
  close(channel: number): void;
  /** The same, but the port is free only for `open`, and for others some time later: what closes together costs less. */
  closeSoon(channel: number): void;
  setDestination(channel: number, address: number, port: number): void;
  /**
   * Tells the kernel whether anybody but the destination may send to this channel. A path without such a means
   * does nothing: it only spares the work of refusing others one by one, and of finding the route each time.
   */
  setExclusive(channel: number, isExclusive: boolean): void;
  /** Sends `length` bytes from `offset` to the channel's destination; false when the kernel refused. */
  send(channel: number, packet: PacketBuffer, offset: number, length: number): boolean;
  /** Says how long packets may wait for each other. A path without a rhythm of its own does nothing. */
  setPace(pace: Pace): void;
  /**
   * A step in which sound is made: what has come is taken before, and what `act` sends leaves together. A path that is woken
   * by each packet, or sends each by itself, just acts.
   */
  step(act: () => void): void;
  /** Closes every channel. */
  stop(): void;
}

/** Monotonic milliseconds; one source of time for the whole process. */
export function monotonicMs(): number {
  return performance.now();
}
