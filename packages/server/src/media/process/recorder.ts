import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { type RecordedLaw, rtpUnitsPerMs, TimelineTable } from '@crosspoint/media';
import type {
  MediaEventBody,
  RecordingFormat,
  RecordingInfo,
  RecordingStartParams,
  RecordingSummary,
} from '../protocol.ts';
import { CommandError } from './errors.ts';
import { type LegTable, noLeg } from './legs.ts';
import { monotonicMs, type PacketBuffer } from './packets.ts';
import { PieceBuffers, type RecordingDisk } from './recording-disk.ts';
import { frameBytes, RecordingFile } from './recording-file.ts';
import { framesIn, leftOf } from './recover.ts';

/**
 * Sound of all recordings is written in this rhythm and then brought to the medium. With the slack below, what an encoder holds
 * back, and the time that the disk takes, neither a crash nor a power cut costs more than a second.
 */
const flushIntervalMs = 500;
/** The latest stretch stays in the ring, where late packets still find their place. */
const slackMs = 160;
/** Flush interval, slack, packets ahead of time, and a busy loop's delay fit into this. */
const ringFrames = 10_240;
/** What one write takes at most: a flush interval and some delay. Buffers that wait for the disk are this long. */
const pieceFrames = 6_400;
const recordingsMax = 4096;
const recordingsPerLegMax = 8;
const framesPerSecond = 8000;
const noTap = -1;

/** What is touched rarely; for each packet there are tables by its index. */
interface Recording {
  id: string;
  index: number;
  path: string;
  file: RecordingFile;
  /** Frames of the file before its beginning, or before the instant at which it is continued. */
  formerFrames: number;
  /** Leg index per channel, or −1. */
  legs: [number, number];
  isClosing: boolean;
}

/** Where the files of each format are written. */
export type RecordingDisks = Readonly<Record<RecordingFormat, RecordingDisk>>;

/** Every recording of the process: what the legs say, placed on a time axis and flushed to the disk. */
export class Recorder {
  readonly #legs: LegTable;
  readonly #emit: (event: MediaEventBody) => void;
  readonly #disks: RecordingDisks;
  readonly #secure: () => void;
  readonly #recordings = new Map<string, Recording>();
  /** The recordings by index; free ones are undefined. */
  readonly #byIndex: (Recording | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #timelines = new TimelineTable(recordingsMax, ringFrames);
  /** `framesOf` the beginning of each recording, or of the instant at which it is continued. */
  readonly #startedAtFrames = new Int32Array(recordingsMax);
  readonly #isPaused = new Uint8Array(recordingsMax);
  /**
   * The first tap on each leg, and behind each tap the next one on the same leg, or −1. A tap is a channel of a recording: its index
   * times 2, and 1 more for the right channel.
   */
  readonly #firstTap: Int16Array;
  readonly #nextTap = new Int16Array(recordingsMax * 2).fill(noTap);
  readonly #buffers = new PieceBuffers(pieceFrames * frameBytes);
  /** Called when a leg begins or ceases to be recorded. */
  onListenersChanged: (leg: number) => void = () => undefined;
  /** Lost by recordings that are closed already. */
  #lostBytesBefore = 0;
  /** The interval that was written last. */
  #interval = -1;

  /** @param secure brings to the medium what the disks were given */
  constructor(
    legs: LegTable,
    emit: (event: MediaEventBody) => void,
    disks: RecordingDisks,
    secure: () => void,
  ) {
    this.#legs = legs;
    this.#emit = emit;
    this.#disks = disks;
    this.#secure = secure;
    this.#firstTap = new Int16Array(legs.capacity).fill(noTap);
  }

  get size(): number {
    return this.#recordings.size;
  }

  get lostBytes(): number {
    let sum = this.#lostBytesBefore;
    for (const recording of this.#recordings.values()) sum += recording.file.lostBytes;
    return sum;
  }

  /** Begins at once, and resolves when the file is open. Rejects with a CommandError. */
  async start(params: RecordingStartParams): Promise<void> {
    const { recordingId, path, format = 'wav', continueAfterMs } = params;
    if (this.#recordings.has(recordingId)) {
      throw new CommandError(
        'already-exists',
        `recordingId: ${recordingId} is being recorded; use another id`,
      );
    }
    if (this.#recordings.size >= recordingsMax) {
      throw new CommandError(
        'recording-limit',
        `more than ${recordingsMax} recordings at once; stop one first`,
      );
    }
    if (!isAbsolute(path)) throw new CommandError('invalid-request', `path: ${path} must be absolute`);
    const channels: [number, number] = [this.#legOf('left', params.left), this.#legOf('right', params.right)];
    const disk = this.#disks[format];
    const { open, first } = this.#opening(path, disk, continueAfterMs !== undefined, () => recording);
    const recording: Recording = {
      id: recordingId,
      index: this.#free.pop() ?? this.#byIndex.length,
      path,
      file: new RecordingFile(open, disk, this.#buffers, this.#fileEvents(recordingId)),
      formerFrames: Math.floor((continueAfterMs ?? 0) * rtpUnitsPerMs),
      legs: [noLeg, noLeg],
      isClosing: false,
    };
    this.#begin(recording);
    this.#assign(recording, 0, channels[0]);
    this.#assign(recording, 1, channels[1]);
    try {
      await first;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        'recording-unwritable',
        `path: ${path} cannot be created (${why}); check path, rights and space`,
      );
    }
  }

  #begin(recording: Recording): void {
    const { id, index } = recording;
    this.#recordings.set(id, recording);
    this.#byIndex[index] = recording;
    this.#timelines.start(index);
    this.#isPaused[index] = 0;
    // Not when the disk has made the file, which may take it seconds: what is said meanwhile is recorded.
    this.#startedAtFrames[index] = framesOf(monotonicMs());
  }

  /** How the file of a recording is opened. `first` settles with the first attempt, which ends the recording where there is no use in others. */
  #opening(path: string, disk: RecordingDisk, isContinued: boolean, recording: () => Recording) {
    const first = Promise.withResolvers<void>();
    let isFirst = true;
    let isMeasured = !isContinued;
    const open = async (): Promise<number> => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        if (!isMeasured) this.#continueAfter(recording(), await framesIn(path));
        isMeasured = true;
        const descriptor = await disk.open(path, isContinued);
        first.resolve();
        return descriptor;
      } catch (error) {
        // A recording that has no room begins when there is some; anything else is told to who asked for it.
        if (isFirst && !isRoomMissing(error)) {
          recording().file.abandon();
          this.#forget(recording());
          first.reject(error);
        } else first.resolve();
        throw error;
      } finally {
        isFirst = false;
      }
    };
    return { open, first: first.promise };
  }

  /** What was written before is never written over. */
  #continueAfter(recording: Recording, knownFrames: number): void {
    const laterFrames = Math.max(0, knownFrames - recording.formerFrames);
    recording.formerFrames += laterFrames;
    recording.file.continueAfter(knownFrames * frameBytes, laterFrames * frameBytes);
  }

  #forget(recording: Recording): void {
    this.#assign(recording, 0, noLeg);
    this.#assign(recording, 1, noLeg);
    this.#end(recording);
  }

  #end({ id, index }: Recording): void {
    this.#recordings.delete(id);
    this.#byIndex[index] = undefined;
    this.#free.push(index);
  }

  /** Changes who is heard; undefined leaves a channel as it is, null silences it. */
  attach(recordingId: string, left: string | null | undefined, right: string | null | undefined): void {
    const recording = this.#require(recordingId);
    const legs = [left, right].map((leg, i) =>
      leg === undefined ? undefined : this.#legOf(i === 0 ? 'left' : 'right', leg),
    );
    if (legs[0] !== undefined) this.#assign(recording, 0, legs[0]);
    if (legs[1] !== undefined) this.#assign(recording, 1, legs[1]);
  }

  pause(recordingId: string): void {
    this.#isPaused[this.#require(recordingId).index] = 1;
  }

  resume(recordingId: string): void {
    const { index } = this.#require(recordingId);
    if (this.#isPaused[index] === 0) return;
    this.#isPaused[index] = 0;
    this.#timelines.restart(index, 0);
    this.#timelines.restart(index, 1);
  }

  /** Ends a recording; resolves when its file is complete. */
  async stop(recordingId: string): Promise<RecordingSummary> {
    const recording = this.#require(recordingId);
    recording.isClosing = true;
    this.#assign(recording, 0, noLeg);
    this.#assign(recording, 1, noLeg);
    this.#flush(recording, this.#framesAt(recording.index, monotonicMs()));
    const complete = await recording.file.close();
    // What a full disk refused at the end is not in the file, so it does not count as recorded; half of a piece may be.
    const { durationSeconds } = recording.file;
    const left = complete ? {} : await leftOf(recording.path);
    this.#end(recording);
    this.#lostBytesBefore += recording.file.lostBytes;
    const summary = { ...this.#summary(recording), durationSeconds, ...left };
    this.#emit({ event: 'recording-closed', complete, ...summary });
    return summary;
  }

  async stopAll(): Promise<void> {
    const open = [...this.#recordings.values()].filter((recording) => !recording.isClosing);
    await Promise.all(open.map((recording) => this.stop(recording.id)));
    for (const disk of Object.values(this.#disks)) disk.stop();
  }

  /** True when this file is being recorded. */
  isWriting(path: string): boolean {
    for (const recording of this.#recordings.values()) if (recording.path === path) return true;
    return false;
  }

  /** True when somebody records this leg. */
  hears(leg: number): boolean {
    return this.#firstTap[leg] !== noTap;
  }

  /** Puts what a leg says into its recordings. */
  place(
    leg: number,
    packetLaw: RecordedLaw,
    timestamp: number,
    packet: Pick<PacketBuffer, 'bytes' | 'words'>,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    const timelines = this.#timelines;
    const { bytes, words } = packet;
    for (let tap = this.#firstTap[leg] as number; tap !== noTap; tap = this.#nextTap[tap] as number) {
      const index = tap >> 1;
      const side = (tap & 1) as 0 | 1;
      if (this.#isPaused[index] === 1) continue;
      const now = this.#framesAt(index, nowMs);
      if (timelines.place(index, side, packetLaw, timestamp, bytes, start, end, now, words)) continue;
      // The loop was so late that the ring is full: make room at once, then place.
      this.#flush(this.#byIndex[index] as Recording, now - slackMs * rtpUnitsPerMs);
      timelines.place(index, side, packetLaw, timestamp, bytes, start, end, now, words);
    }
  }

  /** A leg's timestamps begin anew. */
  restart(leg: number): void {
    for (let tap = this.#firstTap[leg] as number; tap !== noTap; tap = this.#nextTap[tap] as number)
      this.#timelines.restart(tap >> 1, (tap & 1) as 0 | 1);
  }

  /** The leg is gone; its channel becomes silent, the recording goes on. */
  release(leg: number): void {
    for (let tap = this.#firstTap[leg] as number; tap !== noTap; tap = this.#firstTap[leg] as number)
      this.#assign(this.#byIndex[tap >> 1] as Recording, (tap & 1) as 0 | 1, noLeg);
  }

  /** Writes what is due; called some times a second. */
  flushDue(nowMs: number): void {
    const interval = Math.floor(nowMs / flushIntervalMs);
    if (interval === this.#interval || this.#recordings.size === 0) return;
    this.#interval = interval;
    for (const recording of this.#recordings.values()) {
      if (recording.isClosing) continue;
      this.#flush(recording, this.#framesAt(recording.index, nowMs) - slackMs * rtpUnitsPerMs);
    }
    this.#secure();
  }

  summaries(): RecordingSummary[] {
    return [...this.#recordings.values()].map((recording) => this.#summary(recording));
  }

  list(): RecordingInfo[] {
    return [...this.#recordings.values()].map((recording) => ({
      ...this.#summary(recording),
      state:
        this.#isPaused[recording.index] === 1 ? 'paused' : recording.file.isStalled ? 'stalled' : 'recording',
      left: this.#legs.ids[recording.legs[0]] ?? null,
      right: this.#legs.ids[recording.legs[1]] ?? null,
    }));
  }

  #flush({ index, file, formerFrames }: Recording, untilFrame: number): void {
    const timelines = this.#timelines;
    for (;;) {
      const takenFrames = timelines.takenFrames[index] as number;
      if (takenFrames >= untilFrame) return;
      const position = (formerFrames + takenFrames) * frameBytes;
      const pieceEnd = Math.min(untilFrame, takenFrames + pieceFrames);
      const buffer = this.#buffers.take();
      if (buffer === undefined) {
        const frames = timelines.take(index, pieceEnd, scratch);
        file.lose(frames * frameBytes, 'disk-slow', 'the disk does not keep up; check its load');
        continue;
      }
      const samples = new Int16Array(buffer.buffer, buffer.byteOffset, pieceFrames * 2);
      const frames = timelines.take(index, pieceEnd, samples);
      file.append(buffer, frames * frameBytes, position);
    }
  }

  #summary({ id, index, path, file, formerFrames }: Recording): RecordingSummary {
    return {
      recordingId: id,
      path,
      durationSeconds: (formerFrames + (this.#timelines.takenFrames[index] as number)) / framesPerSecond,
      bytes: file.bytes,
    };
  }

  #framesAt(index: number, nowMs: number): number {
    // Both wrap at 2³²; their difference is right for 74 hours, and a small integer.
    return (framesOf(nowMs) - (this.#startedAtFrames[index] as number)) | 0;
  }

  #require(recordingId: string): Recording {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined || recording.isClosing) {
      throw new CommandError('unknown-recording', `recordingId: ${recordingId} is not being recorded`);
    }
    return recording;
  }

  #legOf(field: string, legId: string | null | undefined): number {
    if (legId === null || legId === undefined) return noLeg;
    const leg = this.#legs.indexOf.get(legId);
    if (leg === undefined)
      throw new CommandError('unknown-leg', `${field}: there is no leg ${legId}; allocate it first`);
    if (this.#tapsOn(leg) >= recordingsPerLegMax) {
      throw new CommandError(
        'recording-limit',
        `${field}: ${legId} is in ${recordingsPerLegMax} recordings already`,
      );
    }
    return leg;
  }

  #tapsOn(leg: number): number {
    let count = 0;
    for (let tap = this.#firstTap[leg] as number; tap !== noTap; tap = this.#nextTap[tap] as number) count++;
    return count;
  }

  #assign(recording: Recording, channel: 0 | 1, leg: number): void {
    const former = recording.legs[channel];
    if (former === leg) return;
    const tap = recording.index * 2 + channel;
    if (former !== noLeg) this.#takeOff(tap, former);
    recording.legs[channel] = leg;
    this.#timelines.restart(recording.index, channel);
    if (leg === noLeg) return;
    this.#nextTap[tap] = this.#firstTap[leg] as number;
    this.#firstTap[leg] = tap;
    this.onListenersChanged(leg);
  }

  #takeOff(tap: number, leg: number): void {
    const behind = this.#nextTap[tap] as number;
    if (this.#firstTap[leg] === tap) this.#firstTap[leg] = behind;
    else {
      let before = this.#firstTap[leg] as number;
      while (this.#nextTap[before] !== tap) before = this.#nextTap[before] as number;
      this.#nextTap[before] = behind;
    }
    this.onListenersChanged(leg);
  }

  #fileEvents(recordingId: string) {
    return {
      failed: (code: 'disk-full' | 'disk-slow' | 'disk-error', message: string) =>
        this.#emit({ event: 'recording-failed', recordingId, code, message }),
      resumed: (lostBytes: number) =>
        this.#emit({
          event: 'recording-resumed',
          recordingId,
          lostSeconds: lostBytes / frameBytes / framesPerSecond,
        }),
    };
  }
}

/** Where sound goes that no buffer is left for. */
const scratch = new Int16Array(pieceFrames * 2);

function isRoomMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/**
 * An instant in frames, as a signed 32-bit number that wraps. Whole milliseconds, so that all that begins with one (streams,
 * pieces) lies at multiples of 8 bytes in the rings.
 */
function framesOf(nowMs: number): number {
  return (Math.floor(nowMs) * rtpUnitsPerMs) | 0;
}
