import type { PacketBuffer } from './packets.ts';

/**
 * How the packets of a leg leave that does not speak plain RTP: encrypted with keys from the description, or by WebRTC.
 * Both may write behind the packet in its buffer.
 */
export interface Transport {
  /** False when the packet could not be sent. Must not throw. */
  sendRtp(packet: PacketBuffer, offset: number, length: number): boolean;
  sendRtcp(packet: PacketBuffer, length: number): boolean;
  close(): void;
}
