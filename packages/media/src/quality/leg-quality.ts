import { delayImpairment, effectiveEquipmentImpairment, mosOfRating, ratingMax } from './e-model.ts';

/** How a codec stands against loss; see `codecImpairments`. */
export interface CodecImpairment {
  /** Ie: impairment without loss, 0–95. */
  impairment: number;
  /** Bpl: robustness against loss, above 0. */
  lossRobustness: number;
  /** Wideband codecs are judged among their own: R of 0–129 divided by 1.29 (G.107.1 §6.2). */
  isWideband: boolean;
}

const g711: CodecImpairment = { impairment: 0, lossRobustness: 25.1, isWideband: false };

/**
 * Codecs by their name in SDP. G.711 with the concealment of its appendix I: G.113 table I.4. G.722: Ie of G.113
 * appendix IV. For Opus the ITU has published none, nor a robustness for G.722 with concealment: these three are
 * planning values of this library.
 */
export const codecImpairments: Readonly<Record<string, CodecImpairment>> = {
  PCMU: g711,
  PCMA: g711,
  G722: { impairment: 13, lossRobustness: 10, isWideband: true },
  opus: { impairment: 6, lossRobustness: 20, isWideband: true },
};

/** What was measured on one stream, by us or (in a report) by the far end. */
export interface StreamStatistics {
  /** Packets that were due, 0 and more. */
  expectedPackets: number;
  /** Of them never arrived; below 0 (repeated packets) counts as 0. */
  lostPackets: number;
  /** Of those that arrived, how many came too late to be heard. */
  discardedPackets?: number;
  /** Stretches of lost packets, for the burst ratio; without it losses count as random. */
  lossEvents?: number;
  /** Interarrival jitter of RFC 3550. */
  jitterMs: number;
  /** Delay of the jitter buffer where it is known; otherwise an adaptive one of twice the jitter is assumed. */
  bufferMs?: number;
}

export interface StreamQuality {
  /** Lost and discarded, 0–100. */
  lossPercent: number;
  jitterMs: number;
  /** Rating of the E-model, 0–93.2 (wideband: to 100). */
  rFactor: number;
  /** 1.00–4.50. */
  mos: number;
}

export interface LegQuality extends StreamQuality {
  /** From the last RTCP report that told it; null while none has. */
  roundTripMs: number | null;
  /** What arrives from the leg; null while nothing has. */
  received: StreamQuality | null;
  /** What the leg says about the sound that it gets from us; null without reports. */
  sent: StreamQuality | null;
}

export interface LegMeasurements {
  /** Name in SDP. An unknown one is judged as G.711. */
  codec: string;
  /** Sound per packet. */
  packetMs: number;
  roundTripMs: number | null;
  received?: StreamStatistics;
  sent?: StreamStatistics;
}

/** Delay of sound card, coding and line inside the two devices that no packet tells about. */
const devicesMs = 20;
/** Ratios above were never measured; G.107 §7.5. */
const burstRatioMax = 8;

const clamp = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));
const rounded = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;

/**
 * Quality of one direction (ITU-T G.107; wideband after G.107.1).
 * @param roundTripMs of the network; null counts as 0
 */
export function streamQuality(
  statistics: StreamStatistics,
  codec: CodecImpairment,
  packetMs: number,
  roundTripMs: number | null,
): StreamQuality {
  const { expectedPackets, jitterMs, lossEvents } = statistics;
  const lost = clamp(statistics.lostPackets, 0, expectedPackets);
  const missing = clamp(lost + (statistics.discardedPackets ?? 0), 0, expectedPackets);
  const lossShare = expectedPackets === 0 ? 0 : missing / expectedPackets;
  const meanBurst = lossEvents === undefined || lossEvents === 0 ? 1 : Math.max(1, missing / lossEvents);
  // At random the mean length of a burst is 1 / (1 − loss).
  const burstRatio = clamp(meanBurst * (1 - lossShare), 1, burstRatioMax);
  const bufferMs = statistics.bufferMs ?? Math.max(packetMs, 2 * jitterMs);
  const oneWayMs = (roundTripMs ?? 0) / 2 + packetMs + bufferMs + devicesMs;
  const { impairment, lossRobustness, isWideband } = codec;
  const scale = isWideband ? 1.29 : 1;
  const equipment = effectiveEquipmentImpairment(impairment, lossRobustness, lossShare * 100, burstRatio);
  const best = isWideband ? 100 : ratingMax + delayImpairment(0);
  const rating = clamp(best - delayImpairment(oneWayMs) - equipment / scale, 0, 100);
  return {
    lossPercent: rounded(lossShare * 100, 2),
    jitterMs: rounded(jitterMs, 1),
    rFactor: rounded(rating, 1),
    mos: rounded(mosOfRating(rating), 2),
  };
}

/**
 * Quality of a leg in both directions. The figures at its top are those of the worse direction, because a
 * conversation is as good as the one who understands less. Undefined while neither direction has a packet.
 */
export function legQuality(measurements: LegMeasurements): LegQuality | undefined {
  const { packetMs, roundTripMs } = measurements;
  const codec = codecImpairments[measurements.codec] ?? g711;
  const of = (statistics: StreamStatistics | undefined) =>
    statistics === undefined || statistics.expectedPackets <= 0
      ? null
      : streamQuality(statistics, codec, packetMs, roundTripMs);
  const received = of(measurements.received);
  const sent = of(measurements.sent);
  const worse = sent === null || (received !== null && received.rFactor <= sent.rFactor) ? received : sent;
  if (worse === null) return undefined;
  return { ...worse, roundTripMs: roundTripMs === null ? null : rounded(roundTripMs, 1), received, sent };
}
