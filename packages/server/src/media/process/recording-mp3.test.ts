import { mp3FrameBytes, mp3FrameSamples, parseMp3Frame, synthesizeTone } from '@crosspoint/media';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMp3Encoder } from 'wasm-media-encoders';
import { type Mp3Encoder, Mp3Recording } from './recording-mp3.ts';

/** What the encoder adds: its delay, and what fills the last frame. */
const delaySamplesMax = 1_105 + 2 * mp3FrameSamples;
const pieceFrames = 5_600;

let encoder: Mp3Encoder;
beforeAll(async () => {
  encoder = await createMp3Encoder();
});

/** Interleaved stereo: a tone on the left, silence on the right. */
function stereo(frames: number): Int16Array {
  const tone = synthesizeTone({ frequenciesHz: [440], levelDbm0: -10, onMs: 1000 });
  return Int16Array.from({ length: frames * 2 }, (_, i) =>
    i % 2 === 0 ? (tone[(i >> 1) % 8000] as number) : 0,
  );
}

function record(pieces: readonly { position: number; frames: number }[], fileBytes = 0) {
  const recording = new Mp3Recording(encoder, fileBytes);
  for (const { position, frames } of pieces) recording.append(stereo(frames), position);
  recording.finish();
  return recording.take();
}

const pieces = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ position: from + i * pieceFrames, frames: pieceFrames }));

/** Frames of a file, each of which must be one of ours. */
function framesIn(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at += mp3FrameBytes) {
    expect(parseMp3Frame(bytes, at)).toEqual({ bytes: 288, samples: 576, rateHz: 8000, channels: 2 });
  }
  return bytes.length / mp3FrameBytes;
}

describe('MP3 recordings', () => {
  it('[REC-10] are whole frames of constant size, as long as the sound', () => {
    const { bytes, peaks } = record(pieces(10));
    const samples = framesIn(bytes) * mp3FrameSamples;
    expect(samples).toBeGreaterThanOrEqual(10 * pieceFrames);
    expect(samples).toBeLessThanOrEqual(10 * pieceFrames + delaySamplesMax);
    // A peak each 20 ms: −10 dBm0 on the left, nothing on the right.
    expect(peaks).toHaveLength((2 * (10 * pieceFrames)) / 160);
    expect(peaks[100]).toBeGreaterThan(50);
    expect(peaks[101]).toBe(0);
  });

  it('[REC-10] a piece that comes again is not encoded twice', () => {
    const once = record(pieces(5));
    const again = record(pieces(5).flatMap((piece) => [piece, piece]));
    expect(Buffer.from(again.bytes).equals(once.bytes)).toBe(true);
    expect(again.peaks).toEqual(once.peaks);
  });

  it.each([0.5, 1.9, 2.1, 60, 3_600])('[REC-11] a gap of %d s keeps its length', (gapSeconds) => {
    const gap = Math.round(gapSeconds * 8_000);
    const second = 3 * pieceFrames + gap;
    const { bytes, peaks } = record([...pieces(3), ...pieces(3, second)]);
    const samples = framesIn(bytes) * mp3FrameSamples;
    expect(samples).toBeGreaterThanOrEqual(second + 3 * pieceFrames - mp3FrameSamples);
    expect(samples).toBeLessThanOrEqual(second + 3 * pieceFrames + delaySamplesMax);
    expect(peaks.length).toBe(2 * Math.floor((second + 3 * pieceFrames) / 160));
  });

  it('[REC-11] goes on in a file that another thread has left', () => {
    const before = 100 * mp3FrameBytes;
    const { bytes } = record(pieces(3, 100 * mp3FrameSamples), before);
    const samples = framesIn(bytes) * mp3FrameSamples;
    expect(Math.abs(samples - 3 * pieceFrames)).toBeLessThanOrEqual(delaySamplesMax);
  });
});
