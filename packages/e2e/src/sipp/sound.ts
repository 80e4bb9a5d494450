import { createSocket, type Socket } from 'node:dgram';
import {
  alawToLinear,
  decodeG711,
  encodeToAlaw,
  encodeToUlaw,
  isRtcp,
  rtpHeaderBytes,
  rtpPayloadEnd,
  rtpPayloadStart,
  rtpPayloadType,
  ulawToLinear,
  writeRtpHeader,
} from '@crosspoint/media';
import { Ear } from '@crosspoint/sim/phones';

const packetMs = 20;
const samplesPerPacket = 160;
const ulawPayloadType = 0;
const alawPayloadType = 8;
const ssrc = 1;

/** The sound of one call of sipp, which keeps none itself: its scenario names this port. Silence unless something is said. */
export class SippSound {
  readonly ear = new Ear(0);
  readonly #socket: Socket;
  readonly #timer: NodeJS.Timeout;
  #far: { address: string; port: number } | undefined;
  #packets = 0;
  /** What the far end has chosen of the two that the scenario offers. */
  #type = ulawPayloadType;
  #speech: Int16Array = new Int16Array();

  static async open(): Promise<SippSound> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new SippSound(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (packet, { address, port }) => {
      this.#far = { address, port };
      this.#hear(packet);
    });
    this.#timer = setInterval(() => this.#send(), packetMs);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Says this once: 16-bit linear at 8,000 Hz. */
  say(sound: Int16Array): void {
    this.#speech = sound;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }

  #hear(packet: Buffer): void {
    const type = rtpPayloadType(packet);
    if (isRtcp(packet, packet.length) || (type !== ulawPayloadType && type !== alawPayloadType)) return;
    this.#type = type;
    const start = rtpPayloadStart(packet, packet.length);
    const payload = packet.subarray(start, rtpPayloadEnd(packet, packet.length, start));
    this.ear.hear(decodeG711(payload, type === alawPayloadType ? alawToLinear : ulawToLinear));
  }

  #send(): void {
    if (this.#far === undefined) return;
    const samples = new Int16Array(samplesPerPacket);
    samples.set(this.#speech.subarray(0, samplesPerPacket));
    this.#speech = this.#speech.subarray(samplesPerPacket);
    const packet = new Uint8Array(rtpHeaderBytes + samplesPerPacket);
    const sequence = this.#packets & 0xffff;
    writeRtpHeader(packet, 0, false, this.#type, sequence, this.#packets * samplesPerPacket, ssrc);
    const encode = this.#type === alawPayloadType ? encodeToAlaw : encodeToUlaw;
    encode(samples, packet.subarray(rtpHeaderBytes));
    this.#packets += 1;
    this.#socket.send(packet, this.#far.port, this.#far.address);
  }
}
