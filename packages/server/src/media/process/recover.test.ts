import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mp3FrameBytes, mp3Silence, parseWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { afterAll, expect, test } from 'vitest';
import { recoverRecording } from './recover.ts';

const folder = mkdtempSync(join(tmpdir(), 'crosspoint-recover-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('[REC-02] [OPS-03] sound whose header never reached the disk is there after a repair', async () => {
  const path = join(folder, 'cut.wav');
  const secondBytes = 8_000 * 4;
  writeFileSync(path, Buffer.concat([Buffer.alloc(wavHeaderBytes), Buffer.alloc(secondBytes + 3, 7)]));
  const bytes = wavHeaderBytes + secondBytes;
  expect(await recoverRecording(path)).toEqual({ durationSeconds: 1, bytes, repaired: true });
  expect(await recoverRecording(path)).toEqual({ durationSeconds: 1, bytes, repaired: false });
  const file = readFileSync(path);
  expect(parseWavHeader(file)).toMatchObject({ rateHz: 8_000, channels: 2, dataBytes: secondBytes });
  expect(file).toHaveLength(bytes);
});

test.each([0, 20, 44])(
  '[REC-02] [OPS-03] a file that ends after %i bytes, all of them empty, becomes one without sound',
  async (size) => {
    const path = join(folder, `begun-${size}.wav`);
    writeFileSync(path, Buffer.alloc(size));
    expect(await recoverRecording(path)).toEqual({
      durationSeconds: 0,
      bytes: wavHeaderBytes,
      repaired: true,
    });
    expect((await recoverRecording(path)).repaired).toBe(false);
    expect(parseWavHeader(readFileSync(path))).toMatchObject({ dataBytes: 0 });
  },
);

/** Frames that differ from silence in every byte behind their header. */
function mp3Frames(count: number): Buffer {
  const frames = Buffer.from(mp3Silence(count));
  for (let at = 0; at < frames.length; at++) if (at % mp3FrameBytes >= 4) frames[at] = 1 + (at % 250);
  return frames;
}

test('[REC-10] [OPS-03] pages of an MP3 file that never reached the disk are silence, and what follows keeps its place', async () => {
  const path = join(folder, 'hole.mp3');
  const whole = mp3Frames(60);
  const cut = Buffer.concat([whole, Buffer.alloc(700)]);
  // The page from 4,096 on: frames 14 to 28 have bytes in it.
  cut.fill(0, 4_096, 8_192);
  writeFileSync(path, cut);
  const recovered = { durationSeconds: (60 * 576) / 8_000, bytes: whole.length };
  expect(await recoverRecording(path)).toEqual({ ...recovered, repaired: true });
  const expected = Buffer.from(whole);
  expected.set(mp3Silence(15), 14 * mp3FrameBytes);
  expect(readFileSync(path).equals(expected)).toBe(true);
  expect(await recoverRecording(path)).toEqual({ ...recovered, repaired: false });
});

test('[REC-10] [OPS-03] an MP3 file whose beginning never reached the disk begins with silence', async () => {
  const path = join(folder, 'beginning.mp3');
  const cut = mp3Frames(20);
  cut.fill(0, 0, 4_096);
  writeFileSync(path, cut.subarray(0, cut.length - 10));
  expect(await recoverRecording(path)).toEqual({
    durationSeconds: (19 * 576) / 8_000,
    bytes: 19 * mp3FrameBytes,
    repaired: true,
  });
  const expected = mp3Frames(20).subarray(0, 19 * mp3FrameBytes);
  expected.set(mp3Silence(15));
  expect(readFileSync(path).equals(expected)).toBe(true);
});

test('[REC-10] what is no MP3 is refused and left as it is', async () => {
  const path = join(folder, 'other.mp3');
  const other = Buffer.alloc(1_000, 'text');
  writeFileSync(path, other);
  await expect(recoverRecording(path)).rejects.toThrow('does not begin with a frame of MP3');
  expect(readFileSync(path).equals(other)).toBe(true);
});
