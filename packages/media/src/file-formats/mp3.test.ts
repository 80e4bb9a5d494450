import { describe, expect, it } from 'vitest';
import { mp3FrameBytes, mp3Silence, parseMp3Frame } from './mp3.ts';

describe('MP3 frames', () => {
  it('[MP3-01] frames of recordings have 288 bytes for 72 ms', () => {
    expect(mp3FrameBytes).toBe(288);
    const silence = mp3Silence(3);
    expect(silence).toHaveLength(864);
    for (const at of [0, 288, 576]) {
      expect(parseMp3Frame(silence, at)).toEqual({ bytes: 288, samples: 576, rateHz: 8000, channels: 2 });
    }
  });

  it.each([
    ['MPEG 1, 128 kbit/s, 44,100 Hz', [0xff, 0xfb, 0x90, 0x00], 417, 1_152, 44_100, 2],
    ['the same with padding', [0xff, 0xfb, 0x92, 0x00], 418, 1_152, 44_100, 2],
    ['MPEG 2, 64 kbit/s, 24,000 Hz, mono', [0xff, 0xf3, 0x84, 0xc0], 192, 576, 24_000, 1],
  ] as const)('[MP3-02] reads the header of %s', (_, header, bytes, samples, rateHz, channels) => {
    expect(parseMp3Frame(Uint8Array.from(header))).toEqual({ bytes, samples, rateHz, channels });
  });

  it.each([
    ['another sync word', [0xfe, 0xfb, 0x90, 0x00]],
    ['the reserved version', [0xff, 0xeb, 0x90, 0x00]],
    ['layer II', [0xff, 0xfd, 0x90, 0x00]],
    ['free format', [0xff, 0xfb, 0x00, 0x00]],
    ['the forbidden bitrate', [0xff, 0xfb, 0xf0, 0x00]],
    ['the reserved rate', [0xff, 0xfb, 0x9c, 0x00]],
    ['too few bytes', [0xff, 0xfb, 0x90]],
  ] as const)('[MP3-02] %s is no frame', (_, header) => {
    expect(parseMp3Frame(Uint8Array.from(header))).toBeUndefined();
  });
});
