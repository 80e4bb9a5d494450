import { open } from 'node:fs/promises';
import { PeakMeter, parseWavHeader, wavFrameBytes } from '@crosspoint/media';

export interface Waveform {
  durationSeconds: number;
  /** One list per channel (left, right), each peak 0–1. */
  channels: number[][];
}

const headBytes = 4096;
const pieceBytes = 256 * 1024;

/**
 * Peaks of a recording for a player, read in pieces. A file that is still being written, or that a crash left, is
 * read as far as it goes. Rejects with an Error that says what is wrong with the file.
 * @param peaksPerChannel 1–10,000; fewer come back when the recording has fewer frames
 */
export async function readWaveform(path: string, peaksPerChannel: number): Promise<Waveform> {
  if (!Number.isInteger(peaksPerChannel) || peaksPerChannel < 1 || peaksPerChannel > 10_000) {
    throw new RangeError(`peaksPerChannel: a whole number of 1–10,000 is wanted, not ${peaksPerChannel}`);
  }
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(Math.min(size, headBytes));
    await file.read(head, 0, head.length, 0);
    const info = parseWavHeader(head);
    if ('problem' in info) throw new Error(`${path}: ${info.problem}`);
    if (info.encoding !== 'pcm16')
      throw new Error(`${path}: peaks are read from PCM files, not ${info.encoding}`);
    const frameBytes = wavFrameBytes(info);
    const dataBytes = Math.min(info.dataBytes, size - info.dataStart);
    const frames = Math.floor(dataBytes / frameBytes);
    const meter = new PeakMeter(
      info.channels,
      Math.max(1, Math.ceil(frames / peaksPerChannel)),
      peaksPerChannel,
    );
    const piece = Buffer.alloc(pieceBytes);
    for (let at = 0; at < frames * frameBytes; at += pieceBytes) {
      const wanted = Math.min(pieceBytes, frames * frameBytes - at);
      const { bytesRead } = await file.read(piece, 0, wanted, info.dataStart + at);
      meter.push(
        new Int16Array(piece.buffer, piece.byteOffset, Math.floor(bytesRead / frameBytes) * info.channels),
      );
    }
    return { durationSeconds: frames / info.rateHz, channels: meter.finish() };
  } finally {
    await file.close();
  }
}
