import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { AddressBook } from './addresses.ts';
import {
  monotonicMs,
  type OpenResult,
  type PacketBuffer,
  type PacketHandler,
  type PacketPath,
  packetBytesMax,
  receiveQueueBytes,
} from './packets.ts';

interface Channel {
  socket: Socket;
  destinationAddress: string;
  destinationPort: number;
  /** The last source, so that its text is parsed once and not for each packet. */
  sourceText: string;
  sourceAddress: number;
}

/** A synchronous look-up: every address here is numeric already, and the default one costs 1–2 µs a packet. */
const numericLookup =
  (family: 4 | 6) =>
  (
    address: string,
    _options: unknown,
    callback: (error: null, address: string, family: number) => void,
  ): void =>
    callback(null, address, family);
const lookups = { 4: numericLookup(4), 6: numericLookup(6) };

/** The packet path on `node:dgram`: works wherever Node does. */
export class DgramPackets implements PacketPath {
  readonly name = 'dgram';
  readonly sendBuffer: PacketBuffer = { bytes: Buffer.alloc(packetBytesMax), address: 0 };
  sendsFailed = 0;
  readonly #addresses: AddressBook;
  readonly #channels: (Channel | undefined)[];
  readonly #onPacket: PacketHandler;
  /** Wraps each received buffer in turn; the handler may not keep it. */
  readonly #received: PacketBuffer = { bytes: this.sendBuffer.bytes, address: 0 };

  constructor(channelCount: number, addresses: AddressBook, onPacket: PacketHandler) {
    this.#addresses = addresses;
    this.#channels = new Array<Channel | undefined>(channelCount).fill(undefined);
    this.#onPacket = onPacket;
  }

  open(channel: number, address: string, port: number): Promise<OpenResult> {
    const family = address.includes(':') ? 6 : 4;
    const socket = createSocket({
      type: `udp${family}`,
      ...(family === 6 ? { ipv6Only: true } : {}),
      lookup: lookups[family],
      recvBufferSize: receiveQueueBytes,
    });
    return new Promise((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => {
        socket.close();
        resolve(
          error.code === 'EADDRINUSE' || error.code === 'EACCES' ? 'port-taken' : 'address-unavailable',
        );
      });
      socket.bind({ address, port, exclusive: true }, () => {
        socket.removeAllListeners('error');
        // Receive errors (a closed far port answers with ICMP) concern single datagrams, not the channel.
        socket.on('error', () => {
          this.sendsFailed++;
        });
        const state: Channel = {
          socket,
          destinationAddress: '',
          destinationPort: 0,
          sourceText: '',
          sourceAddress: 0,
        };
        this.#channels[channel] = state;
        socket.on('message', (bytes, source) => this.#receive(channel, state, bytes, source));
        resolve('ok');
      });
    });
  }

  close(channel: number): void {
    this.#channels[channel]?.socket.close();
    this.#channels[channel] = undefined;
  }

  closeSoon(channel: number): void {
    this.close(channel);
  }

  setDestination(channel: number, address: number, port: number): void {
    const state = this.#channels[channel];
    if (state === undefined) return;
    state.destinationAddress = this.#addresses.format(address);
    state.destinationPort = port;
  }

  /** Node's connected sockets fail for good on the first ICMP answer of a closed port, so none is connected. */
  setExclusive(): void {
    return;
  }

  setPace(): void {
    return;
  }

  step(act: () => void): void {
    act();
  }

  send(channel: number, packet: PacketBuffer, offset: number, length: number): boolean {
    const state = this.#channels[channel];
    if (state === undefined || state.destinationPort === 0) return false;
    // The kernel may take a datagram later, when its queue was full: what we keep must be copied, what was
    // received is ours alone until it has left.
    const bytes =
      packet === this.sendBuffer
        ? Buffer.from(packet.bytes.subarray(offset, offset + length))
        : packet.bytes.subarray(offset, offset + length);
    state.socket.send(bytes, state.destinationPort, state.destinationAddress);
    return true;
  }

  stop(): void {
    for (let channel = 0; channel < this.#channels.length; channel++) this.close(channel);
  }

  #receive(channel: number, state: Channel, bytes: Buffer, source: RemoteInfo): void {
    if (source.address !== state.sourceText) {
      state.sourceText = source.address;
      state.sourceAddress = this.#addresses.parse(source.address) ?? 0;
    }
    this.#received.bytes = bytes;
    this.#onPacket(channel, this.#received, bytes.length, state.sourceAddress, source.port, monotonicMs());
  }
}
