import type { AddressBook } from './addresses.ts';
import type { PacketHandler, PacketPath } from './packets.ts';

export type PacketPathChoice = 'auto' | 'koffi' | 'epoll' | 'dgram';

/**
 * Opens the chosen path. `auto` takes koffi on Linux when it loads and works, else dgram after telling why; `koffi`
 * rejects with the reason when it does not. It goes by io_uring where the kernel allows that (containers often do not),
 * else by epoll; `epoll` asks for the latter.
 */
export async function openPacketPath(
  choice: PacketPathChoice,
  channelCount: number,
  addresses: AddressBook,
  onPacket: PacketHandler,
  log: (message: string) => void,
): Promise<PacketPath> {
  if (choice !== 'dgram') {
    try {
      return await openKoffi(choice, channelCount, addresses, onPacket, log);
    } catch (error) {
      if (choice !== 'auto') throw error;
      log(
        `packets by dgram, at a third of the calls per core: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const { DgramPackets } = await import('./packets-dgram.ts');
  return new DgramPackets(channelCount, addresses, onPacket);
}

async function openKoffi(
  choice: PacketPathChoice,
  channelCount: number,
  addresses: AddressBook,
  onPacket: PacketHandler,
  log: (message: string) => void,
): Promise<PacketPath> {
  const { loadLibC } = await import('../../platform/kernel/index.ts');
  const c = loadLibC();
  if (choice !== 'epoll') {
    try {
      const { UringPackets } = await import('./packets-uring.ts');
      return new UringPackets(c, channelCount, addresses, onPacket);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`packets by epoll, at three quarters of the calls per core: ${why}`);
    }
  }
  const { EpollPackets } = await import('./packets-epoll.ts');
  return new EpollPackets(c, channelCount, addresses, onPacket);
}
