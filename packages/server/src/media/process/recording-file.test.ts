import { parseWavHeader, wavHeaderBytes, writeWavHeader } from '@crosspoint/media';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DiskError, PieceBuffers, type PieceWrite, type RecordingDisk } from './recording-disk.ts';
import { RecordingFile, recordingFormat } from './recording-file.ts';

const pieceBytes = 4000;

/** A disk in memory that can be full, slow or broken. */
class TestDisk implements RecordingDisk {
  readonly file = new Uint8Array(1_000_000);
  error: DiskError | undefined;
  isHanging = false;
  syncFails = false;
  isClosed = false;
  #hanging: (() => void)[] = [];

  open(): Promise<number> {
    return Promise.resolve(1);
  }

  write(piece: PieceWrite, done: (error: DiskError | undefined) => void): void {
    const finish = (): void => {
      if (this.error === undefined) {
        this.file.set(piece.buffer.subarray(0, piece.length), wavHeaderBytes + piece.position);
        writeWavHeader(this.file, recordingFormat, piece.dataBytes);
      }
      done(this.error);
    };
    if (this.isHanging) this.#hanging.push(finish);
    else setTimeout(finish, 1);
  }

  goOn(): void {
    this.isHanging = false;
    for (const finish of this.#hanging.splice(0)) finish();
  }

  close(_descriptor: number, done: (isDurable: boolean) => void): void {
    this.isClosed = true;
    done(!this.syncFails);
  }

  stop(): void {
    this.isHanging = false;
  }

  get soundBytes(): number {
    const info = parseWavHeader(this.file);
    if ('problem' in info) throw new Error(info.problem);
    return info.dataBytes;
  }
}

const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

describe('recording file', () => {
  const buffers = new PieceBuffers(pieceBytes);
  let disk: TestDisk;
  let events: string[];
  let file: RecordingFile;
  let position: number;

  function append(value: number): void {
    const buffer = buffers.take() as Uint8Array;
    buffer.fill(value);
    file.append(buffer, pieceBytes, position);
    position += pieceBytes;
  }

  beforeEach(() => {
    vi.useFakeTimers();
    disk = new TestDisk();
    events = [];
    position = 0;
    file = new RecordingFile(() => disk.open(), disk, buffers, {
      failed: (code) => events.push(code),
      resumed: (lost) => events.push(`resumed ${lost}`),
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('[REC-04] is a valid file from the beginning and after every piece', async () => {
    await vi.runAllTimersAsync();
    expect(disk.soundBytes).toBe(0);
    append(1);
    append(2);
    await vi.runAllTimersAsync();
    expect(disk.soundBytes).toBe(2 * pieceBytes);
    expect(file.bytes).toBe(wavHeaderBytes + 2 * pieceBytes);
    expect(await file.close()).toBe(true);
    expect(disk.isClosed).toBe(true);
    expect(events).toEqual([]);
  });

  it('[REC-05] says that the disk is full, goes on trying, and resumes without a loss when there is room in time', async () => {
    disk.error = full;
    append(1);
    append(2);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(events).toEqual(['disk-full']);
    expect(file.isStalled).toBe(true);
    disk.error = undefined;
    await vi.advanceTimersByTimeAsync(1_500);
    expect(events).toEqual(['disk-full', 'resumed 0']);
    expect(disk.soundBytes).toBe(2 * pieceBytes);
    expect(disk.file[wavHeaderBytes]).toBe(1);
  });

  it('[REC-06] gives up the oldest sound beyond its queue and leaves silence of the true length', async () => {
    await vi.runAllTimersAsync();
    disk.error = full;
    for (let i = 1; i <= 16; i++) append(i);
    await vi.advanceTimersByTimeAsync(100);
    disk.error = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(events[0]).toMatch(/^disk-/);
    expect(events.at(-1)).toBe(`resumed ${4 * pieceBytes}`);
    expect(file.lostBytes).toBe(4 * pieceBytes);
    expect(disk.soundBytes).toBe(16 * pieceBytes);
    const firstOf = (piece: number): number => disk.file[wavHeaderBytes + (piece - 1) * pieceBytes] as number;
    expect([1, 2, 5, 6, 16].map(firstOf)).toEqual([1, 0, 0, 6, 16]);
    expect(await file.close()).toBe(false);
  });

  it('[REC-06] states the length of what is in the file, not of what the disk refused to the end', async () => {
    append(1);
    await vi.runAllTimersAsync();
    disk.error = full;
    append(2);
    const closed = file.close();
    await vi.runAllTimersAsync();
    expect(await closed).toBe(false);
    expect(file.durationSeconds).toBe(pieceBytes / 4 / 8000);
    expect(disk.soundBytes).toBe(pieceBytes);
  });

  it('[REC-06] says that a disk is slow before sound is lost silently', async () => {
    await vi.runAllTimersAsync();
    disk.isHanging = true;
    for (let i = 1; i <= 12; i++) append(i);
    expect(events).toEqual([]);
    append(13);
    expect(events).toEqual(['disk-slow']);
    disk.goOn();
    await vi.runAllTimersAsync();
    expect(events).toEqual(['disk-slow', `resumed ${pieceBytes}`]);
  });

  /** A file that the disk had no room for. */
  function unopened(open: () => Promise<number>): RecordingFile {
    return new RecordingFile(open, disk, buffers, {
      failed: (code) => events.push(code),
      resumed: (lost) => events.push(`resumed ${lost}`),
    });
  }

  it('[REC-05] is begun when there is room, with the sound that waited', async () => {
    await vi.runAllTimersAsync();
    let hasRoom = false;
    file = unopened(() => (hasRoom ? Promise.resolve(1) : Promise.reject(full)));
    append(1);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(events).toEqual(['disk-full']);
    expect(disk.soundBytes).toBe(0);
    hasRoom = true;
    await vi.advanceTimersByTimeAsync(1_500);
    expect(events).toEqual(['disk-full', 'resumed 0']);
    expect(disk.soundBytes).toBe(pieceBytes);
    expect(await file.close()).toBe(true);
  });

  it('[REC-06] of which more is there already than its age says begins behind that, with the sound that waited', async () => {
    await vi.runAllTimersAsync();
    const opened = Promise.withResolvers<number>();
    file = unopened(() => opened.promise);
    append(7);
    file.continueAfter(2 * pieceBytes, 2 * pieceBytes);
    opened.resolve(1);
    await vi.runAllTimersAsync();
    expect(disk.soundBytes).toBe(3 * pieceBytes);
    expect(disk.file[wavHeaderBytes + 2 * pieceBytes]).toBe(7);
  });

  it('[REC-07] tells and tries nothing more once it is abandoned', async () => {
    await vi.runAllTimersAsync();
    let attempts = 0;
    file = unopened(() => {
      attempts += 1;
      return Promise.reject(new Error('no such folder'));
    });
    append(1);
    file.abandon();
    await vi.advanceTimersByTimeAsync(10_000);
    expect({ attempts, events }).toEqual({ attempts: 1, events: [] });
  });

  it('[REC-07] that found no room to its end ends without a file', async () => {
    await vi.runAllTimersAsync();
    file = unopened(() => Promise.reject(full));
    append(1);
    const closed = file.close();
    await vi.runAllTimersAsync();
    expect(await closed).toBe(false);
    expect(disk.isClosed).toBe(false);
    expect(file.lostBytes).toBe(pieceBytes);
    expect(file.bytes).toBe(0);
  });

  it('[REC-07] ends also on a disk that never recovers, and says that it is not complete', async () => {
    await vi.runAllTimersAsync();
    disk.error = { code: 'EIO', message: 'input/output error' };
    append(1);
    const closed = file.close();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await closed).toBe(false);
    expect(events).toEqual(['disk-error']);
    expect(disk.isClosed).toBe(true);
    expect(disk.soundBytes).toBe(0);
  });

  it('[REC-07] is not complete when the flush to the medium fails', async () => {
    append(1);
    disk.syncFails = true;
    const closed = file.close();
    await vi.runAllTimersAsync();
    expect(await closed).toBe(false);
  });
});

describe('piece buffers', () => {
  it('[REC-08] are limited in sum and come back', () => {
    const small = new PieceBuffers(1024 * 1024);
    const taken: Uint8Array[] = [];
    for (let buffer = small.take(); buffer !== undefined; buffer = small.take()) taken.push(buffer);
    expect(taken).toHaveLength(64);
    small.give(taken[0] as Uint8Array);
    expect(small.take()).toBe(taken[0]);
  });
});
