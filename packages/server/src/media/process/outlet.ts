import { type LegTable, rtcpChannel, rtpChannel } from './legs.ts';
import type { PacketBuffer, PacketPath } from './packets.ts';

/** The way out of the process: the packet path for plain legs, a transport of its own for the others. */
export class Outlet {
  readonly #legs: LegTable;
  readonly #path: PacketPath;

  constructor(legs: LegTable, path: PacketPath) {
    this.#legs = legs;
    this.#path = path;
  }

  /** For packets that we generate; `packetBytesMax` long. Valid until the next packet is handled. */
  get buffer(): PacketBuffer {
    return this.#path.sendBuffer;
  }

  /** A step in which sound is made of what has come until now. */
  step(act: () => void): void {
    this.#path.step(act);
  }

  sendRtp(leg: number, packet: PacketBuffer, offset: number, length: number): boolean {
    const transport = this.#legs.transports[leg];
    return transport === undefined
      ? this.#path.send(rtpChannel(leg), packet, offset, length)
      : transport.sendRtp(packet, offset, length);
  }

  sendRtcp(leg: number, packet: PacketBuffer, length: number): boolean {
    const transport = this.#legs.transports[leg];
    if (transport !== undefined) return transport.sendRtcp(packet, length);
    const channel = this.#legs.isMultiplexed[leg] === 1 ? rtpChannel(leg) : rtcpChannel(leg);
    return this.#path.send(channel, packet, 0, length);
  }
}
