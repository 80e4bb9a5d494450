import type { LegRemoteParams, MediaEventBody, MediaParams, MediaResult } from '../protocol.ts';
import { CommandError } from './errors.ts';
import type { LegPorts } from './leg-ports.ts';
import { type LegTable, rtcpChannel, rtpChannel } from './legs.ts';
import type { PacketPath } from './packets.ts';
import type { PortPool } from './ports.ts';
import type { Reports } from './reports.ts';
import { type WebRtcEvents, WebRtcTransport } from './webrtc.ts';

/** What these legs act on. */
export interface WebRtcLegsContext {
  legs: LegTable;
  path: PacketPath;
  ports: PortPool;
  reports: Reports;
  emit(event: MediaEventBody): void;
  log(message: string): void;
  /** Takes a packet that came through a leg's own transport. */
  received(leg: number, bytes: Uint8Array): void;
}

/** The legs of browsers, and of telephones that speak DTLS: their ports and their far ends. */
export class WebRtcLegs {
  readonly #context: WebRtcLegsContext;
  readonly #ports: LegPorts;

  constructor(context: WebRtcLegsContext, ports: LegPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  /** Opens the ports of a reserved leg and says what our description needs. @throws {CommandError} */
  async open(
    leg: number,
    { legId, publicAddress, transport: kind }: MediaParams<'leg.allocate'>,
    address: string,
  ): Promise<MediaResult<'leg.allocate'>> {
    const { legs, reports } = this.#context;
    const events: WebRtcEvents = {
      packet: (bytes) => this.#context.received(leg, bytes),
      connected: (remote, port) =>
        this.#context.emit({ event: 'transport-connected', legId, address: remote, port }),
      failed: (reason) => this.#context.emit({ event: 'transport-failed', legId, reason }),
      fault: (error) =>
        this.#context.log(
          `leg ${legId}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        ),
    };
    // The packet path holds the ports until the far end is known; what arrives before has no meaning.
    const releasePorts = (): void => this.#releaseChannels(leg);
    const port = await this.#ports.openPorts(leg, address);
    try {
      const isBare = kind === 'dtls';
      const options = { name: legId, bindAddress: address, publicAddress, port, releasePorts, isBare };
      const ssrc = legs.outgoing.ssrc[leg] as number;
      const transport = await WebRtcTransport.prepare({ ...options, ssrc }, events);
      legs.transports[leg] = transport;
      legs.ports[leg] = port;
      legs.addresses[leg] = address;
      reports.start(leg);
      legs.publish(leg, legId);
      return { address, port, dtls: transport.dtls };
    } catch (error) {
      releasePorts();
      this.#context.ports.give(port);
      throw error;
    }
  }

  /** Names the far end of a leg. @throws {CommandError} `invalid-request`. */
  connect(transport: WebRtcTransport, { dtls, legId, address, port }: LegRemoteParams): void {
    if (dtls === undefined) {
      throw new CommandError(
        'invalid-request',
        `dtls: ${legId} speaks DTLS and needs the far end's parameters`,
      );
    }
    transport.setRemote(dtls, { address, port });
  }

  /** Prepares another path for a leg that is connected. @throws {CommandError} */
  async restartIce(leg: number, legId: string): Promise<MediaResult<'leg.restartIce'>> {
    const { legs, ports } = this.#context;
    const transport = legs.transports[leg];
    if (!(transport instanceof WebRtcTransport) || !transport.canRestartIce) {
      throw new CommandError(
        'invalid-request',
        `legId: ${legId} has no ICE that is up; there is no path to leave`,
      );
    }
    const address = legs.addresses[leg] as string;
    let opened: number | undefined;
    try {
      const { port, dtls } = await transport.restartIce(async () => {
        opened = await this.#ports.openPorts(leg, address);
        // Found to be free; the detour opens it itself.
        this.#releaseChannels(leg);
        return opened;
      });
      return { address, port, dtls };
    } finally {
      // The leg may have been released meanwhile, or the port been taken by somebody else.
      if (opened !== undefined && transport.detourPort !== opened) ports.give(opened);
    }
  }

  /** Gives back the port of another path, if the leg has one. */
  release(leg: number): void {
    const transport = this.#context.legs.transports[leg];
    if (transport instanceof WebRtcTransport && transport.detourPort !== undefined)
      this.#context.ports.give(transport.detourPort);
  }

  #releaseChannels(leg: number): void {
    this.#context.path.close(rtpChannel(leg));
    this.#context.path.close(rtcpChannel(leg));
  }
}
