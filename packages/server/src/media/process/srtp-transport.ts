import {
  isSrtpProfileName,
  openSrtp,
  type SrtpContext,
  srtpMasterFromBase64,
  srtpOverheadBytesMax,
  type SrtpProfileName,
} from '@crosspoint/media';
import type { SrtpParameters } from '../protocol.ts';
import { CommandError } from './errors.ts';
import { type LegTable, rtcpChannel, rtpChannel } from './legs.ts';
import type { Transport } from './transport.ts';
import type { PacketBuffer, PacketPath } from './packets.ts';
import { srtpCrypto } from './srtp-crypto.ts';

/** RTP of one leg over the packet path, encrypted with the keys that were agreed in the description (RFC 4568). */
export class SrtpTransport implements Transport {
  readonly #legs: LegTable;
  readonly #path: PacketPath;
  readonly #leg: number;
  #parameters: SrtpParameters | undefined;
  #sending: SrtpContext | undefined;
  #receiving: SrtpContext | undefined;

  constructor(legs: LegTable, path: PacketPath, leg: number) {
    this.#legs = legs;
    this.#path = path;
    this.#leg = leg;
  }

  /**
   * Takes the keys. The same ones again go on where they are, because a new context would repeat its key stream;
   * another key of one direction leaves the other direction alone.
   */
  setKeys(parameters: SrtpParameters): void {
    const { suite, sendKey, receiveKey } = parameters;
    const former = this.#parameters;
    if (former?.suite !== suite || former.sendKey !== sendKey)
      this.#sending = open(suite, sendKey, 'sendKey');
    if (former?.suite !== suite || former.receiveKey !== receiveKey) {
      this.#receiving = open(suite, receiveKey, 'receiveKey');
    }
    this.#parameters = parameters;
  }

  sendRtp(packet: PacketBuffer, offset: number, length: number): boolean {
    const { sendBuffer } = this.#path;
    if (packet.bytes.length < offset + length + srtpOverheadBytesMax) {
      // A buffer that ends with its packet has no room for the tag.
      if (length + srtpOverheadBytesMax > sendBuffer.bytes.length) return false;
      sendBuffer.bytes.set(packet.bytes.subarray(offset, offset + length));
      return this.sendRtp(sendBuffer, 0, length);
    }
    const bytes = offset === 0 ? packet.bytes : packet.bytes.subarray(offset);
    const protectedLength = this.#sending?.protectRtp(bytes, length) ?? -1;
    return protectedLength > 0 && this.#path.send(rtpChannel(this.#leg), packet, offset, protectedLength);
  }

  sendRtcp(packet: PacketBuffer, length: number): boolean {
    const protectedLength = this.#sending?.protectRtcp(packet.bytes, length) ?? -1;
    const channel =
      this.#legs.isMultiplexed[this.#leg] === 1 ? rtpChannel(this.#leg) : rtcpChannel(this.#leg);
    return protectedLength > 0 && this.#path.send(channel, packet, 0, protectedLength);
  }

  /** Decrypts in place; returns the new length, below 0 when the packet must not be used. */
  receiveRtp(bytes: Uint8Array, length: number): number {
    return this.#receiving?.unprotectRtp(bytes, length) ?? -1;
  }

  receiveRtcp(bytes: Uint8Array, length: number): number {
    return this.#receiving?.unprotectRtcp(bytes, length) ?? -1;
  }

  close(): void {
    this.#sending = undefined;
    this.#receiving = undefined;
  }
}

function open(suite: string, key: string, field: string): SrtpContext {
  if (!isSrtpProfileName(suite)) {
    throw new CommandError('invalid-request', `srtp.suite: ${suite} is not supported; offer another one`);
  }
  const master = srtpMasterFromBase64(suite satisfies SrtpProfileName, key);
  if (master === undefined) {
    throw new CommandError('invalid-request', `srtp.${field}: not of the length that ${suite} needs`);
  }
  return openSrtp(suite, master, srtpCrypto);
}
