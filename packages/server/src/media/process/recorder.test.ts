import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordedLaw } from '@crosspoint/media';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaEventBody } from '../protocol.ts';
import { LegTable } from './legs.ts';
import { Recorder } from './recorder.ts';
import type { PieceWrite, RecordingDisk } from './recording-disk.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-recorder-'));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'hrtime', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** A disk that takes the empty beginning of a file and is full from then on. */
function fullDisk(): RecordingDisk {
  return {
    open: () => Promise.resolve(1),
    write: ({ length }, done) =>
      done(length === 0 ? undefined : { code: 'ENOSPC', message: 'no space left on device' }),
    close: (_descriptor, done) => done(true),
    stop: () => undefined,
  };
}

it('[REC-06] the summary of a recording that the disk refused states the length of the file, and that it is not complete', async () => {
  const events: MediaEventBody[] = [];
  const disks = { wav: fullDisk(), mp3: fullDisk() };
  const recorder = new Recorder(
    new LegTable(2),
    (event) => events.push(event),
    disks,
    () => undefined,
  );
  await recorder.start({ recordingId: 'r', path: join(folder, 'r.wav'), left: null, right: null });
  await vi.advanceTimersByTimeAsync(500);
  const stopped = recorder.stop('r');
  await vi.advanceTimersByTimeAsync(5_000);
  const summary = await stopped;
  expect(summary).toMatchObject({ durationSeconds: 0, bytes: 44 });
  expect(events.map((event) => event.event)).toEqual(['recording-failed', 'recording-closed']);
  expect(events.at(-1)).toMatchObject({ complete: false, durationSeconds: 0 });
  expect(recorder.lostBytes).toBeGreaterThan(0);
});

/** A disk that makes a file when it is told to. */
function slowDisk() {
  const opened = Promise.withResolvers<number>();
  const written: PieceWrite[] = [];
  const disk: RecordingDisk = {
    open: () => opened.promise,
    write: (piece, done) => {
      if (piece.length > 0) written.push({ ...piece, buffer: piece.buffer.slice(0, piece.length) });
      done(undefined);
    },
    close: (_descriptor, done) => done(true),
    stop: () => undefined,
  };
  return { disk, opened, written };
}

function recorderOn(disk: RecordingDisk): { recorder: Recorder; events: MediaEventBody[]; leg: string } {
  const legs = new LegTable(2);
  legs.indexOf.set('customer', 0);
  legs.ids[0] = 'customer';
  const events: MediaEventBody[] = [];
  const recorder = new Recorder(
    legs,
    (event) => events.push(event),
    { wav: disk, mp3: disk },
    () => undefined,
  );
  return { recorder, events, leg: 'customer' };
}

it('[REC-02] what is said while the disk takes its time to make the file is recorded', async () => {
  const { disk, opened, written } = slowDisk();
  const { recorder, events, leg } = recorderOn(disk);
  const begun = recorder.start({ recordingId: 'r', path: join(folder, 'r.wav'), left: leg, right: null });
  const said = new Uint8Array(160).fill(0x10);
  for (let packet = 0; packet < 100; packet++) {
    recorder.place(0, recordedLaw.ulaw, packet * 160, { bytes: said }, 0, said.length, performance.now());
    await vi.advanceTimersByTimeAsync(20);
    recorder.flushDue(performance.now());
  }
  opened.resolve(1);
  await begun;
  const { durationSeconds } = await recorder.stop('r');
  expect(durationSeconds).toBeCloseTo(2, 1);
  expect(events.map((event) => event.event)).toEqual(['recording-closed']);
  const [first] = written;
  expect(first?.position).toBe(0);
  expect(first?.buffer.some((byte) => byte !== 0)).toBe(true);
});

it('[REC-07] a recording whose file cannot be made is refused, and leaves nothing behind', async () => {
  const refusal = Object.assign(new Error('not permitted'), { code: 'EACCES' });
  const { recorder, events, leg } = recorderOn({ ...slowDisk().disk, open: () => Promise.reject(refusal) });
  const start = { recordingId: 'r', path: join(folder, 'r.wav'), left: leg, right: null };
  const begun = recorder.start(start);
  await expect(begun).rejects.toThrow('cannot be created (not permitted)');
  await vi.advanceTimersByTimeAsync(5_000);
  expect({ events, size: recorder.size, hears: recorder.hears(0) }).toEqual({
    ...{ events: [], size: 0, hears: false },
  });
});
