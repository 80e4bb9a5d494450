/** What a socket for datagrams tells. */
export interface UdpEvents {
  /** The bytes are the receiver's to keep. Must not throw. */
  message(bytes: Uint8Array, address: string, port: number): void;
  /** Something was not sent or read; the socket goes on. */
  error(error: Error): void;
}

export interface UdpOptions {
  /** IPv4 or IPv6 in text; on `::` the socket serves both, and tells and takes IPv4 as such. */
  address: string;
  port: number;
  /** Wanted of the kernel in each direction, bytes; it may give less. */
  bufferBytes: number;
}

/** A socket for datagrams to and from anybody. */
export interface UdpSocket {
  /** Sends soon; what cannot be sent is told by `error`. The port is not 0, and the bytes must not be changed any more. */
  send(bytes: Uint8Array, address: string, port: number): void;
  /** Resolves when the port is free. */
  close(): Promise<void>;
}

export type UdpChoice = 'auto' | 'koffi' | 'dgram';

/**
 * Opens the socket by system calls of our own where that works (`auto`), which takes half the processor time, or by Node.
 * Rejects with the error of the system, its `code` being `EADDRINUSE` and the like.
 *
 * @param log is told why `auto` takes the slower way
 */
export async function openUdpSocket(
  choice: UdpChoice,
  options: UdpOptions,
  events: UdpEvents,
  log: (message: string) => void,
): Promise<UdpSocket> {
  const open = (choice === 'dgram' ? undefined : await nativeOpener(choice, log)) ?? (await nodeOpener());
  return open(options, events);
}

type Opener = (options: UdpOptions, events: UdpEvents) => Promise<UdpSocket>;

async function nodeOpener(): Promise<Opener> {
  const { NodeUdpSocket } = await import('./udp-node.ts');
  return (options, events) => NodeUdpSocket.open(options, events);
}

async function nativeOpener(
  choice: 'auto' | 'koffi',
  log: (message: string) => void,
): Promise<Opener | undefined> {
  try {
    const { NativeUdpSocket, requireSystem } = await import('./udp-native.ts');
    requireSystem();
    return (options, events) => NativeUdpSocket.open(options, events);
  } catch (error) {
    if (choice === 'koffi') throw error;
    log(`datagrams by dgram, at twice the cost: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
