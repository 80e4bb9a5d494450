import type { UdpEvents, UdpOptions, UdpSocket } from './udp-socket.ts';

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
