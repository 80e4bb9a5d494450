import { mkdir } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { type RecordedLaw, RecordingTimeline, rtpUnitsPerMs } from '@crosspoint/media';
import type {
  MediaEventBody,
  RecordingFormat,
  RecordingInfo,
  RecordingStartParams,
  RecordingSummary,
} from '../protocol.ts';
import { CommandError } from './errors.ts';
import { type LegTable, noLeg } from './legs.ts';
import { monotonicMs } from './packets.ts';
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
const attachmentsPerLegMax = 8;
const framesPerSecond = 8000;

interface Recording {
  id: string;
  path: string;
  file: RecordingFile;
  timeline: RecordingTimeline;
  /** `framesOf` its beginning, or of the instant at which it is continued. */
  startedAtFrames: number;
  /** Frames of the file before that instant. */
  formerFrames: number;
  /** Leg index per channel, or −1. */
  legs: [number, number];
  isPaused: boolean;
  isClosing: boolean;
}

interface Attachment {
  recording: Recording;
  channel: 0 | 1;
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
  readonly #attachments: (Attachment[] | undefined)[];
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
    this.#attachments = new Array<Attachment[] | undefined>(legs.capacity).fill(undefined);
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
      path,
      file: new RecordingFile(open, disk, this.#buffers, this.#fileEvents(recordingId)),
      timeline: new RecordingTimeline(ringFrames),
      // Not when the disk has made the file, which may take it seconds: what is said meanwhile is recorded.
      startedAtFrames: framesOf(monotonicMs()),
      formerFrames: Math.floor((continueAfterMs ?? 0) * rtpUnitsPerMs),
      legs: [noLeg, noLeg],
      isPaused: false,
      isClosing: false,
    };
    this.#recordings.set(recordingId, recording);
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
    this.#recordings.delete(recording.id);
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
    this.#require(recordingId).isPaused = true;
  }

  resume(recordingId: string): void {
    const recording = this.#require(recordingId);
    if (!recording.isPaused) return;
    recording.isPaused = false;
    recording.timeline.restart(0);
    recording.timeline.restart(1);
  }

  /** Ends a recording; resolves when its file is complete. */
  async stop(recordingId: string): Promise<RecordingSummary> {
    const recording = this.#require(recordingId);
    recording.isClosing = true;
    this.#assign(recording, 0, noLeg);
    this.#assign(recording, 1, noLeg);
    this.#flush(recording, this.#framesAt(recording, monotonicMs()));
    const complete = await recording.file.close();
    // What a full disk refused at the end is not in the file, so it does not count as recorded; half of a piece may be.
    const { durationSeconds } = recording.file;
    const left = complete ? {} : await leftOf(recording.path);
    this.#recordings.delete(recordingId);
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
    return this.#attachments[leg] !== undefined;
  }

  /** Puts what a leg says into its recordings. */
  place(
    leg: number,
    packetLaw: RecordedLaw,
    timestamp: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    nowMs: number,
  ): void {
    for (const { recording, channel } of this.#attachments[leg] as Attachment[]) {
      if (recording.isPaused) continue;
      const now = this.#framesAt(recording, nowMs);
      const { timeline } = recording;
      if (timeline.place(channel, packetLaw, timestamp, bytes, start, end, now)) continue;
      // The loop was so late that the ring is full: make room at once, then place.
      this.#flush(recording, now - slackMs * rtpUnitsPerMs);
      timeline.place(channel, packetLaw, timestamp, bytes, start, end, now);
    }
  }

  /** A leg's timestamps begin anew. */
  restart(leg: number): void {
    for (const { recording, channel } of this.#attachments[leg] ?? []) recording.timeline.restart(channel);
  }

  /** The leg is gone; its channel becomes silent, the recording goes on. */
  release(leg: number): void {
    for (const { recording, channel } of [...(this.#attachments[leg] ?? [])])
      this.#assign(recording, channel, noLeg);
  }

  /** Writes what is due; called some times a second. */
  flushDue(nowMs: number): void {
    const interval = Math.floor(nowMs / flushIntervalMs);
    if (interval === this.#interval || this.#recordings.size === 0) return;
    this.#interval = interval;
    for (const recording of this.#recordings.values()) {
      if (recording.isClosing) continue;
      this.#flush(recording, this.#framesAt(recording, nowMs) - slackMs * rtpUnitsPerMs);
    }
    this.#secure();
  }

  summaries(): RecordingSummary[] {
    return [...this.#recordings.values()].map((recording) => this.#summary(recording));
  }

  list(): RecordingInfo[] {
    return [...this.#recordings.values()].map((recording) => ({
      ...this.#summary(recording),
      state: recording.isPaused ? 'paused' : recording.file.isStalled ? 'stalled' : 'recording',
      left: this.#legs.ids[recording.legs[0]] ?? null,
      right: this.#legs.ids[recording.legs[1]] ?? null,
    }));
  }

  #flush(recording: Recording, untilFrame: number): void {
    const { timeline, file, formerFrames } = recording;
    while (timeline.takenFrames < untilFrame) {
      const position = (formerFrames + timeline.takenFrames) * frameBytes;
      const pieceEnd = Math.min(untilFrame, timeline.takenFrames + pieceFrames);
      const buffer = this.#buffers.take();
      if (buffer === undefined) {
        const frames = timeline.take(pieceEnd, scratch);
        file.lose(frames * frameBytes, 'disk-slow', 'the disk does not keep up; check its load');
        continue;
      }
      const frames = timeline.take(
        pieceEnd,
        new Int16Array(buffer.buffer, buffer.byteOffset, pieceFrames * 2),
      );
      file.append(buffer, frames * frameBytes, position);
    }
  }

  #summary(recording: Recording): RecordingSummary {
    const { id, path, file, timeline, formerFrames } = recording;
    return {
      recordingId: id,
      path,
      durationSeconds: (formerFrames + timeline.takenFrames) / framesPerSecond,
      bytes: file.bytes,
    };
  }

  #framesAt(recording: Recording, nowMs: number): number {
    // Both wrap at 2³²; their difference is right for 74 hours, and a small integer.
    return (framesOf(nowMs) - recording.startedAtFrames) | 0;
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
    if ((this.#attachments[leg]?.length ?? 0) >= attachmentsPerLegMax) {
      throw new CommandError(
        'recording-limit',
        `${field}: ${legId} is in ${attachmentsPerLegMax} recordings already`,
      );
    }
    return leg;
  }

  #assign(recording: Recording, channel: 0 | 1, leg: number): void {
    const former = recording.legs[channel];
    if (former === leg) return;
    if (former !== noLeg) {
      const rest = this.#attachments[former]?.filter(
        (attachment) => attachment.recording !== recording || attachment.channel !== channel,
      );
      this.#attachments[former] = rest === undefined || rest.length === 0 ? undefined : rest;
      this.onListenersChanged(former);
    }
    recording.legs[channel] = leg;
    recording.timeline.restart(channel);
    if (leg === noLeg) return;
    const list = this.#attachments[leg];
    if (list === undefined) this.#attachments[leg] = [{ recording, channel }];
    else list.push({ recording, channel });
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

/** An instant in frames, as a signed 32-bit number that wraps. */
function framesOf(nowMs: number): number {
  return Math.floor(nowMs * rtpUnitsPerMs) | 0;
}
