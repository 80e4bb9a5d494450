import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWavHeader, wavHeaderBytes } from '@crosspoint/media';
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
