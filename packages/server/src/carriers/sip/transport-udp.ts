import type { Flow } from '@crosspoint/sip';
import { openUdpSocket, type UdpChoice, type UdpSocket } from '../../platform/index.ts';
import type { Transport, TransportEvents } from './transport-common.ts';

/** Kernel buffer of the socket: room for a burst of a thousand messages while the event loop is busy. */
const datagramBufferBytes = 4 << 20;

/** SIP in datagrams (RFC 3261 §18). A socket on `::` serves IPv4 too. */
export class UdpTransport implements Transport {
  readonly #events: TransportEvents;
  readonly #choice: UdpChoice;
  #socket: UdpSocket | undefined;

  constructor(events: TransportEvents, choice: UdpChoice) {
    this.#events = events;
    this.#choice = choice;
  }

  /** Rejects with the socket's error (`EADDRINUSE` …), nothing left open. */
  async open(address: string, port: number): Promise<void> {
    const fault = (detail: string) => this.#events.fault('sip-udp', detail);
    this.#socket = await openUdpSocket(
      this.#choice,
      { address, port, bufferBytes: datagramBufferBytes },
      {
        message: (bytes, remoteAddress, remotePort) =>
          this.#events.received(bytes, {
            protocol: 'udp',
            localAddress: address,
            localPort: port,
            remoteAddress,
            remotePort,
          }),
        error: (error) => fault(error.message),
      },
      fault,
    );
  }

  send(bytes: Uint8Array, flow: Flow): void {
    const { remoteAddress, remotePort } = flow;
    // Forged datagrams come from port 0, where nothing can be sent.
    if (remotePort === 0) return this.#events.closed(flow, 'nothing can be sent to port 0');
    this.#socket?.send(bytes, remoteAddress, remotePort);
  }

  closeFlow(): void {
    // A datagram flow has nothing that could be closed.
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }
}
