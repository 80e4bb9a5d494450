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

  /** Opens an even port and the one above it. */
  async openPorts(leg: number, address: string): Promise<number> {
    const { port } = await this.withPorts(address, (candidate) => this.openPair(leg, address, candidate));
    return port;
  }

  async openPair(leg: number, address: string, port: number): Promise<OpenResult> {
    const path = this.#path;
    const first = await path.open(rtpChannel(leg), address, port);
    const second = first === 'ok' ? await path.open(rtcpChannel(leg), address, port + 1) : first;
    if (second !== 'ok') path.close(rtpChannel(leg));
    return second;
  }

  /** Tries pairs of ports until one can be opened; those that somebody else uses are skipped and come back later. */
  async withPorts<Opened>(
    address: string,
    open: (port: number) => Promise<Opened | 'port-taken' | 'address-unavailable'>,
  ): Promise<{ port: number; opened: Opened }> {
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
        const opened = await open(port);
        if (opened === 'address-unavailable') {
          const message = `address: ${address} cannot be bound; name an address of this machine`;
          throw new CommandError('address-unavailable', message);
        }
        if (opened === 'port-taken') continue;
        skipped.pop();
        return { port, opened };
      }
    } finally {
      for (const port of skipped) ports.give(port);
    }
  }
}
