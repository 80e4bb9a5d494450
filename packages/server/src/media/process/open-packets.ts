import type { AddressBook } from './addresses.ts';
import type { PacketHandler, PacketPath } from './packets.ts';

export type PacketPathChoice = 'auto' | 'koffi' | 'dgram';

/**
 * Opens the chosen path. `auto` takes koffi on Linux when it loads and works, else dgram after telling why; `koffi`
 * rejects with the reason when it does not.
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
      const { KoffiPackets } = await import('./packets-koffi.ts');
      return new KoffiPackets(channelCount, addresses, onPacket);
    } catch (error) {
      if (choice === 'koffi') throw error;
      log(
        `packets by dgram, at a third of the calls per core: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const { DgramPackets } = await import('./packets-dgram.ts');
  return new DgramPackets(channelCount, addresses, onPacket);
}
