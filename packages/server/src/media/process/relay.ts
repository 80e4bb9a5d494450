import {
  alawSilence,
  alawToUlaw,
  isRtcp,
  type LockPacket,
  type RecordedLaw,
  Reception,
  readUint32,
  rtpHeaderBytes,
  rtpPayloadEnd,
  rtpPayloadStart,
  rtpSequence,
  rtpUnitsPerMs,
  TelephoneEventReceiver,
  transcodeInPlace,
  ulawSilence,
  ulawToAlaw,
  writeRtpHeader,
} from '@crosspoint/media';
import type { Digit, MediaEventBody } from '../protocol.ts';
import type { Listeners } from './listeners.ts';
import {
  ears,
  isG711,
  type LegTable,
  LockVerdict,
  law,
  noLeg,
  noPayloadType,
  remoteState,
  rtpChannel,
} from './legs.ts';
import type { Outlet } from './outlet.ts';
import type { PacketBuffer, PacketPath } from './packets.ts';
import type { Recorder } from './recorder.ts';
import type { Rooms } from './rooms.ts';
import { SrtpTransport } from './srtp-transport.ts';
import { WebRtcTransport } from './webrtc.ts';

/** A digit whose end packets were all lost counts as released after this time without an update. */
const digitEndTimeoutMs = 250;
/** Static payload types of RFC 3551: always understood beside the negotiated one. */
const staticPcmu = 0;
const staticPcma = 8;
const comfortNoise = 13;
/** Clock rate of Opus (RFC 7587 §4.1). */
const opusUnitsPerMs = 48;

export interface RelayCounters {
  received: number;
  relayed: number;
  dropped: number;
}

/** Takes RTCP, wherever it arrived. */
export type RtcpHandler = (
  leg: number,
  bytes: Uint8Array,
  length: number,
  address: number,
  port: number,
) => void;

/**
 * The way of a packet: validated, its source judged, counted, recorded, and rewritten in place on its way to the
 * bridged leg. Called for every packet; allocates nothing except for digits and changes of source.
 */
export class Relay {
  readonly counters: RelayCounters = { received: 0, relayed: 0, dropped: 0 };
  readonly #legs: LegTable;
  readonly #recorder: Recorder;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #onRtcp: RtcpHandler;
  readonly #onDigitForRoom: (leg: number, digit: string, durationMs: number) => void;
  readonly #digitsActive = new Set<number>();
  readonly #lockPacket: LockPacket = { address: 0, port: 0, ssrc: 0, sequence: 0, nowMs: 0 };
  #path: PacketPath | undefined;
  #outlet: Outlet | undefined;
  #rooms: Rooms | undefined;
  #listeners: Listeners | undefined;

  constructor(
    legs: LegTable,
    recorder: Recorder,
    emit: (event: MediaEventBody) => void,
    onRtcp: RtcpHandler,
    onDigitForRoom: (leg: number, digit: string, durationMs: number) => void,
  ) {
    this.#legs = legs;
    this.#recorder = recorder;
    this.#emit = emit;
    this.#onRtcp = onRtcp;
    this.#onDigitForRoom = onDigitForRoom;
  }

  /** The path needs the relay as its handler, so it is given afterwards. */
  attach(path: PacketPath, outlet: Outlet, rooms: Rooms, listeners: Listeners): void {
    this.#path = path;
    this.#outlet = outlet;
    this.#rooms = rooms;
    this.#listeners = listeners;
  }

  /** Takes what a leg's own transport has received and decrypted; its source needs no judgement. */
  handleFromTransport(leg: number, bytes: Uint8Array, nowMs: number): void {
    const packet = (this.#outlet as Outlet).buffer;
    if (bytes.length > packet.bytes.length || this.#legs.hasRemote[leg] === 0) return;
    packet.bytes.set(bytes);
    if (isRtcp(bytes, bytes.length)) this.#onRtcp(leg, packet.bytes, bytes.length, 0, 0);
    else this.#handleRtp(leg, packet, bytes.length, 0, 0, nowMs);
  }

  handle(
    channel: number,
    packet: PacketBuffer,
    length: number,
    address: number,
    port: number,
    nowMs: number,
  ): void {
    const legs = this.#legs;
    const leg = channel >> 1;
    const bytes = packet.bytes;
    if ((channel & 1) === 1 || isRtcp(bytes, length)) {
      const expected = (channel & 1) === 1 || legs.isMultiplexed[leg] === 1;
      if (!expected || legs.hasRemote[leg] === remoteState.none) return;
      const plainLength =
        legs.hasRemote[leg] === remoteState.known ? length : this.#decryptRtcp(leg, bytes, length);
      if (plainLength > 0) this.#onRtcp(leg, bytes, plainLength, address, port);
      return;
    }
    this.#handleRtp(leg, packet, length, address, port, nowMs);
  }

  #handleRtp(
    leg: number,
    packet: PacketBuffer,
    length: number,
    address: number,
    port: number,
    nowMs: number,
  ): void {
    const legs = this.#legs;
    const bytes = packet.bytes;
    this.counters.received++;
    if (legs.hasRemote[leg] !== remoteState.known) {
      // A browser's checks, before it is known who it is.
      if (legs.transports[leg] instanceof WebRtcTransport) return;
      const plainLength = this.#decryptRtp(leg, bytes, length);
      if (plainLength < 0) return this.#drop(leg);
      length = plainLength;
    }
    const start = rtpPayloadStart(bytes, length);
    const end = start < 0 ? -1 : rtpPayloadEnd(bytes, length, start);
    if (end < 0) return this.#drop(leg);
    const payloadType = (bytes[1] as number) & 0x7f;
    // Ours are the numbers to be sent by (RFC 3264 §5.1), yet some telephones send by those of their own answer.
    const isEvent =
      payloadType === legs.receiveEventPayloadType[leg] ||
      (payloadType === legs.eventPayloadType[leg] && payloadType !== legs.receivePayloadType[leg]);
    const isSound =
      payloadType === legs.receivePayloadType[leg] ||
      payloadType === legs.payloadType[leg] ||
      payloadType === staticPcmu ||
      payloadType === staticPcma;
    if (!isEvent && !isSound && payloadType !== comfortNoise) return this.#drop(leg);

    const ssrc = readUint32(bytes, 8);
    const sequence = rtpSequence(bytes);
    if (!this.#isFromSource(leg, address, port, ssrc, sequence, nowMs)) return this.#drop(leg);
    // Gateways that send keys as a source of their own do so beside the sound, which would begin anew with each of them.
    const isBeside = isEvent && legs.reception.hasStream(leg) && ssrc !== legs.reception.ssrc[leg];
    const reception = isBeside ? Reception.late : legs.reception.update(leg, ssrc, sequence);
    if (reception === Reception.stray) return this.#drop(leg);
    legs.bytesReceived[leg]! += end - start;
    if (legs.isSilent[leg] !== 0 || Number.isNaN(legs.heardAtMs[leg])) this.#soundBegins(leg, address, port);
    legs.heardAtMs[leg] = nowMs;
    const peer = legs.peer[leg] as number;
    if (reception === Reception.started) {
      this.#recorder.restart(leg);
      this.#rooms?.restart(leg);
      this.#listeners?.restart(leg);
      if (peer !== noLeg) legs.outgoing.interrupt(peer);
    }
    const timestamp = readUint32(bytes, 4);
    if (legs.mayReceive[leg] !== 1) return this.#drop(leg);
    if (isEvent) {
      this.#digit(leg, ssrc, timestamp, reception === Reception.late, bytes, start, end, nowMs);
      if (isBeside) return;
      if (legs.isHeard[leg] !== 0) this.#rooms?.skip(leg, sequence);
    } else if (isSound) {
      const packetLaw = this.#lawOf(leg, payloadType);
      legs.reception.updateJitter(
        leg,
        timestamp,
        nowMs,
        packetLaw === law.opus ? opusUnitsPerMs : rtpUnitsPerMs,
      );
      if (legs.isMuted[leg] === 1) {
        // Silence of other codecs cannot be written in place: their peer hears a pause of the sender.
        if (!isG711(packetLaw)) {
          if (peer !== noLeg) legs.outgoing.interrupt(peer);
          return this.#rooms?.skip(leg, sequence);
        }
        bytes.fill(packetLaw === law.PCMA ? alawSilence : ulawSilence, start, end);
      }
      if (this.#recorder.hears(leg) && isG711(packetLaw))
        this.#recorder.place(leg, packetLaw as RecordedLaw, timestamp, packet, start, end, nowMs);
      if (legs.isHeard[leg] !== 0) this.#hear(leg, packetLaw, sequence, timestamp, bytes, start, end, nowMs);
      if (peer !== noLeg && packetLaw !== legs.law[peer]) {
        if (!isG711(packetLaw) || !isG711(legs.law[peer] as number)) return;
        transcodeInPlace(bytes, start, end, packetLaw === law.PCMU ? ulawToAlaw : alawToUlaw);
      }
    } else {
      // Comfort noise is a pause of the sender; the peer hears it as a pause.
      if (legs.isHeard[leg] !== 0)
        this.#rooms?.putComfortNoise(leg, sequence, timestamp, bytes, start, end, nowMs);
      if (peer !== noLeg) legs.outgoing.interrupt(peer);
      return;
    }
    if (peer !== noLeg && legs.maySend[peer] === 1 && legs.isGenerating[peer] === 0) {
      this.#forward(leg, peer, packet, start, end, sequence, timestamp, ssrc, isEvent, nowMs);
    }
  }

  /**
   * Lets the kernel guard the legs whose source is settled (LOCK-08), and the path take its time while nothing is relayed;
   * called some times a second.
   */
  guardSources(nowMs: number): void {
    const path = this.#path as PacketPath;
    const legs = this.#legs;
    let isRelaying = false;
    let isGenerating = false;
    for (const leg of legs.all()) {
      path.setExclusive(rtpChannel(leg), legs.lock.isSettled(leg, nowMs));
      isRelaying ||= legs.peer[leg] !== noLeg;
      isGenerating ||= legs.isGenerating[leg] === 1;
    }
    const isMixing = !isGenerating && this.#rooms?.isRunning === true;
    path.setPace(isRelaying ? 'relay' : isMixing ? 'mix' : 'sound');
  }

  /** Reports digits whose end was lost; called some times a second. */
  expireDigits(nowMs: number): void {
    for (const leg of this.#digitsActive) {
      const receiver = this.#legs.digitReceivers[leg];
      const digit = receiver?.expire(nowMs, digitEndTimeoutMs);
      if (digit !== undefined) this.#reportDigit(leg, digit.digit, digit.durationMs);
      if (receiver === undefined || !receiver.isActive) this.#digitsActive.delete(leg);
    }
  }

  get hasActiveDigits(): boolean {
    return this.#digitsActive.size > 0;
  }

  #forward(
    leg: number,
    peer: number,
    packet: PacketBuffer,
    start: number,
    end: number,
    sequence: number,
    timestamp: number,
    ssrc: number,
    isEvent: boolean,
    nowMs: number,
  ): void {
    const legs = this.#legs;
    const outgoing = legs.outgoing;
    const payloadType = isEvent ? legs.eventPayloadType[peer] : legs.payloadType[peer];
    if (payloadType === noPayloadType) return;
    let marker = ((packet.bytes[1] as number) & 0x80) !== 0;
    if (!outgoing.follows(peer, leg, ssrc)) {
      outgoing.adopt(peer, leg, ssrc, sequence, timestamp, nowMs);
      marker = true;
    }
    const outSequence = outgoing.mappedSequence(peer, sequence);
    const outTimestamp = outgoing.mappedTimestamp(peer, timestamp);
    // The header goes right before the payload; a CSRC list or extension of the sender is not passed on.
    const offset = start - rtpHeaderBytes;
    writeRtpHeader(
      packet.bytes,
      offset,
      marker,
      payloadType as number,
      outSequence,
      outTimestamp,
      outgoing.ssrc[peer] as number,
    );
    if ((this.#outlet as Outlet).sendRtp(peer, packet, offset, end - offset)) {
      outgoing.sent(peer, outSequence, outTimestamp, end - start, nowMs);
      this.counters.relayed++;
    }
  }

  /** Length of the decrypted packet; −1 when it is not to be used, or nobody is expected yet. */
  #decryptRtp(leg: number, bytes: Uint8Array, length: number): number {
    const transport = this.#legs.transports[leg];
    return transport instanceof SrtpTransport ? transport.receiveRtp(bytes, length) : -1;
  }

  #decryptRtcp(leg: number, bytes: Uint8Array, length: number): number {
    const transport = this.#legs.transports[leg];
    return transport instanceof SrtpTransport ? transport.receiveRtcp(bytes, length) : -1;
  }

  #isFromSource(
    leg: number,
    address: number,
    port: number,
    ssrc: number,
    sequence: number,
    nowMs: number,
  ): boolean {
    const packet = this.#lockPacket;
    packet.address = address;
    packet.port = port;
    packet.ssrc = ssrc;
    packet.sequence = sequence;
    packet.nowMs = nowMs;
    const legs = this.#legs;
    const wasLocked = legs.lock.isLocked(leg);
    const verdict = legs.lock.judge(leg, packet);
    // WebRTC has no source to lock, and what comes through it is authenticated.
    if (verdict === LockVerdict.refuse) return legs.transports[leg] instanceof WebRtcTransport;
    if (verdict === LockVerdict.locked) {
      (this.#path as PacketPath).setDestination(rtpChannel(leg), address, port);
      if (wasLocked) {
        const event = {
          event: 'source-changed',
          address: this.#legs.addressBook.format(address),
          port,
        } as const;
        this.#emit({ ...event, legId: legs.ids[leg] as string });
      }
    }
    return true;
  }

  /** Those who listen beside the peer. A room understands only the codec that was agreed. */
  #hear(
    leg: number,
    packetLaw: number,
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    const heard = this.#legs.isHeard[leg] as number;
    if ((heard & ears.rooms) !== 0 && packetLaw === this.#legs.law[leg])
      this.#rooms?.put(leg, sequence, timestamp, bytes, start, end, nowMs);
    this.#listeners?.hear(leg, packetLaw, bytes, start, end, nowMs);
  }

  #lawOf(leg: number, payloadType: number): number {
    const { law: laws, receivePayloadType, payloadType: sentPayloadType } = this.#legs;
    if (payloadType === receivePayloadType[leg] || payloadType === sentPayloadType[leg])
      return laws[leg] as number;
    return payloadType === staticPcma ? law.PCMA : law.PCMU;
  }

  #soundBegins(leg: number, address: number, port: number): void {
    this.#legs.isSilent[leg] = 0;
    const legId = this.#legs.ids[leg] as string;
    this.#emit({ event: 'rtp-started', legId, address: this.#legs.addressBook.format(address), port });
  }

  #digit(
    leg: number,
    ssrc: number,
    timestamp: number,
    mayBeLate: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    const legs = this.#legs;
    let receiver = legs.digitReceivers[leg];
    if (receiver === undefined) {
      receiver = new TelephoneEventReceiver();
      legs.digitReceivers[leg] = receiver;
    }
    const completed = receiver.receive(ssrc, timestamp, mayBeLate, bytes, start, end, nowMs);
    for (const { digit, durationMs } of completed) this.#reportDigit(leg, digit, durationMs);
    if (receiver.isActive) this.#digitsActive.add(leg);
    else this.#digitsActive.delete(leg);
  }

  /** A digit came to its end, as an event or (by `InbandDigits`) as a sound. */
  #reportDigit(leg: number, digit: string, durationUnitsAsMs: number): void {
    const legs = this.#legs;
    // The receiver counts 8 units a millisecond.
    const durationMs = Math.round(
      (durationUnitsAsMs * rtpUnitsPerMs) / (legs.outgoing.unitsPerMs[leg] as number),
    );
    this.#emit({ event: 'digit', legId: legs.ids[leg] as string, digit: digit as Digit, durationMs });
    // Neither between different clocks nor from beside the sound can an event be relayed; it is sent anew.
    const isRelayed = legs.peer[leg] !== noLeg && legs.digitReceivers[leg]?.ssrc === legs.reception.ssrc[leg];
    const other = legs.bridged[leg] as number;
    if (other !== noLeg && !isRelayed) this.#onDigitForRoom(other, digit, durationMs);
  }

  #drop(leg: number): void {
    this.#legs.dropped[leg]!++;
    this.counters.dropped++;
  }
}
