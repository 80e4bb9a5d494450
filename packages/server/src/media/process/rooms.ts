import { Mixer, RateConverter, type SampleRateHz, supervise, type SupervisionMode } from '@crosspoint/media';
import type { Codecs } from './codecs.ts';
import { ears, isG711, type LegTable, noLeg } from './legs.ts';
import type { Outlet } from './outlet.ts';
import type { Transport } from './transport.ts';
import type { PacketBuffer } from './packets.ts';
import type { Recorder } from './recorder.ts';
import { Schedule, tickMs } from './schedule.ts';
import { decodeUlaw, encodeG711, Hearing, placeFrame, sendPayload, Speech } from './voice.ts';

const telephoneRateHz = 8_000;
const wideRateHz = 16_000;
const telephoneSamples = (telephoneRateHz / 1000) * tickMs;
const rtpHeaderBytes = 12;
/** Announcements into a conference that may wait: the two rhythms of 20 ms are not in step. */
const announcedFramesMax = 4;

export interface PartySettings {
  /** Loudness with which the party is heard, 0–8; 1 unchanged. */
  gain?: number | undefined;
  muted?: boolean | undefined;
  /** Supervision of another party; null makes an ordinary party of it again. */
  supervision?: { mode: SupervisionMode; leg: number } | null | undefined;
}

interface Party {
  readonly leg: number;
  mixed: number;
  gain: number;
  muted: boolean;
  supervision: { mode: SupervisionMode; leg: number } | null;
}

/** Sound of a leg as the rooms keep it, made when it is first needed and again when codec or rate have changed. */
interface Voice {
  hearing: Hearing | undefined;
  speech: Speech | undefined;
  /** The last frame read, at the rate of `hearing`. */
  frame: Int16Array;
}

/** One mix: a conference, or two parties of a bridge whose codecs differ. */
class Room {
  mixer: Mixer;
  rateHz: SampleRateHz;
  readonly parties = new Map<number, Party>();
  /** Index of the conference in the table of legs; none for a bridge. */
  readonly leg: number;
  #toTelephone: RateConverter;
  #fromTelephone: RateConverter;
  #recordedUnits = 0;
  /** What is played into the conference: its party, and frames that wait. */
  #announcer: number | undefined;
  #announced: Int16Array[] = [];

  constructor(leg: number, rateHz: SampleRateHz) {
    this.leg = leg;
    this.rateHz = rateHz;
    this.mixer = new Mixer({ sampleRateHz: rateHz, frameMs: tickMs });
    this.#toTelephone = new RateConverter(rateHz, telephoneRateHz);
    this.#fromTelephone = new RateConverter(telephoneRateHz, rateHz);
  }

  /** Mixes at another rate from now on; the parties enter anew. */
  setRate(rateHz: SampleRateHz): void {
    this.rateHz = rateHz;
    this.mixer = new Mixer({ sampleRateHz: rateHz, frameMs: tickMs });
    this.#toTelephone = new RateConverter(rateHz, telephoneRateHz);
    this.#fromTelephone = new RateConverter(telephoneRateHz, rateHz);
    this.#announcer = undefined;
    this.#announced = [];
    for (const party of this.parties.values()) party.mixed = this.mixer.add();
  }

  announce(frame: Int16Array): void {
    if (this.#announced.length >= announcedFramesMax) this.#announced.shift();
    const converted = new Int16Array(this.mixer.frameSamples);
    this.#fromTelephone.convert(frame, 0, telephoneSamples, converted, 0);
    this.#announced.push(converted);
  }

  /** Gives the announcement of this step to the mixer. */
  feedAnnouncement(): void {
    const frame = this.#announced.shift();
    if (frame === undefined) return;
    this.#announcer ??= this.mixer.add();
    this.mixer.input(this.#announcer).set(frame);
    this.mixer.fed(this.#announcer);
  }

  record(recorder: Recorder, nowMs: number): void {
    if (this.leg === noLeg || !recorder.hears(this.leg)) return;
    placeFrame(recorder, this.leg, this.mixer.toEverybody(), this.#toTelephone, this.#recordedUnits, nowMs);
    this.#recordedUnits = (this.#recordedUnits + telephoneSamples) >>> 0;
  }
}

/** What is played to a conference goes into its mix instead of onto the network. */
class AnnouncementTransport implements Transport {
  readonly #room: Room;
  readonly #frame = new Int16Array(telephoneSamples);

  constructor(room: Room) {
    this.#room = room;
  }

  sendRtp(packet: PacketBuffer, offset: number, length: number): boolean {
    if (length - rtpHeaderBytes !== telephoneSamples) return false;
    decodeUlaw(packet.bytes, offset + rtpHeaderBytes, offset + length, this.#frame);
    this.#room.announce(this.#frame);
    return true;
  }

  sendRtcp(): boolean {
    return false;
  }

  close(): void {
    // Nothing is open.
  }
}

/**
 * Linear sound: conferences, bridges between codecs that no table connects, and recordings of legs that do not speak
 * G.711. One schedule of 20 ms serves them all; legs that are merely relayed know nothing of it.
 */
export class Rooms {
  readonly #legs: LegTable;
  readonly #outlet: Outlet;
  readonly #recorder: Recorder;
  readonly #codecs: Codecs;
  readonly #rooms = new Set<Room>();
  readonly #roomOf = new Map<number, Room>();
  readonly #voices = new Map<number, Voice>();
  readonly #schedule: Schedule;
  /** The last sound that was encoded for somebody in this step, for others who hear the same. */
  readonly #encoded = {
    frame: undefined as Int16Array | undefined,
    codec: -1,
    bytes: new Uint8Array(telephoneSamples),
  };
  readonly #spoken = new Int16Array(telephoneSamples);

  constructor(legs: LegTable, outlet: Outlet, recorder: Recorder, codecs: Codecs) {
    this.#legs = legs;
    this.#outlet = outlet;
    this.#recorder = recorder;
    this.#codecs = codecs;
    this.#schedule = new Schedule({
      step: (_tick, nowMs) => {
        let isNeeded = false;
        outlet.step(() => (isNeeded = this.#step(nowMs)));
        return isNeeded;
      },
      resumed: () => {
        for (const leg of this.#voices.keys()) legs.outgoing.interrupt(leg);
      },
    });
  }

  get conferenceCount(): number {
    let count = 0;
    for (const room of this.#rooms) if (room.leg !== noLeg) count++;
    return count;
  }

  /** Bridges two legs whose codecs differ. */
  pair(a: number, b: number): void {
    const room = new Room(noLeg, this.#rateFor([a, b]));
    this.#rooms.add(room);
    for (const leg of [a, b]) this.#enter(room, leg, {});
    this.update(a);
    this.update(b);
  }

  /** Opens a conference under its index in the table of legs; returns how sound is played into it. */
  open(leg: number): Transport {
    const room = new Room(leg, telephoneRateHz);
    this.#rooms.add(room);
    return new AnnouncementTransport(room);
  }

  /** Puts a leg into a conference; it has left every bridge. */
  join(conference: number, leg: number, settings: PartySettings): void {
    const room = this.#conference(conference);
    if (room === undefined) return;
    this.#enter(room, leg, settings);
    this.update(leg);
  }

  /** Changes how a party takes part; false when it is in no room. */
  set(leg: number, settings: PartySettings): boolean {
    const room = this.#roomOf.get(leg);
    const party = room?.parties.get(leg);
    if (room === undefined || party === undefined) return false;
    if (settings.gain !== undefined) party.gain = settings.gain;
    if (settings.muted !== undefined) party.muted = settings.muted;
    if (settings.supervision !== undefined) party.supervision = settings.supervision;
    this.#apply(room, party);
    return true;
  }

  /** Takes a leg out of its room, if it is in one; a bridge ends with it. */
  leave(leg: number): void {
    const room = this.#roomOf.get(leg);
    if (room === undefined) return;
    this.#exit(room, leg);
    if (room.leg !== noLeg) return;
    for (const other of [...room.parties.keys()]) this.#exit(room, other);
    this.#rooms.delete(room);
  }

  /** Ends a conference: its parties hear nothing any more. Returns who was in it. */
  close(conference: number): number[] {
    const room = this.#conference(conference);
    if (room === undefined) return [];
    const parties = [...room.parties.keys()];
    for (const leg of parties) this.#exit(room, leg);
    this.#rooms.delete(room);
    return parties;
  }

  /** The conference that a leg is in: its index, −1 when in none. */
  conferenceOf(leg: number): number {
    return this.#roomOf.get(leg)?.leg ?? noLeg;
  }

  /** Brings what is kept of a leg in line with its codec, its room and its recordings. */
  update(leg: number): void {
    const legs = this.#legs;
    const isRecordedHere = !isG711(legs.law[leg] as number) && this.#recorder.hears(leg);
    const isHeard = this.#roomOf.has(leg) || isRecordedHere;
    if (isHeard) legs.isHeard[leg]! |= ears.rooms;
    else legs.isHeard[leg]! &= ~ears.rooms;
    if (isHeard && !this.#voices.has(leg)) this.#voices.set(leg, newVoice());
    if (isHeard) this.#schedule.start();
  }

  /** Whether anybody is in that conference. */
  isOccupied(conference: number): boolean {
    return this.sizeOf(conference) > 0;
  }

  /** Parties of a conference; −1 when there is none under this index. */
  sizeOf(conference: number): number {
    return this.#conference(conference)?.parties.size ?? -1;
  }

  /** The leg is gone. */
  release(leg: number): void {
    this.leave(leg);
    this.#legs.isHeard[leg]! &= ~ears.rooms;
    const voice = this.#voices.get(leg);
    voice?.hearing?.close();
    voice?.speech?.close();
    this.#voices.delete(leg);
  }

  /** Takes a packet of a leg that is heard. */
  put(
    leg: number,
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ) {
    this.#hearing(leg)?.put(sequence, timestamp, bytes, start, end, nowMs);
  }

  putComfortNoise(
    leg: number,
    sequence: number,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    this.#hearing(leg)?.putComfortNoise(sequence, timestamp, bytes, start, end, nowMs);
  }

  /** A packet of the leg carries a digit or sound that nobody may hear. */
  skip(leg: number, sequence: number): void {
    this.#hearing(leg)?.skip(sequence);
  }

  /** The leg's stream begins anew. */
  restart(leg: number): void {
    this.#voices.get(leg)?.hearing?.restart();
  }

  /** Sends 20 ms of G.711 µ-law, generated at 8,000 Hz, to a leg that speaks another codec or packet length. */
  say(leg: number, ulaw: Uint8Array, start: number, nowMs: number): void {
    decodeUlaw(ulaw, start, start + telephoneSamples, this.#spoken);
    let voice = this.#voices.get(leg);
    if (voice === undefined) {
      voice = newVoice();
      this.#voices.set(leg, voice);
    }
    this.#speech(leg, voice, telephoneRateHz)?.say(
      this.#legs,
      this.#outlet,
      leg,
      this.#spoken,
      telephoneRateHz,
      nowMs,
    );
  }

  /** The far end of a leg loses this share of what it is sent, in percent. */
  expectLoss(leg: number, percent: number): void {
    this.#voices.get(leg)?.speech?.expectLoss(percent);
  }

  statistics(leg: number) {
    return this.#voices.get(leg)?.hearing?.statistics();
  }

  get isRunning(): boolean {
    return this.#schedule.isRunning;
  }

  stop(): void {
    this.#schedule.stop();
  }

  #conference(leg: number): Room | undefined {
    for (const room of this.#rooms) if (room.leg === leg) return room;
    return undefined;
  }

  /** Wide-band only where two can make use of it. */
  #rateFor(legs: readonly number[]): SampleRateHz {
    const wide = legs.filter((leg) => !isG711(this.#legs.law[leg] as number));
    return wide.length > 1 ? wideRateHz : telephoneRateHz;
  }

  #enter(room: Room, leg: number, settings: PartySettings): void {
    this.leave(leg);
    const { gain = 1, muted = false, supervision = null } = settings;
    const party: Party = { leg, mixed: room.mixer.add(), gain, muted, supervision: supervision ?? null };
    room.parties.set(leg, party);
    this.#roomOf.set(leg, room);
    const rateHz = this.#rateFor([...room.parties.keys()]);
    if (rateHz !== room.rateHz) room.setRate(rateHz);
    // Whom this one supervises, or who supervises it, may have come later.
    for (const each of room.parties.values()) this.#apply(room, each);
  }

  #exit(room: Room, leg: number): void {
    const party = room.parties.get(leg);
    if (party === undefined) return;
    room.parties.delete(leg);
    room.mixer.remove(party.mixed);
    this.#roomOf.delete(leg);
    this.update(leg);
  }

  #apply(room: Room, party: Party): void {
    const { mixer } = room;
    mixer.setGain(party.mixed, party.gain);
    const { supervision } = party;
    if (supervision === null) {
      mixer.setAudience(party.mixed, 'everybody');
      mixer.setMuted(party.mixed, party.muted);
      return;
    }
    const supervised = room.parties.get(supervision.leg);
    // Who supervises somebody that is not there listens.
    const mode = supervised === undefined && supervision.mode === 'whisper' ? 'listen' : supervision.mode;
    supervise(mixer, party.mixed, supervised?.mixed ?? party.mixed, mode);
    if (party.muted) mixer.setMuted(party.mixed, true);
  }

  #hearing(leg: number): Hearing | undefined {
    const voice = this.#voices.get(leg);
    const codec = this.#codecs.get(this.#legs.law[leg] as number);
    if (voice === undefined || codec === undefined) return undefined;
    const rateHz = this.#roomOf.get(leg)?.rateHz ?? telephoneRateHz;
    if (voice.hearing?.codec !== codec || voice.hearing.rateHz !== rateHz) {
      voice.hearing?.close();
      voice.hearing = new Hearing(codec, rateHz, leg + 1);
      voice.frame = new Int16Array((rateHz / 1000) * tickMs);
    }
    return voice.hearing;
  }

  #speech(leg: number, voice: Voice, rateHz: number): Speech | undefined {
    const codec = this.#codecs.get(this.#legs.law[leg] as number);
    if (codec === undefined) return undefined;
    const packetTimeMs = this.#legs.packetMs[leg] as number;
    if (voice.speech?.codec !== codec || voice.speech.packetTimeMs !== packetTimeMs) {
      voice.speech?.close();
      voice.speech = new Speech(codec, rateHz, packetTimeMs);
    }
    return voice.speech;
  }

  #step(nowMs: number): boolean {
    this.#encoded.frame = undefined;
    let isNeeded = this.#rooms.size > 0;
    for (const [leg, voice] of this.#voices) {
      if (((this.#legs.isHeard[leg] as number) & ears.rooms) === 0) continue;
      isNeeded = true;
      this.#hear(leg, voice, nowMs);
    }
    for (const room of this.#rooms) {
      room.feedAnnouncement();
      room.mixer.mix();
      for (const { leg, mixed } of room.parties.values()) this.#tell(room, leg, mixed, nowMs);
      room.record(this.#recorder, nowMs);
    }
    return isNeeded;
  }

  /** Reads what a leg says now, for its room and its recordings. */
  #hear(leg: number, voice: Voice, nowMs: number): void {
    const hearing = this.#hearing(leg);
    if (hearing === undefined || this.#legs.mayReceive[leg] !== 1) return;
    const room = this.#roomOf.get(leg);
    const party = room?.parties.get(leg);
    const frame = room === undefined || party === undefined ? voice.frame : room.mixer.input(party.mixed);
    hearing.read(frame, nowMs);
    if (room !== undefined && party !== undefined) room.mixer.fed(party.mixed);
    if (!isG711(this.#legs.law[leg] as number) && this.#recorder.hears(leg)) {
      hearing.record(this.#recorder, leg, frame, nowMs);
    }
  }

  /** Sends a party what it hears, unless something is played to it instead. */
  #tell(room: Room, leg: number, mixed: number, nowMs: number): void {
    const legs = this.#legs;
    if (legs.maySend[leg] !== 1 || legs.isGenerating[leg] === 1) return;
    const codec = legs.law[leg] as number;
    const frame = room.mixer.output(mixed);
    if (!isG711(codec) || legs.packetMs[leg] !== tickMs || room.rateHz !== telephoneRateHz) {
      const voice = this.#voices.get(leg);
      if (voice === undefined) return;
      this.#speech(leg, voice, room.rateHz)?.say(legs, this.#outlet, leg, frame, room.rateHz, nowMs);
      return;
    }
    const encoded = this.#encoded;
    if (encoded.frame !== frame || encoded.codec !== codec) {
      encodeG711(codec, frame, encoded.bytes);
      encoded.frame = frame;
      encoded.codec = codec;
    }
    this.#outlet.buffer.bytes.set(encoded.bytes, rtpHeaderBytes);
    const marker = !legs.outgoing.continuesGenerated(leg);
    const timestamp = legs.outgoing.nextGeneratedTimestamp(leg, telephoneSamples, nowMs);
    sendPayload(legs, this.#outlet, leg, marker, timestamp, telephoneSamples, nowMs);
  }
}

function newVoice(): Voice {
  return { hearing: undefined, speech: undefined, frame: new Int16Array(telephoneSamples) };
}
