import { CommandError } from './errors.ts';
import { rtcpChannel, rtpChannel } from './legs.ts';
import type { OpenResult, PacketPath } from './packets.ts';
import type { PortPool } from './ports.ts';

/** Finds ports of the pool that can really be opened. */
export class LegPorts {
  readonly #path: PacketPath;
  readonly #ports: PortPool;

  constructor(path: PacketPath, ports: PortPool) {
    this.#path = path;
    this.#ports = ports;
  }

  /**
   * Opens an even port and the one above it; those that somebody else uses are skipped and come back later.
   * @throws {CommandError} `ports-exhausted`, `address-unavailable`.
   */
  async openPorts(leg: number, address: string): Promise<number> {
    const ports = this.#ports;
    const skipped: number[] = [];
    try {
      for (;;) {
        const port = ports.take();
        if (port === undefined) {
          const message = `all ${ports.size} RTP ports are in use; widen CROSSPOINT_RTP_PORT_MIN … _MAX`;
          throw new CommandError('ports-exhausted', message);
        }
        skipped.push(port);
        const opened = await this.#openPair(leg, address, port);
        if (opened === 'address-unavailable') {
          const message = `address: ${address} cannot be bound; name an address of this machine`;
          throw new CommandError('address-unavailable', message);
        }
        if (opened === 'port-taken') continue;
        skipped.pop();
        return port;
      }
    } finally {
      for (const port of skipped) ports.give(port);
    }
  }

  async #openPair(leg: number, address: string, port: number): Promise<OpenResult> {
    const path = this.#path;
    const first = await path.open(rtpChannel(leg), address, port);
    const second = first === 'ok' ? await path.open(rtcpChannel(leg), address, port + 1) : first;
    if (second !== 'ok') path.close(rtpChannel(leg));
    return second;
  }
}
