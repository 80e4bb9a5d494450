import {
  type Codec,
  encodeToAlaw,
  encodeToUlaw,
  RateConverter,
  rtpHeaderBytes,
  type SampleRateHz,
  StreamReceiver,
  StreamSender,
  ulawToLinear,
  writeRtpHeader,
} from '@crosspoint/media';
import { type LegTable, law } from './legs.ts';
import type { Outlet } from './outlet.ts';
import type { Recorder } from './recorder.ts';
import { tickMs } from './schedule.ts';

/** Recordings and everything that listens for tones work at the rate of the telephone. */
const telephoneRateHz = 8_000;
const telephoneSamples = (telephoneRateHz / 1000) * tickMs;

/** Shared by all voices: each use ends before the next begins. */
const scratch = new Int16Array(48 * tickMs);
const telephoneFrame = new Int16Array(telephoneSamples);
const telephoneBytes = new Uint8Array(telephoneSamples);
const telephonePacket = { bytes: telephoneBytes, words: new Int32Array(telephoneBytes.buffer) };

/** The rate nearest to `wantedHz` at which a codec works. */
function rateOf(codec: Codec, wantedHz: number): SampleRateHz {
  const { sampleRatesHz } = codec;
  return sampleRatesHz.find((rateHz) => rateHz === wantedHz) ?? (sampleRatesHz[0] as SampleRateHz);
}

/**
 * What one leg says as linear sound, 20 ms at a time: with a jitter buffer, decoded, gaps concealed. Made for legs whose
 * sound is mixed, transcoded, or recorded from another codec than G.711.
 */
export class Hearing {
  readonly rateHz: SampleRateHz;
  readonly codec: Codec;
  readonly #receiver: StreamReceiver;
  readonly #converter: RateConverter | undefined;
  readonly #samples: number;
  #toTelephone: RateConverter | undefined;
  /** Timestamps of what is placed into recordings. */
  #placedUnits = 0;

  /** @param rateHz of the sound that `read` gives */
  constructor(codec: Codec, rateHz: SampleRateHz, seed: number) {
    this.codec = codec;
    this.rateHz = rateHz;
    const ownHz = rateOf(codec, rateHz);
    this.#receiver = new StreamReceiver({ codec, sampleRateHz: ownHz, seed });
    this.#converter = ownHz === rateHz ? undefined : new RateConverter(ownHz, rateHz);
    this.#samples = (ownHz / 1000) * tickMs;
  }

  put(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    this.#receiver.put(sequence, timestamp, bytes, start, end, nowMs);
  }

  putComfortNoise(
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    this.#receiver.putComfortNoise(sequence, timestamp, bytes, start, end, nowMs);
  }

  /** A packet of the stream carries no sound: it is not missing. */
  skip(sequence: number): void {
    this.#receiver.skip(sequence);
  }

  /** Writes the 20 ms that are to be heard now. */
  read(out: Int16Array, nowMs: number): void {
    if (this.#converter === undefined) {
      this.#receiver.read(out, 0, this.#samples, nowMs);
      return;
    }
    this.#receiver.read(scratch, 0, this.#samples, nowMs);
    this.#converter.convert(scratch, 0, this.#samples, out, 0);
  }

  /** Puts a frame that was read into the leg's recordings. */
  record(recorder: Recorder, leg: number, frame: Int16Array, nowMs: number): void {
    this.#toTelephone ??= new RateConverter(this.rateHz, telephoneRateHz);
    placeFrame(recorder, leg, frame, this.#toTelephone, this.#placedUnits, nowMs);
    this.#placedUnits = (this.#placedUnits + telephoneSamples) >>> 0;
  }

  restart(): void {
    this.#receiver.restart();
  }

  statistics() {
    return this.#receiver.statistics();
  }

  close(): void {
    this.#receiver.close();
  }
}

/** Puts 20 ms of linear sound into the recordings of a leg. */
export function placeFrame(
  recorder: Recorder,
  leg: number,
  frame: Int16Array,
  converter: RateConverter,
  timestamp: number,
  nowMs: number,
): void {
  converter.convert(frame, 0, frame.length, telephoneFrame, 0);
  encodeToUlaw(telephoneFrame, telephoneBytes);
  recorder.place(leg, law.PCMU, timestamp, telephonePacket, 0, telephoneSamples, nowMs);
}

/** What one leg hears: linear sound, encoded into packets of the length that it asks for. */
export class Speech {
  readonly codec: Codec;
  readonly packetTimeMs: number;
  readonly #sender: StreamSender;
  #converter: RateConverter | undefined;
  #isFirst = true;
  #lastUnits = 0;

  constructor(codec: Codec, rateHz: number, packetTimeMs: number) {
    this.codec = codec;
    this.packetTimeMs = packetTimeMs;
    const wishes = { inbandFec: true, expectedLossPercent: 0, packetTimeMs };
    this.#sender = new StreamSender({ codec, sampleRateHz: rateOf(codec, rateHz), ...wishes });
  }

  /** Takes 20 ms at any rate and sends the packets that become complete. */
  say(legs: LegTable, outlet: Outlet, leg: number, frame: Int16Array, rateHz: number, nowMs: number): void {
    const sender = this.#sender;
    if (rateHz === sender.sampleRateHz) {
      sender.write(frame, 0, (rateHz / 1000) * tickMs);
    } else {
      if (this.#converter?.fromHz !== rateHz)
        this.#converter = new RateConverter(rateHz, sender.sampleRateHz);
      const samples = this.#converter.convert(frame, 0, (rateHz / 1000) * tickMs, scratch, 0);
      sender.write(scratch, 0, samples);
    }
    for (;;) {
      const bytes = sender.read(outlet.buffer.bytes, rtpHeaderBytes);
      if (bytes < 0) return;
      this.#send(legs, outlet, leg, bytes, nowMs);
    }
  }

  /** The far end loses this share of what we send. */
  expectLoss(percent: number): void {
    this.#sender.expectLoss(percent);
  }

  close(): void {
    this.#sender.close();
  }

  #send(legs: LegTable, outlet: Outlet, leg: number, payloadBytes: number, nowMs: number): void {
    const { outgoing } = legs;
    const marker = this.#isFirst || !outgoing.continuesGenerated(leg);
    const units = this.#sender.unitsPerPacket;
    const timestamp = outgoing.nextGeneratedTimestamp(
      leg,
      this.#lastUnits === 0 ? units : this.#lastUnits,
      nowMs,
    );
    this.#lastUnits = units;
    this.#isFirst = false;
    if (payloadBytes === 0) {
      // Time passes without a packet.
      outgoing.timestamp[leg] = timestamp;
      outgoing.sentAtMs[leg] = nowMs;
      return;
    }
    sendPayload(legs, outlet, leg, marker, timestamp, payloadBytes, nowMs);
  }
}

/** Sends the payload that lies behind the header's place in the outlet's buffer. */
export function sendPayload(
  legs: LegTable,
  outlet: Outlet,
  leg: number,
  marker: boolean,
  timestamp: number,
  payloadBytes: number,
  nowMs: number,
): void {
  const { outgoing } = legs;
  const { buffer } = outlet;
  const sequence = ((outgoing.sequence[leg] as number) + 1) & 0xffff;
  const payloadType = legs.payloadType[leg] as number;
  writeRtpHeader(buffer.bytes, 0, marker, payloadType, sequence, timestamp, outgoing.ssrc[leg] as number);
  outlet.sendRtp(leg, buffer, 0, rtpHeaderBytes + payloadBytes);
  outgoing.sent(leg, sequence, timestamp, payloadBytes, nowMs);
}

/** Encodes 20 ms at 8,000 Hz for a G.711 leg. */
export function encodeG711(codec: number, frame: Int16Array, out: Uint8Array<ArrayBuffer>): void {
  if (codec === law.PCMA) encodeToAlaw(frame, out);
  else encodeToUlaw(frame, out);
}

/** Decodes µ-law. */
export function decodeUlaw(bytes: Uint8Array, start: number, end: number, out: Int16Array): void {
  for (let i = start; i < end; i++) out[i - start] = ulawToLinear[bytes[i] as number] as number;
}
