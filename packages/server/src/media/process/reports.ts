import {
  legQuality,
  ntpMiddle,
  ntpTime,
  parseRtcp,
  reportedJitterMs,
  type ReportBlock,
  roundTripMs,
  type SenderInfo,
  writeRtcp,
} from '@crosspoint/media';
import type { LegStats, MediaEventBody } from '../protocol.ts';
import { type LegTable, rtcpChannel } from './legs.ts';
import type { Outlet } from './outlet.ts';
import { monotonicMs, type PacketPath } from './packets.ts';

/** Housekeeping visits a fifth of the legs each second, so that reports are spread evenly. */
const reportIntervalSeconds = 5;
/** A short call shall have figures too: those of a leg are raised each second after its far end became known. */
const youngMs = 10_000;
/**
 * Figures leave in so many steps of a second at most, since all at once keep the control process from its calls for as long as it
 * takes to read them: 25 ms with 1,500 callers.
 */
const stepsMax = 10;
const stepMs = 100;
const statsPerStep = 50;

/** RTCP of every leg: what we tell the far ends, what they tell us, and the figures that come of it. */
export class Reports {
  readonly #legs: LegTable;
  readonly #path: PacketPath;
  readonly #outlet: Outlet;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #cname: string;
  readonly #packetsAtReport: Uint32Array;
  readonly #senderReportMiddle: Uint32Array;
  readonly #senderReportAtMs: Float64Array;
  readonly #remoteLost: Float64Array;
  readonly #remoteJitter: Float64Array;
  readonly #roundTrip: Float64Array;
  readonly #startedAtMs: Float64Array;

  constructor(
    legs: LegTable,
    path: PacketPath,
    outlet: Outlet,
    cname: string,
    emit: (event: MediaEventBody) => void,
  ) {
    this.#legs = legs;
    this.#path = path;
    this.#outlet = outlet;
    this.#cname = cname;
    this.#emit = emit;
    this.#packetsAtReport = new Uint32Array(legs.capacity);
    this.#senderReportMiddle = new Uint32Array(legs.capacity);
    this.#senderReportAtMs = new Float64Array(legs.capacity);
    this.#remoteLost = new Float64Array(legs.capacity);
    this.#remoteJitter = new Float64Array(legs.capacity);
    this.#roundTrip = new Float64Array(legs.capacity);
    this.#startedAtMs = new Float64Array(legs.capacity);
  }

  /** A leg begins. */
  start(leg: number): void {
    this.#startedAtMs[leg] = Number.NaN;
    this.#packetsAtReport[leg] = 0;
    this.#senderReportMiddle[leg] = 0;
    this.#senderReportAtMs[leg] = Number.NaN;
    this.#remoteLost[leg] = Number.NaN;
    this.#remoteJitter[leg] = Number.NaN;
    this.#roundTrip[leg] = Number.NaN;
  }

  /**
   * Takes an RTCP packet. Only the host that the leg's RTP comes from is believed; its RTCP port is where our
   * reports go from then on.
   */
  receive(leg: number, bytes: Uint8Array, length: number, address: number, port: number): void {
    const legs = this.#legs;
    if (legs.lock.isLocked(leg) && legs.lock.lockedAddress[leg] !== address) return;
    const packet = parseRtcp(bytes, length);
    if (packet === undefined) return;
    legs.reportedAtMs[leg] = monotonicMs();
    if (legs.isMultiplexed[leg] !== 1) this.#path.setDestination(rtcpChannel(leg), address, port);
    if (packet.sender !== undefined) {
      this.#senderReportMiddle[leg] = ntpMiddle(packet.sender.ntpSeconds, packet.sender.ntpFraction);
      this.#senderReportAtMs[leg] = monotonicMs();
    }
    for (const block of packet.reports) {
      if (block.ssrc !== legs.outgoing.ssrc[leg]) continue;
      this.#remoteLost[leg] = block.cumulativeLost;
      this.#remoteJitter[leg] =
        reportedJitterMs(block, legs.outgoing.unitsPerMs[leg] as number) ?? Number.NaN;
      const roundTrip = roundTripMs(block, Date.now());
      if (roundTrip !== undefined) this.#roundTrip[leg] = roundTrip;
    }
    if (packet.bye) {
      this.#emit({ event: 'rtcp-bye', legId: legs.ids[leg] as string, reason: packet.byeReason ?? null });
    }
  }

  /** Sends the reports and raises the figures of the legs whose turn this second is. */
  run(second: number): void {
    const due: LegStats[] = [];
    const nowMs = monotonicMs();
    for (const leg of this.#legs.all()) {
      if (this.#legs.hasRemote[leg] === 0) continue;
      // Sockets are opened ahead, and callers ring: only from here on there is something to measure.
      if (Number.isNaN(this.#startedAtMs[leg])) this.#startedAtMs[leg] = nowMs;
      const isReportDue = leg % reportIntervalSeconds === second % reportIntervalSeconds;
      if (isReportDue) this.#send(leg, undefined);
      if (!isReportDue && nowMs - (this.#startedAtMs[leg] as number) > youngMs) continue;
      due.push(this.stats(leg, false));
    }
    this.#tell(due, Math.max(statsPerStep, Math.ceil(due.length / stepsMax)));
  }

  #tell(due: LegStats[], atOnce: number): void {
    if (due.length === 0) return;
    this.#emit({ event: 'leg-stats', legs: due.splice(0, atOnce) });
    if (due.length > 0) setTimeout(() => this.#tell(due, atOnce), stepMs).unref();
  }

  /** Says good-bye to the far end. */
  bye(leg: number): void {
    if (this.#legs.hasRemote[leg] !== 0) this.#send(leg, '');
  }

  stats(leg: number, final: boolean): LegStats {
    const { reception, outgoing, ids, bytesReceived, dropped } = this.#legs;
    return {
      legId: ids[leg] as string,
      packetsReceived: reception.received[leg] as number,
      packetsSent: outgoing.packets[leg] as number,
      bytesReceived: bytesReceived[leg] as number,
      bytesSent: outgoing.payloadBytes[leg] as number,
      packetsLost: reception.lost(leg),
      packetsDropped: dropped[leg] as number,
      jitterMs: rounded(this.#jitterMs(leg)) ?? 0,
      remotePacketsLost: rounded(this.#remoteLost[leg] as number),
      remoteJitterMs: rounded(this.#remoteJitter[leg] as number),
      roundTripMs: rounded(this.#roundTrip[leg] as number),
      quality: this.#quality(leg),
      final,
    };
  }

  #jitterMs(leg: number): number {
    const { reception, outgoing } = this.#legs;
    return (reception.jitter[leg] as number) / (outgoing.unitsPerMs[leg] as number);
  }

  #quality(leg: number): LegStats['quality'] {
    const { reception, outgoing, remotes, packetMs } = this.#legs;
    const codec = remotes[leg]?.codec;
    if (codec === undefined) return null;
    const remoteLost = this.#remoteLost[leg] as number;
    const received = {
      expectedPackets: reception.hasStream(leg) ? reception.expected(leg) : 0,
      lostPackets: reception.lost(leg),
      jitterMs: this.#jitterMs(leg),
    };
    const sent = {
      expectedPackets: outgoing.packets[leg] as number,
      lostPackets: remoteLost,
      jitterMs: rounded(this.#remoteJitter[leg] as number) ?? 0,
    };
    const quality = legQuality({
      codec,
      packetMs: packetMs[leg] as number,
      roundTripMs: rounded(this.#roundTrip[leg] as number),
      received,
      // Without reports of the far end nothing is known about what we send.
      ...(Number.isNaN(remoteLost) ? {} : { sent }),
    });
    if (quality === undefined) return null;
    const { mos, rFactor, lossPercent, jitterMs, roundTripMs } = quality;
    return { codec, mos, rFactor, lossPercent, jitterMs, roundTripMs };
  }

  #send(leg: number, byeReason: string | undefined): void {
    const legs = this.#legs;
    const sender = this.#senderInfo(leg);
    const report = this.#reportBlock(leg);
    const { buffer } = this.#outlet;
    const length = writeRtcp(buffer.bytes, {
      ssrc: legs.outgoing.ssrc[leg] as number,
      cname: this.#cname,
      ...(sender === undefined ? {} : { sender }),
      ...(report === undefined ? {} : { report }),
      ...(byeReason === undefined ? {} : { byeReason }),
    });
    this.#outlet.sendRtcp(leg, buffer, length);
  }

  /** Undefined when nothing was sent since the last report: then a receiver report is due (RFC 3550 §6.4). */
  #senderInfo(leg: number): SenderInfo | undefined {
    const { outgoing } = this.#legs;
    const packets = outgoing.packets[leg] as number;
    if (packets === this.#packetsAtReport[leg]) return undefined;
    this.#packetsAtReport[leg] = packets;
    const ntp = ntpTime(Date.now());
    const sinceSentMs = monotonicMs() - (outgoing.sentAtMs[leg] as number);
    return {
      ntpSeconds: ntp.seconds,
      ntpFraction: ntp.fraction,
      rtpTimestamp:
        ((outgoing.timestamp[leg] as number) +
          Math.round(sinceSentMs * (outgoing.unitsPerMs[leg] as number))) >>>
        0,
      packetCount: packets,
      octetCount: (outgoing.payloadBytes[leg] as number) % 0x1_0000_0000,
    };
  }

  #reportBlock(leg: number): ReportBlock | undefined {
    const { reception } = this.#legs;
    if (!reception.hasStream(leg)) return undefined;
    const receivedAtMs = this.#senderReportAtMs[leg] as number;
    const hasSenderReport = !Number.isNaN(receivedAtMs);
    return {
      ssrc: reception.ssrc[leg] as number,
      fractionLost: reception.takeFractionLost(leg),
      cumulativeLost: reception.lost(leg),
      extendedHighestSequence: reception.extendedHighest(leg),
      jitter: Math.floor(reception.jitter[leg] as number),
      lastSenderReport: hasSenderReport ? (this.#senderReportMiddle[leg] as number) : 0,
      delaySinceLastSenderReport: hasSenderReport ? Math.round((monotonicMs() - receivedAtMs) * 65.536) : 0,
    };
  }
}

function rounded(value: number): number | null {
  return Number.isNaN(value) ? null : Math.round(value * 100) / 100;
}
