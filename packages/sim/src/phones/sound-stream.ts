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
  rtpSequence,
  rtpSsrc,
  rtpTimestamp,
  synthesizeTone,
  TelephoneEventReceiver,
  TelephoneEventSender,
  telephoneEventBytes,
  ulawToLinear,
  writeRtpHeader,
  writeTelephoneEvent,
} from '@crosspoint/media';
import type { NegotiatedAudio } from '@crosspoint/sip';
import { patienceMs, within } from './deadline.ts';
import { Ear } from './ear.ts';
import { copiesToSend, type Impairment, noImpairment } from './impairment.ts';
import type { Pacer } from './pacer.ts';

const samplesPerPacket = 160;
const toneLevelDbm0 = -10;

export type SoundStreamOptions = {
  address: string;
  pacer: Pacer;
  /** Draws from 0 (inclusive) to 1. */
  random: () => number;
  /** How much of what is heard is kept; see {@link Ear}. */
  keptSecondsMax: number;
  /** Sends nothing at all, neither sound nor silence, for benches of signalling. */
  isMute: boolean;
};

/** Counts of one direction-less life of a stream. */
export type SoundStatistics = {
  packetsSent: number;
  packetsReceived: number;
  /** Steps in the received sequence numbers beyond one, and packets that repeated or came late. */
  packetsLost: number;
  packetsLate: number;
  /** How often the sender's SSRC changed after the first packet. */
  sourceChanges: number;
  /** The longest time between two packets since somebody set it to 0, as this process saw it. */
  longestPauseMs: number;
};

/** The sound of one call at a phone: one UDP socket that sends and receives RTP (G.711, RFC 4733). */
export class SoundStream {
  readonly ear: Ear;
  /** Resolves when the socket is open. */
  readonly ready: Promise<void>;
  readonly statistics: SoundStatistics = {
    packetsSent: 0,
    packetsReceived: 0,
    packetsLost: 0,
    packetsLate: 0,
    sourceChanges: 0,
    longestPauseMs: 0,
  };
  /** Digits that arrived as RFC 4733 events. */
  digits = '';
  readonly #digitWaits = new Set<() => void>();
  impairment: Impairment = noImpairment;
  readonly #options: SoundStreamOptions;
  readonly #socket: Socket;
  readonly #eventReceiver = new TelephoneEventReceiver();
  readonly #ssrc: number;
  #sequence: number;
  #timestamp: number;
  #remote: NegotiatedAudio | undefined;
  /** What is said, whole packets long and repeated; undefined is silence. */
  #speech: Int16Array | undefined;
  #speechOffset = 0;
  #digitSender: TelephoneEventSender | undefined;
  #eventTimestamp = 0;
  #isFirstPacket = true;
  #lastSequence: number | undefined;
  #lastSsrc: number | undefined;
  #lastAtMs: number | undefined;
  #closed = false;

  /** Begins to open the socket; `ready` tells when the port is known. */
  constructor(options: SoundStreamOptions) {
    this.#options = options;
    this.ear = new Ear(options.keptSecondsMax);
    const draw = (below: number): number => Math.floor(options.random() * below);
    this.#ssrc = draw(2 ** 32);
    this.#sequence = draw(2 ** 16);
    this.#timestamp = draw(2 ** 32);
    this.#socket = createSocket({ type: options.address.includes(':') ? 'udp6' : 'udp4' });
    this.#socket.on('message', (packet) => this.#receive(packet));
    this.ready = new Promise((resolve, reject) => {
      // After the start, errors are ICMP of a port that is closed already: the far end learns of the end by SIP.
      this.#socket.on('error', reject);
      this.#socket.bind(0, options.address, resolve);
    });
  }

  /** Where this phone sends its sound; undefined before both sides have agreed. */
  get remote(): { address: string; port: number } | undefined {
    return this.#remote && { address: this.#remote.remoteAddress, port: this.#remote.remotePort };
  }
  get port(): number {
    return this.#socket.address().port;
  }

  /** Applies what offer and answer agreed on; sending begins, changes or stops accordingly. */
  connect(remote: NegotiatedAudio): void {
    this.#remote = remote;
    const sends = remote.direction === 'sendrecv' || remote.direction === 'sendonly';
    if (sends && !this.#options.isMute) this.#options.pacer.add(this.#send);
    else this.#options.pacer.remove(this.#send);
  }

  /**
   * What this phone "says" from now on: a tone of a multiple of 50 Hz, silence, or sound of its own, which is repeated
   * (16-bit linear at 8,000 Hz, a multiple of 160 samples).
   *
   * @param fromPacket which 20 ms of a sound of one's own come first
   */
  say(sound: number | 'silence' | Int16Array, fromPacket = 0): void {
    this.#speechOffset = 0;
    if (sound === 'silence') {
      this.#speech = undefined;
    } else if (typeof sound === 'number') {
      // 20 ms hold whole cycles of every multiple of 50 Hz, so that the period repeats without a click.
      this.#speech = synthesizeTone({ frequenciesHz: [sound], levelDbm0: toneLevelDbm0, onMs: 20 });
    } else {
      if (sound.length === 0 || sound.length % samplesPerPacket !== 0) {
        throw new RangeError(`sound: a multiple of ${samplesPerPacket} samples, not ${sound.length}`);
      }
      this.#speech = sound;
      this.#speechOffset = (fromPacket * samplesPerPacket) % sound.length;
    }
  }

  /** Presses keys, sent as RFC 4733 events; throws when the far end did not agree to them. */
  sendDigits(digits: string, durationMs = 100, gapMs = 60): void {
    if (this.#remote?.sendEventPayloadType === undefined) {
      throw new Error('The far end does not take telephone events (RFC 4733).');
    }
    this.#digitSender = new TelephoneEventSender(digits, durationMs, gapMs);
  }

  /** Resolves once the digits received so far satisfy the condition. */
  digit(condition: (digits: string) => boolean, timeoutMs = patienceMs): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => {
      if (condition(this.digits)) resolve();
    };
    this.#digitWaits.add(wake);
    wake();
    return within(`digits to arrive (so far "${this.digits}")`, timeoutMs, promise).finally(() => {
      this.#digitWaits.delete(wake);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.pacer.remove(this.#send);
    this.#socket.close();
  }

  readonly #send = (): void => {
    const remote = this.#remote;
    if (remote === undefined || this.#closed) return;
    const event = this.#digitSender?.next();
    if (event === undefined) this.#digitSender = undefined;
    if (event !== undefined && event !== 'pause' && remote.sendEventPayloadType !== undefined) {
      if (event.isFirst) this.#eventTimestamp = this.#timestamp;
      const packet = new Uint8Array(rtpHeaderBytes + telephoneEventBytes);
      const type = remote.sendEventPayloadType;
      writeRtpHeader(packet, 0, event.isFirst, type, this.#sequence, this.#eventTimestamp, this.#ssrc);
      writeTelephoneEvent(packet, rtpHeaderBytes, event.event, event.end, 10, event.durationUnits);
      this.#transmit(packet, remote);
    } else {
      const packet = new Uint8Array(rtpHeaderBytes + samplesPerPacket);
      const type = remote.sendPayloadType;
      writeRtpHeader(packet, 0, this.#isFirstPacket, type, this.#sequence, this.#timestamp, this.#ssrc);
      const samples = this.#nextSamples();
      const payload = packet.subarray(rtpHeaderBytes);
      if (remote.codec.name.toUpperCase() === 'PCMA') encodeToAlaw(samples, payload);
      else encodeToUlaw(samples, payload);
      this.#transmit(packet, remote);
      this.#isFirstPacket = false;
    }
    this.#timestamp = (this.#timestamp + samplesPerPacket) >>> 0;
  };

  #nextSamples(): Int16Array {
    const speech = this.#speech;
    if (speech === undefined) return silence;
    const start = this.#speechOffset;
    this.#speechOffset = (start + samplesPerPacket) % speech.length;
    return speech.subarray(start, start + samplesPerPacket);
  }

  #transmit(packet: Uint8Array, remote: NegotiatedAudio): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const copies = copiesToSend(this.impairment, this.#options.random);
    for (let copy = 0; copy < copies; copy += 1) {
      this.#socket.send(packet, remote.remotePort, remote.remoteAddress);
    }
    this.statistics.packetsSent += 1;
  }

  #receive(packet: Uint8Array): void {
    const remote = this.#remote;
    if (remote === undefined || isRtcp(packet, packet.length)) return;
    const start = rtpPayloadStart(packet, packet.length);
    const end = start < 0 ? -1 : rtpPayloadEnd(packet, packet.length, start);
    if (end < 0) return;
    this.#count(packet);
    const type = rtpPayloadType(packet);
    if (type === remote.receiveEventPayloadType) {
      const nowMs = performance.now();
      const digits = this.#eventReceiver.receive(
        rtpSsrc(packet),
        rtpTimestamp(packet),
        true,
        packet,
        start,
        end,
        nowMs,
      );
      for (const { digit } of digits) this.digits += digit;
      if (digits.length > 0) for (const wake of this.#digitWaits) wake();
    } else if (type === remote.receivePayloadType) {
      const table = remote.codec.name.toUpperCase() === 'PCMA' ? alawToLinear : ulawToLinear;
      this.ear.hear(decodeG711(packet.subarray(start, end), table));
    }
  }

  #count(packet: Uint8Array): void {
    const { statistics } = this;
    statistics.packetsReceived += 1;
    const nowMs = performance.now();
    statistics.longestPauseMs = Math.max(statistics.longestPauseMs, nowMs - (this.#lastAtMs ?? nowMs));
    this.#lastAtMs = nowMs;
    const ssrc = rtpSsrc(packet);
    const sequence = rtpSequence(packet);
    if (this.#lastSsrc !== ssrc) {
      if (this.#lastSsrc !== undefined) statistics.sourceChanges += 1;
      this.#lastSsrc = ssrc;
      this.#lastSequence = sequence;
      return;
    }
    const step = ((sequence - (this.#lastSequence ?? sequence) + 0x8000) & 0xffff) - 0x8000;
    if (step <= 0) {
      statistics.packetsLate += 1;
      return;
    }
    statistics.packetsLost += step - 1;
    this.#lastSequence = sequence;
  }
}

const silence = new Int16Array(samplesPerPacket);
