import type { Codec, PacketTimeMs } from './port.ts';

/** The longest packet that the codec makes and that is not longer than asked for, in ms; its shortest at least. */
export function packetTimeFor(codec: Codec, askedMs: number): PacketTimeMs {
  let best = codec.packetTimesMs[0] as PacketTimeMs;
  for (const packetTimeMs of codec.packetTimesMs) if (packetTimeMs <= askedMs) best = packetTimeMs;
  return best;
}
