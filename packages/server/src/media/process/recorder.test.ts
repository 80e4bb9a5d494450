import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaEventBody } from '../protocol.ts';
import { LegTable } from './legs.ts';
import { Recorder } from './recorder.ts';
import type { RecordingDisk } from './recording-disk.ts';

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
