import { createSocket, type Socket } from 'node:dgram';
import {
  alawToLinear,
  amplitudeOf,
  encodeToAlaw,
  encodeToUlaw,
  parseRtcp,
  type ReceivedRtcp,
  rtpMarker,
  rtpPayloadType,
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
  type SrtpContext,
  srtpOverheadBytesMax,
  ulawToLinear,
  writeRtpHeader,
  writeTelephoneEvent,
} from '@crosspoint/media';
import type { Codec } from '../protocol.ts';
import { TestCoder } from './coder.ts';

export interface PhonePacket {
  payloadType: number;
  marker: boolean;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
  /** When it arrived, on the clock of `performance.now()`. */
  atMs: number;
}

const packetsKeptMax = 5000;
/** Only what never comes takes so long; what comes late on a busy machine has come. */
const patienceMs = 60_000;

/** A telephone for tests: a UDP socket that sends a tone in real time and remembers what it hears. */
export class TestPhone {
  readonly packets: PhonePacket[] = [];
  heardCount = 0;
  sentCount = 0;
  readonly reports: ReceivedRtcp[] = [];
  ssrc: number;
  sequence: number;
  timestamp: number;
  readonly #codec: Codec;
  readonly #coder: TestCoder | undefined;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  /** Packets that could not be decrypted. */
  refusedCount = 0;
  #sending: SrtpContext | undefined;
  #receiving: SrtpContext | undefined;
  target = { address: '127.0.0.1', port: 0 };
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #waiting = new Set<() => void>();

  private constructor(codec: Codec, rtp: Socket, rtcp: Socket, ssrc: number, coder: TestCoder | undefined) {
    this.#codec = codec;
    this.#coder = coder;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.ssrc = ssrc;
    this.sequence = 65_500; // Wraps early in every test.
    this.timestamp = 0xffff_ff00;
    rtp.on('message', (bytes) => this.#receive(bytes));
    rtcp.on('message', (bytes) => this.#receiveReport(bytes));
  }

  static async open(codec: Codec, ssrc: number, address = '127.0.0.1', port = 0): Promise<TestPhone> {
    const sockets = await Promise.all(
      [port, 0].map(
        (own) =>
          new Promise<Socket>((resolve) => {
            const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
            socket.bind(own, address, () => resolve(socket));
          }),
      ),
    );
    const coder = codec === 'PCMU' || codec === 'PCMA' ? undefined : await TestCoder.open(codec);
    return new TestPhone(codec, sockets[0] as Socket, sockets[1] as Socket, ssrc, coder);
  }

  get port(): number {
    return this.#rtp.address().port;
  }

  get rtcpPort(): number {
    return this.#rtcp.address().port;
  }

  /** Encrypts and decrypts from now on. */
  encrypt(sending: SrtpContext, receiving: SrtpContext): void {
    this.#sending = sending;
    this.#receiving = receiving;
  }

  callTo(address: string, port: number): void {
    this.target = { address, port };
  }

  /** Sends a tone, 20 ms every 20 ms, until `silent()` or `close()`. */
  speak(frequencyHz: number, levelDbm0 = -10): void {
    const amplitude = amplitudeOf(levelDbm0);
    this.speakSamples((at) => amplitude * Math.sin((2 * Math.PI * frequencyHz * at) / 8000));
  }

  /** Sends what the function gives for each sample at 8,000 Hz. */
  speakSamples(sampleAt: (at: number) => number): void {
    this.silent();
    const startedAtMs = performance.now();
    let sent = 0;
    const run = (): void => {
      while (performance.now() >= startedAtMs + sent * 20) {
        const samples = Int16Array.from({ length: 160 }, (_, i) => Math.round(sampleAt(sent * 160 + i)));
        this.#sendSamples(samples);
        sent++;
      }
    };
    run();
    this.#timer = setInterval(run, 5);
  }

  silent(): void {
    clearInterval(this.#timer);
  }

  #sendSamples(samples: Int16Array): void {
    if (this.#codec === 'PCMU') return this.sendSound(encodeToUlaw(samples));
    if (this.#codec === 'PCMA') return this.sendSound(encodeToAlaw(samples));
    const coder = this.#coder as TestCoder;
    const payload = coder.encode(samples);
    this.sendPacket(coder.payloadType, payload, false, this.timestamp);
    this.timestamp = (this.timestamp + coder.unitsPerPacket) >>> 0;
  }

  sendSound(payload: Uint8Array): void {
    this.sendPacket(this.#codec === 'PCMU' ? 0 : 8, payload, false, this.timestamp);
    this.timestamp = (this.timestamp + payload.length) >>> 0;
  }

  sendPacket(payloadType: number, payload: Uint8Array, marker: boolean, timestamp: number): void {
    const bytes = new Uint8Array(12 + payload.length);
    this.sequence = (this.sequence + 1) & 0xffff;
    writeRtpHeader(bytes, 0, marker, payloadType, this.sequence, timestamp, this.ssrc);
    bytes.set(payload, 12);
    this.sendBytes(bytes);
  }

  sendBytes(bytes: Uint8Array): void {
    this.sentCount++;
    this.#rtp.send(this.#protected(bytes), this.target.port, this.target.address);
  }

  #protected(bytes: Uint8Array): Uint8Array {
    if (this.#sending === undefined) return bytes;
    const longer = new Uint8Array(bytes.length + srtpOverheadBytesMax);
    longer.set(bytes);
    return longer.subarray(0, this.#sending.protectRtp(longer, bytes.length));
  }

  sendReport(bytes: Uint8Array): void {
    this.#rtcp.send(bytes, this.target.port + 1, this.target.address);
  }

  /** One digit by RFC 4733 in a burst: three updates, three end packets. */
  pressDigit(payloadType: number, event: number): void {
    const timestamp = this.timestamp;
    for (let i = 1; i <= 6; i++) {
      const payload = new Uint8Array(4);
      writeTelephoneEvent(payload, 0, event, i > 3, 10, Math.min(i, 4) * 160);
      this.sendPacket(payloadType, payload, i === 1, timestamp);
    }
    this.timestamp = (this.timestamp + 960) >>> 0;
  }

  /** Resolves when the condition holds; looked at after every packet that arrives. */
  until(what: string, condition: () => boolean, timeoutMs = patienceMs): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`${what}: not within ${timeoutMs} ms; ${this.packets.length} packets heard`));
      }, timeoutMs);
      const check = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Resolves when `count` more packets have arrived. */
  hears(count: number): Promise<void> {
    const target = this.heardCount + count;
    return this.until(`${count} packets`, () => this.heardCount >= target);
  }

  /** The sound of the last packets, decoded. */
  lastSamples(packetCount: number): Int16Array {
    if (this.#coder !== undefined) return this.#coder.samples(packetCount);
    const sounds = this.packets.filter((packet) => packet.payloadType === 0 || packet.payloadType === 8);
    const samples = sounds.slice(-packetCount).map((packet) => {
      const table = packet.payloadType === 8 ? alawToLinear : ulawToLinear;
      return Array.from(packet.payload, (byte) => table[byte] as number);
    });
    return Int16Array.from(samples.flat());
  }

  close(): void {
    this.silent();
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#rtp.close();
    this.#rtcp.close();
  }

  #receive(packet: Buffer): void {
    this.heardCount++;
    const length = this.#receiving?.unprotectRtp(packet, packet.length) ?? packet.length;
    if (length < 0) {
      this.refusedCount++;
      return;
    }
    const bytes = packet.subarray(0, length);
    if (rtpPayloadType(bytes) === this.#coder?.payloadType) this.#coder.decode(bytes, length);
    this.packets.push({
      payloadType: rtpPayloadType(bytes),
      marker: rtpMarker(bytes),
      sequence: rtpSequence(bytes),
      timestamp: rtpTimestamp(bytes),
      ssrc: rtpSsrc(bytes),
      payload: Uint8Array.from(bytes.subarray(12)),
      atMs: performance.now(),
    });
    if (this.packets.length > packetsKeptMax) this.packets.shift();
    for (const check of [...this.#waiting]) check();
  }

  #receiveReport(bytes: Buffer): void {
    const length = this.#receiving?.unprotectRtcp(bytes, bytes.length) ?? bytes.length;
    const report = length < 0 ? undefined : parseRtcp(bytes, length);
    if (report !== undefined) this.reports.push(report);
    for (const check of [...this.#waiting]) check();
  }
}
