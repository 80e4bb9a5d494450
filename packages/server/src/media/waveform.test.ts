import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWavHeader } from '@crosspoint/media';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWaveform } from './waveform.ts';

describe('waveform', () => {
  let directory: string;
  let path: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'crosspoint-waveform-'));
    path = join(directory, 'a.wav');
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function write(frames: number, statedFrames = frames): void {
    const bytes = Buffer.alloc(44 + frames * 4);
    writeWavHeader(bytes, { encoding: 'pcm16', channels: 2, rateHz: 8000 }, statedFrames * 4);
    for (let frame = 0; frame < frames; frame++) {
      bytes.writeInt16LE(Math.round((32_767 * frame) / frames), 44 + frame * 4);
      bytes.writeInt16LE(-16_384, 44 + frame * 4 + 2);
    }
    writeFileSync(path, bytes);
  }

  it('[PEAK-01] has both channels, in as many peaks as asked for, over more than one piece', async () => {
    write(200_000);
    const { durationSeconds, channels } = await readWaveform(path, 100);
    expect(durationSeconds).toBe(25);
    expect(channels.map((peaks) => peaks.length)).toEqual([100, 100]);
    expect(channels[0]?.[49]).toBeCloseTo(0.5, 2);
    expect(channels[0]?.[99]).toBeCloseTo(1, 2);
    expect(new Set(channels[1])).toEqual(new Set([0.5]));
  });

  it('[PEAK-01] reads a file whose header states more or nothing', async () => {
    write(800, 8000);
    expect((await readWaveform(path, 10)).durationSeconds).toBe(0.1);
    write(800, 0);
    expect(await readWaveform(path, 10)).toMatchObject({ durationSeconds: 0, channels: [[], []] });
  });

  it('[WAV-02] says what is wrong with a file or a number', async () => {
    writeFileSync(path, 'no sound');
    await expect(readWaveform(path, 10)).rejects.toThrow(/RIFF/);
    await expect(readWaveform(path, 0)).rejects.toThrow(/peaksPerChannel/);
    await expect(readWaveform(join(directory, 'nothing'), 10)).rejects.toThrow(/ENOENT/);
  });
});
