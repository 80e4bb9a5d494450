import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWavHeader, wavHeaderBytes } from '@crosspoint/media';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileWrite } from './packets.ts';
import { type DiskError, PieceBuffers } from './recording-disk.ts';
import { WavDisk } from './recording-wav-disk.ts';

const pieceBytes = 4_000;
const buffers = new PieceBuffers(pieceBytes);
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wav-disk-'));
});
afterEach(() => rm(directory, { recursive: true }));

function pieceOf(descriptor: number, index: number) {
  const buffer = buffers.take() as Uint8Array;
  buffer.fill(index + 1);
  const position = index * pieceBytes;
  return { descriptor, buffer, length: pieceBytes, position, dataBytes: position + pieceBytes };
}

function written(disk: WavDisk, piece: ReturnType<typeof pieceOf>): Promise<DiskError | undefined> {
  return new Promise((resolve) => disk.write(piece, resolve));
}

it('[REC-04] 40 files at once are valid and whole, written by the threads for files', async () => {
  const disk = new WavDisk(() => undefined);
  const paths = Array.from({ length: 40 }, (_, index) => join(directory, `${index}.wav`));
  await Promise.all(
    paths.map(async (path) => {
      const descriptor = await disk.open(path);
      for (let index = 0; index < 3; index++)
        expect(await written(disk, pieceOf(descriptor, index))).toBeUndefined();
      expect(await new Promise((resolve) => disk.close(descriptor, resolve))).toBe(true);
    }),
  );
  for (const path of paths) {
    const bytes = readFileSync(path);
    expect(parseWavHeader(bytes)).toMatchObject({ dataBytes: 3 * pieceBytes });
    expect(bytes).toHaveLength(wavHeaderBytes + 3 * pieceBytes);
    for (let index = 0; index < 3; index++)
      expect(bytes[wavHeaderBytes + (index + 1) * pieceBytes - 1]).toBe(index + 1);
  }
});

it('[REC-04] what a write leaves over is written next, and the header after all of it', async () => {
  const writes: { length: number; position: number }[] = [];
  const ring: FileWrite = (_descriptor, _bytes, _start, length, position, done) => {
    writes.push({ length, position });
    done(Math.min(length, 1_500));
  };
  expect(await written(new WavDisk(() => ring), pieceOf(7, 1))).toBeUndefined();
  const first = wavHeaderBytes + pieceBytes;
  expect(writes).toEqual([
    { length: 4_000, position: first },
    { length: 2_500, position: first + 1_500 },
    { length: 1_000, position: first + 3_000 },
    { length: wavHeaderBytes, position: 0 },
  ]);
});

it.each([
  [-28, 'ENOSPC'],
  [-5, 'EIO'],
  [0, 'EIO'],
])('[REC-05] a write that ends with %i is told as %s, and the next one is tried', async (result, code) => {
  let isFull = true;
  const ring: FileWrite = (_descriptor, _bytes, _start, length, _position, done) =>
    done(isFull ? result : length);
  const disk = new WavDisk(() => ring);
  expect(await written(disk, pieceOf(7, 0))).toMatchObject({ code });
  isFull = false;
  expect(await written(disk, pieceOf(7, 0))).toBeUndefined();
});

it('[REC-06] a ring that hangs gets 64 writes and no more', () => {
  const waiting: (() => void)[] = [];
  const ring: FileWrite = (_descriptor, _bytes, _start, length, _position, done) =>
    void waiting.push(() => done(length));
  const disk = new WavDisk(() => ring);
  let done = 0;
  for (let index = 0; index < 100; index++) disk.write(pieceOf(7, index), () => done++);
  expect(waiting).toHaveLength(64);
  while (waiting.length > 0) waiting.shift()?.();
  expect(done).toBe(100);
});
