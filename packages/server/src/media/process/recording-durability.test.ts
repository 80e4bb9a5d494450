import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedLaw, wavHeaderBytes } from '@crosspoint/media';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RecordingStartParams } from '../protocol.ts';
import { LegTable } from './legs.ts';
import type { FileSystemSync } from '../../platform/kernel/index.ts';
import type { FileWrite } from './packets.ts';
import { Recorder } from './recorder.ts';
import { recoverRecording } from './recover.ts';
import type { RecordingDisk } from './recording-disk.ts';
import { RecordingDurability } from './recording-durability.ts';
import { WavDisk } from './recording-wav-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-durability-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] });
});
afterEach(() => void vi.useRealTimers());

const pageBytes = 4_096;
const tickMs = 100;
const packetMs = 20;
const packetFrames = 160;
const bytesPerMs = 32;

/** The kernel's memory of one file, and what of it is on the medium. */
class CachedFile {
  readonly cached = Buffer.alloc(1_000_000);
  durable = Buffer.alloc(0);
  bytes = 0;
  #dirty = new Set<number>();
  #underway = new Set<number>();

  readonly write: FileWrite = (_descriptor, bytes, start, length, position, done) => {
    setTimeout(() => {
      this.cached.set(bytes.subarray(start, start + length), position);
      this.bytes = Math.max(this.bytes, position + length);
      for (let page = Math.floor(position / pageBytes); page * pageBytes < position + length; page++)
        this.#dirty.add(page);
      done(length);
    }, 2);
  };

  /** What was written before it began is on the medium when it ends. */
  sync(takesMs: number, done: (isDurable: boolean) => void): void {
    const durable = Buffer.from(this.cached.subarray(0, this.bytes));
    const pages = this.#dirty;
    this.#dirty = new Set();
    this.#underway = pages;
    setTimeout(() => {
      this.durable = durable;
      this.#underway = new Set();
      done(true);
    }, takesMs);
  }

  /** What a power cut leaves: of the pages that were not secured any may have reached the medium, in any order. */
  cut(reaches: (page: number) => boolean): Buffer {
    const pages = [...this.#dirty, ...this.#underway].filter(reaches);
    const ends = pages.map((page) => Math.min((page + 1) * pageBytes, this.bytes));
    const image = Buffer.alloc(Math.max(this.durable.length, ...ends));
    image.set(this.durable);
    for (const page of pages) {
      const at = page * pageBytes;
      image.set(this.cached.subarray(at, Math.min(at + pageBytes, this.bytes)), at);
    }
    return image;
  }
}

/** Names of files: what failed may be run again. */
let run = 0;

/** A recorder on disks that are watched, with two legs that talk all the time. */
class Talk {
  readonly log: string[] = [];
  readonly #legs = new LegTable(2);
  readonly #recorder: Recorder;

  constructor(disk: RecordingDisk, sync: FileSystemSync | undefined) {
    const durability = new RecordingDurability(
      () => sync,
      (failure) => this.log.push(failure ?? 'again'),
    );
    const wav = durability.watch(disk);
    const disks = { wav, mp3: wav };
    this.#recorder = new Recorder(
      this.#legs,
      () => undefined,
      disks,
      () => durability.secure(),
    );
    for (const leg of ['left', 'right']) this.#legs.publish(this.#legs.reserve(0, 1, 1, 1), leg);
  }

  async record(
    recordingId: string,
    path: string,
    legs: Pick<RecordingStartParams, 'left' | 'right'> = { left: 'left', right: 'right' },
  ): Promise<void> {
    await this.#recorder.start({ recordingId, path, ...legs });
  }

  /** No sample of it is silence. */
  async talk(forMs: number): Promise<void> {
    const sound = new Uint8Array(packetFrames);
    for (let at = 0; at < forMs; at += packetMs) {
      const nowMs = performance.now();
      for (let leg = 0; leg < 2 && this.#recorder.hears(leg); leg++) {
        sound.forEach((_, i) => (sound[i] = 1 + ((nowMs * 7 + i * 3 + leg) % 100)));
        this.#recorder.place(leg, recordedLaw.ulaw, nowMs * 8, { bytes: sound }, 0, packetFrames, nowMs);
      }
      if (at % tickMs === 0) this.#recorder.flushDue(nowMs);
      await vi.advanceTimersByTimeAsync(packetMs);
    }
  }

  stop(recordingId: string): Promise<unknown> {
    return this.#recorder.stop(recordingId);
  }
}

it('[REC-02] [OPS-03] a power cut at any instant leaves a recording that is whole until a second before', async () => {
  const reaching = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 60, max: 200 }),
      fc.integer({ min: 1, max: 150 }),
      reaching,
      async (packets, syncMs, reaches) => {
        const file = new CachedFile();
        const sync: FileSystemSync = (_descriptor, done) => file.sync(syncMs, done);
        const talk = new Talk(new WavDisk(() => file.write), sync);
        const path = join(folder, `${++run}.wav`);
        await talk.record('r', path);
        await talk.talk(packets * packetMs);
        const image = file.cut((page) => reaches[page % reaches.length] === true);
        const cutPath = join(folder, `cut-${run}.wav`);
        writeFileSync(cutPath, image);
        await recoverRecording(cutPath);
        const until = wavHeaderBytes + (packets * packetMs - 1_000) * bytesPerMs;
        const kept = readFileSync(cutPath).subarray(wavHeaderBytes, until);
        expect(kept).toHaveLength(until - wavHeaderBytes);
        expect(kept.equals(file.cached.subarray(wavHeaderBytes, until))).toBe(true);
        expect(new Int16Array(Uint8Array.from(kept).buffer).includes(0)).toBe(false);
        await stopped(talk);
      },
    ),
    { numRuns: 40 },
  );
});

/** Time goes on until the recording is closed. */
async function stopped(talk: Talk, recordingIds = ['r']): Promise<void> {
  let isStopped = false;
  const stopping = Promise.all(recordingIds.map((id) => talk.stop(id))).finally(() => (isStopped = true));
  while (!isStopped) await vi.advanceTimersByTimeAsync(1);
  await stopping;
}

it('[REC-02] the disk is asked twice a second, however many recordings there are', async () => {
  let asked = 0;
  const sync: FileSystemSync = (_descriptor, done) => {
    asked++;
    done(true);
  };
  const file = new CachedFile();
  const talk = new Talk(new WavDisk(() => file.write), sync);
  const ids = Array.from({ length: 50 }, (_, i) => `r${i}`);
  for (const id of ids) await talk.record(id, join(folder, `many-${++run}.wav`), { left: null, right: null });
  await talk.talk(5_000);
  expect(asked).toBeGreaterThanOrEqual(9);
  expect(asked).toBeLessThanOrEqual(11);
  expect(talk.log).toEqual([]);
  await stopped(talk, ids);
});

it('[REC-02] a disk that is slow is asked again when it has answered, and a file is closed after that', async () => {
  const answers: (() => void)[] = [];
  const sync: FileSystemSync = (_descriptor, done) => void answers.push(() => done(true));
  const file = new CachedFile();
  const talk = new Talk(new WavDisk(() => file.write), sync);
  await talk.record('r', join(folder, `slow-${++run}.wav`));
  await talk.talk(3_000);
  expect(answers).toHaveLength(1);
  let isClosed = false;
  const closing = talk.stop('r').then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(500);
  expect(isClosed).toBe(false);
  answers[0]?.();
  while (!isClosed) await vi.advanceTimersByTimeAsync(10);
  await closing;
});

it('[REC-02] a file system that cannot be brought to the medium is told once, with the reason, and when it works again', async () => {
  let works = false;
  const sync: FileSystemSync = (_descriptor, done) => done(works);
  const file = new CachedFile();
  const disk = new WavDisk(() => file.write);
  // A device takes no fdatasync (EINVAL).
  const talk = new Talk({ ...diskOf(disk), open: () => disk.open('/dev/null', true) }, sync);
  await talk.record('r', join(folder, 'failing.wav'));
  await until(talk, () => talk.log.length > 0);
  await talk.talk(2_000);
  expect(talk.log).toEqual([expect.stringMatching(/EINVAL/)]);
  works = true;
  await until(talk, () => talk.log.length > 1);
  expect(talk.log[1]).toBe('again');
  await stopped(talk);
  expect(talk.log).toHaveLength(2);
});

it('[REC-02] without such a call each file is brought to the medium by itself', async () => {
  const file = new CachedFile();
  const disk = new WavDisk(() => file.write);
  const talk = new Talk({ ...diskOf(disk), open: () => disk.open('/dev/null', true) }, undefined);
  await talk.record('r', join(folder, 'each.wav'));
  await until(talk, () => talk.log.length > 0);
  expect(talk.log).toEqual([expect.stringMatching(/EINVAL/)]);
  await stopped(talk);
  // Nothing is recorded any more: nothing can be lost, and no later success would tell.
  expect(talk.log[1]).toBe('again');
});

function diskOf(disk: WavDisk): RecordingDisk {
  return {
    open: (...file) => disk.open(...file),
    write: (...piece) => disk.write(...piece),
    close: (...file) => disk.close(...file),
    stop: () => disk.stop(),
  };
}

/** What the real disk says comes in its own time: people talk on until then. */
async function until(talk: Talk, isSo: () => boolean): Promise<void> {
  for (let times = 0; times < 500 && !isSo(); times++) {
    await talk.talk(tickMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(isSo()).toBe(true);
}
