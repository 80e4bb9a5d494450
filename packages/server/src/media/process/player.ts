import {
  alawSilence,
  alawToLinear,
  Ducker,
  encodeAlaw,
  encodeUlaw,
  rtpHeaderBytes,
  rtpUnitsPerMs,
  telephoneEventBytes,
  TelephoneEventSender,
  sampleRateHz,
  ulawSilence,
  ulawToLinear,
  writeRtpHeader,
  writeTelephoneEvent,
} from '@crosspoint/media';
import type { MediaEventBody, PlayEndReason, PlaySource } from '../protocol.ts';
import { type LegTable, law, noPayloadType } from './legs.ts';
import type { Outlet } from './outlet.ts';
import type { Rooms } from './rooms.ts';
import { Schedule, tickMs } from './schedule.ts';
import type { Sound } from './encoded-sound.ts';
import type { SoundLibrary } from './sounds.ts';

const samplesPerTick = 160;
/** Level at which RFC 4733 digits are announced. */
const digitVolumeDbm0 = 10;
/** Requests to send digits that may wait on one leg. */
const digitsWaitingMax = 8;

/** The longest packet of generated sound, 60 ms; shared, because each is mixed at once. */
const background = new Int16Array(3 * samplesPerTick);
const foreground = new Int16Array(3 * samplesPerTick);

interface Play {
  playId: string;
  source: PlaySource;
  /** Undefined: silence. */
  sound: Sound | undefined;
  /** Samples in one pass; Infinity when it never ends. */
  length: number;
  position: number;
  isLoop: boolean;
}

type Digits =
  | { kind: 'events'; text: string; sender: TelephoneEventSender; timestamp: number }
  | { kind: 'tones'; text: string; sound: Sound; position: number };

interface DigitsRequest {
  text: string;
  durationMs: number;
  gapMs: number;
}

/** A prompt over what plays; stays after its end until the other is as loud as before. */
interface Overlay {
  play: Play | undefined;
  ducker: Ducker;
}

interface Generator {
  play: Play | undefined;
  overlay: Overlay | undefined;
  digits: Digits | undefined;
  /** Digits that wait for the ones being sent. */
  digitsWaiting: DigitsRequest[];
}

/**
 * Everything that the process says itself: music, prompts and digits, sent to all legs in one go every 20 ms.
 * The schedule is counted from its beginning, so that it does not drift; it sleeps while nobody listens.
 */
export class Player {
  /** Packets that left more than 20 ms late since the figure was last taken. */
  latePackets = 0;
  readonly #legs: LegTable;
  readonly #outlet: Outlet;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #library: SoundLibrary;
  readonly #generators = new Map<number, Generator>();
  /** Which music each leg heard, and where it stopped, so that it goes on there after the next hold. */
  readonly #musicPositions = new Map<number, { sound: Sound | undefined; position: number }>();
  readonly #schedule: Schedule;
  readonly #rooms: Rooms;

  constructor(
    legs: LegTable,
    outlet: Outlet,
    rooms: Rooms,
    library: SoundLibrary,
    emit: (event: MediaEventBody) => void,
  ) {
    this.#legs = legs;
    this.#outlet = outlet;
    this.#library = library;
    this.#emit = emit;
    this.#rooms = rooms;
    this.#schedule = new Schedule({
      step: (tick, nowMs, isLate) => this.#run(tick, nowMs, isLate),
      resumed: () => {
        for (const leg of this.#generators.keys()) legs.outgoing.interrupt(leg);
      },
    });
  }

  get size(): number {
    return this.#generators.size;
  }

  /** What plays on a leg, for adoption. */
  playing(leg: number): { playId: string; source: PlaySource } | null {
    const play = this.#generators.get(leg)?.play;
    return play === undefined ? null : { playId: play.playId, source: play.source };
  }

  /** Begins to play; what played before ends as `replaced`. Returns the length of one pass, null if endless. */
  play(
    leg: number,
    playId: string,
    source: PlaySource,
    sound: Sound | undefined,
    isLoop: boolean,
    isOver: boolean,
  ): number | null {
    this.#endOverlay(leg, 'replaced');
    if (!isOver) this.#endPlay(leg, 'replaced');
    const length = lengthOf(source, sound);
    const heard = source.kind === 'music' ? this.#musicPositions.get(leg) : undefined;
    const position = heard?.sound === sound ? (heard?.position ?? 0) : 0;
    const isEndless =
      source.kind === 'music' || source.kind === 'ringback' || (source.kind === 'tone' && isLoop);
    const play: Play = { playId, source, sound, length, position, isLoop: isLoop || isEndless };
    const generator = this.#generator(leg);
    if (isOver) {
      const ducker = generator.overlay?.ducker ?? new Ducker({ sampleRateHz });
      generator.overlay = { play, ducker };
    } else {
      generator.play = play;
    }
    this.#update(leg);
    return isEndless || length === Number.POSITIVE_INFINITY ? null : length / 8000;
  }

  /** Ends the play of a leg; fine when nothing, or another play than the named one, is going on. */
  stop(leg: number, playId: string | undefined, reason: PlayEndReason): void {
    const generator = this.#generators.get(leg);
    const isNamed = (play: Play | undefined): boolean => playId === undefined || play?.playId === playId;
    if (isNamed(generator?.overlay?.play)) this.#endOverlay(leg, reason);
    if (isNamed(generator?.play)) this.#endPlay(leg, reason);
    this.#update(leg);
  }

  /** Sends digits after those that are being sent; what plays waits meanwhile. False when too many wait. */
  sendDigits(leg: number, text: string, durationMs: number, gapMs: number): boolean {
    const generator = this.#generator(leg);
    if (generator.digitsWaiting.length >= digitsWaitingMax) return false;
    generator.digitsWaiting.push({ text, durationMs, gapMs });
    if (generator.digits === undefined) this.#nextDigits(leg, generator);
    this.#update(leg);
    return true;
  }

  /** The leg is gone. */
  release(leg: number): void {
    this.#endOverlay(leg, 'released');
    this.#endPlay(leg, 'released');
    this.#generators.delete(leg);
    this.#musicPositions.delete(leg);
    this.#update(leg);
  }

  stopTimer(): void {
    this.#schedule.stop();
  }

  #generator(leg: number): Generator {
    let generator = this.#generators.get(leg);
    if (generator === undefined) {
      generator = { play: undefined, overlay: undefined, digits: undefined, digitsWaiting: [] };
      this.#generators.set(leg, generator);
    }
    return generator;
  }

  #endPlay(leg: number, reason: PlayEndReason): void {
    const generator = this.#generators.get(leg);
    const play = generator?.play;
    if (generator === undefined || play === undefined) return;
    if (play.source.kind === 'music') this.#musicPositions.set(leg, play);
    generator.play = undefined;
    this.#emit({ event: 'play-ended', legId: this.#legs.ids[leg] as string, playId: play.playId, reason });
  }

  #endOverlay(leg: number, reason: PlayEndReason): void {
    const overlay = this.#generators.get(leg)?.overlay;
    const play = overlay?.play;
    if (overlay === undefined || play === undefined) return;
    overlay.play = undefined;
    this.#emit({ event: 'play-ended', legId: this.#legs.ids[leg] as string, playId: play.playId, reason });
  }

  /** Brings the leg's flag and the timer in line with what is to be sent. */
  #update(leg: number): void {
    const generator = this.#generators.get(leg);
    const isActive =
      generator !== undefined &&
      (generator.play !== undefined ||
        generator.overlay?.play !== undefined ||
        generator.digits !== undefined);
    this.#legs.isGenerating[leg] = isActive ? 1 : 0;
    if (!isActive) this.#generators.delete(leg);
    if (this.#generators.size === 0) this.#schedule.stop();
    else this.#schedule.start();
  }

  #run(tick: number, nowMs: number, isLate: boolean): boolean {
    if (isLate) this.latePackets += this.#generators.size;
    // Taken in the same turn, what callers say does not wake the process by itself.
    this.#outlet.step(() => {
      for (const [leg, generator] of this.#generators) this.#step(tick, leg, generator, nowMs);
    });
    return this.#generators.size > 0;
  }

  #step(tick: number, leg: number, generator: Generator, nowMs: number): void {
    if (generator.digits?.kind === 'events') return this.#stepEvents(leg, generator, generator.digits, nowMs);
    // Other codecs and lengths take 20 ms at a time and make their packets themselves.
    const ticks = Math.max(1, this.#legs.packetTicks[leg] as number);
    if (tick % ticks !== 0) return;
    const samples = samplesPerTick * ticks;
    const digits = generator.digits;
    if (digits?.kind === 'tones') {
      const end = Math.min(digits.position + samples, digits.sound.ulaw.length);
      const filled = this.#copy(leg, digits.sound, digits.position, end, 0);
      this.#sendSound(leg, filled, samples, nowMs);
      digits.position = end;
      if (end === digits.sound.ulaw.length) this.#digitsSent(leg, generator);
      return;
    }
    if (generator.overlay !== undefined) this.#stepOverlay(leg, generator, generator.overlay, samples, nowMs);
    else if (generator.play !== undefined) this.#stepPlay(leg, generator.play, samples, nowMs);
  }

  #stepOverlay(leg: number, generator: Generator, overlay: Overlay, samples: number, nowMs: number): void {
    const { play: base } = generator;
    const { play: prompt, ducker } = overlay;
    const isAlaw = this.#legs.law[leg] === law.PCMA;
    const { bytes } = this.#outlet.buffer;
    const end = rtpHeaderBytes + samples;
    this.#silence(leg, base === undefined ? 0 : this.#fill(leg, base, samples), samples);
    decodeG711(isAlaw, bytes, rtpHeaderBytes, end, background);
    if (prompt !== undefined) {
      this.#silence(leg, this.#fill(leg, prompt, samples), samples);
      decodeG711(isAlaw, bytes, rtpHeaderBytes, end, foreground);
    }
    ducker.mix(background, prompt === undefined ? undefined : foreground, background, samples);
    const encode = isAlaw ? encodeAlaw : encodeUlaw;
    for (let i = 0; i < samples; i++) bytes[rtpHeaderBytes + i] = encode(background[i] as number);
    this.#sendSound(leg, samples, samples, nowMs);
    if (prompt !== undefined && hasEnded(prompt)) this.#endOverlay(leg, 'finished');
    if (base !== undefined && hasEnded(base)) this.#endPlay(leg, 'finished');
    if (overlay.play === undefined && ducker.gain === 1) generator.overlay = undefined;
    this.#update(leg);
  }

  #stepPlay(leg: number, play: Play, samples: number, nowMs: number): void {
    this.#sendSound(leg, this.#fill(leg, play, samples), samples, nowMs);
    if (!hasEnded(play)) return;
    this.#endPlay(leg, 'finished');
    this.#update(leg);
  }

  /** Puts the next stretch of a play behind the header in the send buffer; returns how many samples there were. */
  #fill(leg: number, play: Play, samples: number): number {
    let filled = 0;
    while (filled < samples) {
      if (play.position >= play.length) {
        if (!play.isLoop) break;
        play.position = 0;
      }
      const count = Math.min(samples - filled, play.length - play.position);
      filled = this.#copy(leg, play.sound, play.position, play.position + count, filled);
      play.position += count;
    }
    return filled;
  }

  /** Copies encoded sound behind the header in the send buffer; returns how many samples lie there now. */
  #copy(leg: number, sound: Sound | undefined, from: number, to: number, filled: number): number {
    if (sound === undefined) return this.#silence(leg, filled, filled + to - from);
    const encoded = this.#legs.law[leg] === law.PCMA ? sound.alaw : sound.ulaw;
    this.#outlet.buffer.bytes.set(encoded.subarray(from, to), rtpHeaderBytes + filled);
    return filled + to - from;
  }

  #silence(leg: number, from: number, to: number): number {
    const byte = this.#legs.law[leg] === law.PCMA ? alawSilence : ulawSilence;
    this.#outlet.buffer.bytes.fill(byte, rtpHeaderBytes + from, rtpHeaderBytes + to);
    return to;
  }

  #sendSound(leg: number, filled: number, samples: number, nowMs: number): void {
    const legs = this.#legs;
    if (legs.maySend[leg] !== 1) return;
    if (filled < samples) this.#silence(leg, filled, samples);
    if (legs.packetTicks[leg] === 0)
      return this.#rooms.say(leg, this.#outlet.buffer.bytes, rtpHeaderBytes, nowMs);
    const marker = !legs.outgoing.continuesGenerated(leg);
    const timestamp = legs.outgoing.nextGeneratedTimestamp(leg, samples, nowMs);
    this.#send(leg, marker, legs.payloadType[leg] as number, timestamp, samples, nowMs);
  }

  #stepEvents(
    leg: number,
    generator: Generator,
    digits: Extract<Digits, { kind: 'events' }>,
    nowMs: number,
  ): void {
    const packet = digits.sender.next();
    if (packet === undefined) return this.#digitsSent(leg, generator);
    const legs = this.#legs;
    // Time goes on for every 20 ms, also in pauses; only an event's own packets share its first timestamp.
    const unitsPerMs = legs.outgoing.unitsPerMs[leg] as number;
    const timestamp = legs.outgoing.nextGeneratedTimestamp(leg, tickMs * unitsPerMs, nowMs);
    if (packet === 'pause' || legs.maySend[leg] !== 1) {
      legs.outgoing.timestamp[leg] = timestamp;
      legs.outgoing.sentAtMs[leg] = nowMs;
      return;
    }
    if (packet.isFirst) digits.timestamp = timestamp;
    const bytes = this.#outlet.buffer.bytes;
    writeTelephoneEvent(
      bytes,
      rtpHeaderBytes,
      packet.event,
      packet.end,
      digitVolumeDbm0,
      (packet.durationUnits * unitsPerMs) / rtpUnitsPerMs,
    );
    const payloadType = legs.eventPayloadType[leg] as number;
    this.#send(leg, packet.isFirst, payloadType, digits.timestamp, telephoneEventBytes, nowMs);
    legs.outgoing.timestamp[leg] = timestamp;
  }

  #send(
    leg: number,
    marker: boolean,
    payloadType: number,
    timestamp: number,
    payloadBytes: number,
    nowMs: number,
  ): void {
    const { outgoing } = this.#legs;
    const buffer = this.#outlet.buffer;
    const sequence = ((outgoing.sequence[leg] as number) + 1) & 0xffff;
    writeRtpHeader(buffer.bytes, 0, marker, payloadType, sequence, timestamp, outgoing.ssrc[leg] as number);
    this.#outlet.sendRtp(leg, buffer, 0, rtpHeaderBytes + payloadBytes);
    outgoing.sent(leg, sequence, timestamp, payloadBytes, nowMs);
  }

  #nextDigits(leg: number, generator: Generator): void {
    const request = generator.digitsWaiting.shift();
    if (request === undefined) {
      generator.digits = undefined;
      return;
    }
    const { text, durationMs, gapMs } = request;
    generator.digits =
      this.#legs.eventPayloadType[leg] === noPayloadType
        ? { kind: 'tones', text, sound: this.#library.digits(text, durationMs, gapMs), position: 0 }
        : { kind: 'events', text, sender: new TelephoneEventSender(text, durationMs, gapMs), timestamp: 0 };
  }

  #digitsSent(leg: number, generator: Generator): void {
    const text = generator.digits?.text ?? '';
    this.#nextDigits(leg, generator);
    this.#emit({ event: 'digits-sent', legId: this.#legs.ids[leg] as string, digits: text });
    this.#update(leg);
  }
}

function hasEnded(play: Play): boolean {
  return play.position >= play.length && !play.isLoop;
}

function decodeG711(isAlaw: boolean, bytes: Uint8Array, start: number, end: number, out: Int16Array): void {
  const table = isAlaw ? alawToLinear : ulawToLinear;
  for (let i = start; i < end; i++) out[i - start] = table[bytes[i] as number] as number;
}

function lengthOf(source: PlaySource, sound: Sound | undefined): number {
  if (sound !== undefined) return sound.ulaw.length;
  const durationMs = source.kind === 'silence' ? source.durationMs : undefined;
  return durationMs === undefined ? Number.POSITIVE_INFINITY : durationMs * 8;
}
